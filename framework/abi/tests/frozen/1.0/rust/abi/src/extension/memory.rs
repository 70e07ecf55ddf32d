//! memory: tensors from the plugin's own allocator or pool.

use core::ffi::CStr;

use super::Extension;
use crate::{Context, DType, Error, Status, Tensor};

/// What the allocator has done since the context was created.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct MemoryStats {
    /// `sizeof` this struct as the host was compiled; the plugin writes no further.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// Calls of `acquire` that succeeded.
    pub acquired: u64,
    /// Those that were served without asking the system allocator.
    pub reused: u64,
    /// Bytes in tensors that are out now.
    pub live_bytes: u64,
    /// Bytes held for reuse now.
    pub held_bytes: u64,
}

/// Tensors that the plugin allocates. They die with their context at the latest.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Memory {
    /// `sizeof` this struct as the plugin was compiled.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// Fills `tensor` with a contiguous tensor of `rank` dims, `align` bytes aligned (a power of two, at
    /// most 4096). The content is undefined unless `zeroed` is 1.
    /// `[created · any thread, one caller at a time per context · plugin owns the memory, host until release]`
    pub acquire: Option<
        unsafe extern "C" fn(
            context: *mut Context,
            dtype: DType,
            rank: u32,
            dims: *const u64,
            align: usize,
            zeroed: u32,
            tensor: *mut Tensor,
            error: *mut Error,
        ) -> Status,
    >,
    /// Gives a tensor back.
    /// `[created · any thread, one caller at a time per context · plugin owns the memory again]`
    pub release: Option<unsafe extern "C" fn(context: *mut Context, tensor: *const Tensor)>,
    /// Returns what is held for reuse to the system; a no-op without a pool.
    /// `[created · any thread, one caller at a time per context]`
    pub trim: Option<unsafe extern "C" fn(context: *mut Context)>,
    /// Fills `stats` up to its `struct_size`.
    /// `[created · any thread, one caller at a time per context · host owns the result]`
    pub stats: Option<unsafe extern "C" fn(context: *mut Context, stats: *mut MemoryStats)>,
}

// SAFETY: `#[repr(C)]`, `struct_size` first, all fields may be zero.
unsafe impl Extension for Memory {
    const ID: &'static CStr = c"memory/1";
}
