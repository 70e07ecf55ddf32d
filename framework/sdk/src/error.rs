//! What a backend answers when it cannot: a status and a sentence.

use std::borrow::Cow;
use std::fmt;

use smbench_abi::Status;

/// What every fallible function of this crate returns.
pub type Result<T = ()> = std::result::Result<T, Error>;

/// Why a call did not happen. The message is a lower-case fragment; the host cuts it at 255 bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error(Box<Reason>); // a pointer, so that a result travels in registers on the path that is timed

#[derive(Clone, PartialEq, Eq, Debug)]
struct Reason {
    status: Status,
    message: Cow<'static, str>,
}

impl Error {
    /// This backend does not do that shape, stride, type or variant: a row of its own in the table, never a failure.
    pub fn unsupported(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::Unsupported, message)
    }

    /// The arguments contradict themselves.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::Invalid, message)
    }

    /// Memory could not be had.
    pub fn out_of_memory(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::OutOfMemory, message)
    }

    /// Anything else.
    pub fn failed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::Failed, message)
    }

    /// What the host is told.
    pub fn status(&self) -> Status {
        self.0.status
    }

    #[cold]
    pub(crate) fn new(status: Status, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Reason { status, message: message.into() }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
