//! receipt: what really ran.

use core::ffi::{CStr, c_char};

use super::Extension;
use crate::Context;

/// What the context's last op really used. Texts are NUL-terminated UTF-8, cut to fit.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Receipt {
    /// `sizeof` this struct as the host was compiled; the plugin writes no further.
    pub struct_size: u32,
    /// Threads that took part; 0 when not known.
    pub threads: u32,
    /// Kernel tier: `"avx512"`.
    pub tier: [u8; 32],
    /// Implementation, in a few words: `"loops i-k-j"`, `"faer 0.24 matmul"`.
    pub implementation: [u8; 96],
    /// Buffers served from the plugin's pool since creation.
    pub pool_hits: u64,
    /// Buffers the pool had to allocate since creation.
    pub pool_misses: u64,
}

impl Receipt {
    /// An unwritten receipt of this version's size.
    pub const EMPTY: Self = Self {
        struct_size: size_of::<Self>() as u32,
        threads: 0,
        tier: [0; 32],
        implementation: [0; 96],
        pool_hits: 0,
        pool_misses: 0,
    };
}

/// Tells what really ran.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ReceiptTable {
    /// `sizeof` this struct as the plugin was compiled.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// Fills `receipt` up to its `struct_size` for the op `id` (`"matmul/1"`), as it would run or last ran. Of a model that
    /// the plugin builds itself the host asks by that extension's id; an unknown id has an empty receipt.
    /// `[created · any thread, one caller at a time per context · host owns the result]`
    pub read: Option<unsafe extern "C" fn(context: *mut Context, id: *const c_char, receipt: *mut Receipt)>,
}

// SAFETY: `#[repr(C)]`, `struct_size` first, all fields may be zero.
unsafe impl Extension for ReceiptTable {
    const ID: &'static CStr = c"receipt/1";
}
