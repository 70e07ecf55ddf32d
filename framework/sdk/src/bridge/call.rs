//! One op call: from `(context, args, error)` to a safe function and back.

use std::any::Any;
use std::ffi::{CStr, c_void};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use smbench_abi::{ArgsHeader, Context, OpArgs, OpFn, Status};

use super::context;
use crate::{Backend, Error, Result};

/// How the arguments of one op of the contract become a call on a backend.
pub(crate) trait Op<B>: 'static {
    /// The op's argument struct.
    type Args: OpArgs;

    /// Runs the op once.
    ///
    /// # Safety
    /// Each tensor in `args` describes memory as the op's contract says, for the time of the call; the memory behind
    /// inputs is not written meanwhile, that behind outputs not touched by anybody else.
    unsafe fn run(backend: &mut B, args: &Self::Args) -> Result;
}

/// A line of [`Backend::OPS`].
pub struct OpEntry<B> {
    id: &'static CStr,
    call: OpFn,
    implementation: &'static str,
    backend: PhantomData<fn(&mut B)>,
}

impl<B: Backend> OpEntry<B> {
    /// The entry of `O`.
    pub(crate) const fn of<O: Op<B>>() -> Self {
        Self { id: O::Args::ID, call: call::<B, O>, implementation: "", backend: PhantomData }
    }

    /// An entry with a foreign function, for what the traits of [`op`](crate::op) cannot express.
    ///
    /// # Safety
    /// `call` keeps the contract of [`OpFn`]; its context is one of `B`'s, see [`with_backend`].
    pub const unsafe fn raw(id: &'static CStr, call: OpFn) -> Self {
        Self { id, call, implementation: "", backend: PhantomData }
    }

    /// Says in a few words what runs, for the receipt: `"loops i-k-j"`.
    pub const fn runs(self, implementation: &'static str) -> Self {
        Self { implementation, ..self }
    }

    /// The id, with its revision.
    pub const fn id(&self) -> &'static CStr {
        self.id
    }

    /// What [`runs`](Self::runs) said, or nothing.
    pub const fn implementation(&self) -> &'static str {
        self.implementation
    }

    pub(crate) const fn call(&self) -> OpFn {
        self.call
    }
}

/// Runs `body` on the backend behind `context` as every shim does: a NULL context, an error and a panic each become a
/// status, and the message goes to `error` unless that is NULL.
///
/// # Safety
/// `context` is NULL or from `B`'s table, alive, and not in use elsewhere; `error` is NULL or writable.
pub unsafe fn with_backend<B: Backend>(
    context: *mut Context,
    error: *mut smbench_abi::Error,
    body: impl FnOnce(&mut B) -> Result,
) -> Status {
    // SAFETY: both are the caller's promises.
    unsafe { answer(error, || body(&mut context::instance::<B>(context)?.backend)) }
}

/// Runs `body`, and tells the host how it went.
///
/// # Safety
/// `error` is NULL or writable.
pub(crate) unsafe fn answer(error: *mut smbench_abi::Error, body: impl FnOnce() -> Result) -> Status {
    // A backend that panicked may be half-way through a change of its own; the host decides whether to go on with it.
    let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(panicked(&*panic)));
    match result {
        Ok(()) => Status::Ok,
        // SAFETY: NULL or writable, says the caller.
        Err(reason) => tell(&reason, unsafe { error.as_mut() }),
    }
}

#[cold]
fn tell(reason: &Error, error: Option<&mut smbench_abi::Error>) -> Status {
    if let Some(error) = error {
        error.set(&reason.to_string());
    }
    reason.status()
}

#[cold]
fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::new(Status::Panicked, text.unwrap_or("a panic without a message").to_owned())
}

unsafe extern "C" fn call<B: Backend, O: Op<B>>(
    context: *mut Context,
    args: *const c_void,
    error: *mut smbench_abi::Error,
) -> Status {
    // SAFETY: the host's promises: a context of this table, one call at a time, and operands as the op says.
    unsafe { with_backend::<B>(context, error, |backend| O::run(backend, read_args::<O::Args>(args)?)) }
}

#[cold]
fn too_small(theirs: usize, ours: usize) -> Error {
    Error::invalid(format!("the argument struct has {theirs} bytes, {ours} are needed"))
}

/// An argument struct that begins with a header.
///
/// # Safety
/// `args` is NULL or points to as many readable bytes as it says, unchanged for `'a`; `A` is `#[repr(C)]`, plain data, and
/// its first field a header.
pub(crate) unsafe fn read_args<'a, A: Copy>(args: *const c_void) -> Result<&'a A> {
    if args.is_null() || !args.cast::<A>().is_aligned() {
        return Err(Error::invalid("the argument struct is NULL or misaligned"));
    }
    // SAFETY: every argument struct starts with a header.
    let theirs = unsafe { (*args.cast::<ArgsHeader>()).struct_size } as usize;
    if theirs < size_of::<A>() {
        return Err(too_small(theirs, size_of::<A>()));
    }
    // SAFETY: not NULL, aligned, large enough, plain data.
    Ok(unsafe { &*args.cast() })
}
