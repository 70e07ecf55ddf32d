//! session: many calls from inside the backend's own thread pool.

use std::ffi::c_void;

use smbench_abi::{Context, Status, extension as raw};

use super::ExtensionEntry;
use crate::bridge::call::answer;
use crate::bridge::context::instance;
use crate::{Backend, Error};

/// Many calls from inside the backend's own pool: entering one from outside costs 20–90 µs a call.
pub trait Session {
    /// [`ThreadPool`](crate::ThreadPool), or your own.
    type Runner: Runner;

    /// Something that gets onto the pool without the backend, whose ops run meanwhile: a cheap clone.
    fn runner(&self) -> Self::Runner;
}

/// Gets onto a pool.
pub trait Runner {
    /// Calls `body` on a thread of the pool, and returns when it has returned.
    fn run(&self, body: impl FnOnce() + Send);
}

/// The line for [`Backend::EXTENSIONS`].
pub const fn entry<B: Backend + Session>() -> ExtensionEntry<B> {
    // SAFETY: the shim below keeps the contract.
    unsafe { ExtensionEntry::raw(&Shim::<B>::TABLE) }
}

struct Shim<B>(B);

impl<B: Backend + Session> Shim<B> {
    const TABLE: raw::Session =
        raw::Session { struct_size: size_of::<raw::Session>() as u32, reserved: 0, run: Some(run::<B>) };
}

unsafe extern "C" fn run<B: Backend + Session>(
    context: *mut Context,
    body: raw::Body,
    data: *mut c_void,
    error: *mut smbench_abi::Error,
) -> Status {
    let run = || {
        // The borrow of the backend ends here: the body calls ops of the same context.
        // SAFETY: the host's promise: a context of this table.
        let runner = unsafe { instance::<B>(context)? }.backend.runner();
        let call = Call { body, data };
        let mut called = false;
        runner.run(|| {
            called = true;
            call.call();
        });
        if called { Ok(()) } else { Err(Error::failed("the pool did not run the session")) }
    };
    // SAFETY: NULL or writable, says the contract.
    unsafe { answer(error, run) }
}

/// The host's body on its way to another thread.
struct Call {
    body: raw::Body,
    data: *mut c_void,
}

// SAFETY: the contract has the body run on any thread.
unsafe impl Send for Call {}

impl Call {
    fn call(self) {
        // SAFETY: once, with the host's own data.
        unsafe { (self.body)(self.data) }
    }
}

/// Runs on the caller's thread.
impl Runner for () {
    fn run(&self, body: impl FnOnce() + Send) {
        body();
    }
}
