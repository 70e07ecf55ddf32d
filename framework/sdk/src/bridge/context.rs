//! What is behind the host's opaque `Context`.

use std::any::Any;
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr;

use smbench_abi::Context;

use crate::extension::ModelSpec;
use crate::memory::Block;
use crate::{Backend, Error, Result};

/// A backend and what the host holds through it. Dropping it ends all of that.
pub(crate) struct Instance<B> {
    pub(crate) backend: B,
    /// Tensors that are out; the SDK keeps them, so that they die with the context at the latest.
    pub(crate) tensors: Vec<Block>,
    /// Acquired since creation.
    pub(crate) tensors_acquired: u64,
    /// Of these, served without asking the system. The allocator's own hits are of more than tensors.
    pub(crate) tensors_reused: u64,
    /// Prepared weights that are out, by handle.
    pub(crate) prepared: Vec<Handle>,
    /// Models that are built.
    pub(crate) decoders: Vec<Decoder>,
}

/// A model that is built; the host's handle is the address of its second part.
pub(crate) struct Decoder {
    pub(crate) spec: ModelSpec,
    pub(crate) built: Box<dyn Any + Send>,
}

/// Prepared weights; the host's handle is their address.
pub(crate) struct Handle(*mut Prepared);

/// What a backend made of a constant operand.
pub(crate) type Prepared = Box<dyn Any + Send + Sync>;

impl<B: Backend> Instance<B> {
    /// Hands a new instance to the host.
    pub(crate) fn into_context(backend: B) -> *mut Context {
        let instance = Self {
            backend,
            tensors: Vec::new(),
            tensors_acquired: 0,
            tensors_reused: 0,
            prepared: Vec::new(),
            decoders: Vec::new(),
        };
        Box::into_raw(Box::new(instance)).cast()
    }

    /// Takes it back and drops it.
    ///
    /// # Safety
    /// `context` is from [`into_context`](Self::into_context) and not used again.
    pub(crate) unsafe fn drop_context(context: *mut Context) {
        // SAFETY: says the caller.
        drop(unsafe { Box::from_raw(context.cast::<Self>()) });
    }
}

/// The instance behind `context`.
///
/// # Safety
/// `context` is NULL or from [`Instance::<B>::into_context`], alive, and not in use elsewhere for `'a`.
pub(crate) unsafe fn instance<'a, B: Backend>(context: *mut Context) -> Result<&'a mut Instance<B>> {
    // SAFETY: says the caller.
    unsafe { context.cast::<Instance<B>>().as_mut() }.ok_or_else(|| Error::invalid("the context is NULL"))
}

impl Decoder {
    /// Stays the same while it lives, and is never NULL.
    pub(crate) fn handle(&self) -> *mut c_void {
        ptr::from_ref(&*self.built).cast_mut().cast()
    }
}

impl Handle {
    pub(crate) fn new(prepared: Prepared) -> Self {
        Self(Box::into_raw(Box::new(prepared)))
    }

    /// What it is a handle of; the address means nothing any more.
    pub(crate) fn into_prepared(self) -> Prepared {
        let this = ManuallyDrop::new(self);
        // SAFETY: made by `Box::into_raw` in `new`, and not dropped besides.
        *unsafe { Box::from_raw(this.0) }
    }

    pub(crate) fn address(&self) -> *const Prepared {
        self.0
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: made by `Box::into_raw` in `new`, and dropped once.
        drop(unsafe { Box::from_raw(self.0) });
    }
}
