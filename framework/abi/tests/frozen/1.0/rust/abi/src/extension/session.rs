//! session: many calls from inside the plugin's own thread pool.
//!
//! Entering a rayon pool from outside costs 20–90 µs a call, and a pool of the host's would not help,
//! because every cdylib has its own rayon. So the host hands its loop to the plugin, and reads the
//! clock inside it.

use core::ffi::{CStr, c_void};

use super::Extension;
use crate::{Context, Error, Status};

/// What the host wants run; it calls ops of the same context.
pub type Body = unsafe extern "C" fn(data: *mut c_void);

/// Runs the host's loop on a thread of the plugin's own pool.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Session {
    /// `sizeof` this struct as the plugin was compiled.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// Calls `body(data)` exactly once on a thread of the context's pool, and returns after it has returned. An op
    /// called from inside `body` is not a second caller.
    /// `[created · any thread, one caller at a time per context · host owns data]`
    pub run:
        Option<unsafe extern "C" fn(context: *mut Context, body: Body, data: *mut c_void, error: *mut Error) -> Status>,
}

// SAFETY: `#[repr(C)]`, `struct_size` first, all fields may be zero.
unsafe impl Extension for Session {
    const ID: &'static CStr = c"session/1";
}
