//! weights: constant operands, prepared once (packed, transposed, uploaded).

use core::ffi::{CStr, c_char, c_void};

use super::Extension;
use crate::{Context, Error, Status, Tensor};

/// Prepared weights. The host keeps the source alive and unchanged until release, and times
/// `prepare` as part of a model's creation.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Weights {
    /// `sizeof` this struct as the plugin was compiled.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// Prepares `source` for `role` (`"matmul.b"`, `"matmul.b_transposed"`) and writes a handle that is not NULL; an unknown role is `Unsupported`, which means:
    /// pass the tensor itself.
    /// `[created · any thread, one caller at a time per context · plugin owns the handle until release]`
    pub prepare: Option<
        unsafe extern "C" fn(
            context: *mut Context,
            source: *const Tensor,
            role: *const c_char,
            handle: *mut *const c_void,
            error: *mut Error,
        ) -> Status,
    >,
    /// Ends a handle.
    /// `[created · any thread, one caller at a time per context · the handle is gone]`
    pub release: Option<unsafe extern "C" fn(context: *mut Context, handle: *const c_void)>,
}

// SAFETY: `#[repr(C)]`, `struct_size` first, all fields may be zero.
unsafe impl Extension for Weights {
    const ID: &'static CStr = c"weights/1";
}
