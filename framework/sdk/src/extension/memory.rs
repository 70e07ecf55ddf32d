//! memory: tensors from the backend's own allocator or pool.

use std::alloc::Layout;
use std::ptr;

use smbench_abi::{Context, DType, MAX_RANK, Status, Tensor, extension as raw};

use super::ExtensionEntry;
use crate::bridge::call::answer;
use crate::bridge::context::{Instance, instance};
use crate::memory::{Allocator, Block};
use crate::{Backend, Error, Result};

/// Tensors from the backend's own allocator. The SDK keeps those that are out, so that they die with their context.
pub trait Memory {
    /// [`TensorPool`](crate::memory::TensorPool), [`PlainAllocator`](crate::memory::PlainAllocator) or your own.
    type Allocator: Allocator;

    /// Where tensors come from and go to.
    fn allocator(&mut self) -> &mut Self::Allocator;
}

/// The line for [`Backend::EXTENSIONS`].
pub const fn entry<B: Backend + Memory>() -> ExtensionEntry<B> {
    // SAFETY: the shims below keep the contract.
    unsafe { ExtensionEntry::raw(&Shim::<B>::TABLE) }
}

struct Shim<B>(B);

impl<B: Backend + Memory> Shim<B> {
    const TABLE: raw::Memory = raw::Memory {
        struct_size: size_of::<raw::Memory>() as u32,
        reserved: 0,
        acquire: Some(acquire::<B>),
        release: Some(release::<B>),
        trim: Some(trim::<B>),
        stats: Some(stats::<B>),
    };
}

#[allow(clippy::too_many_arguments)] // the contract's signature
unsafe extern "C" fn acquire<B: Backend + Memory>(
    context: *mut Context,
    dtype: DType,
    rank: u32,
    dims: *const u64,
    align: usize,
    zeroed: u32,
    tensor: *mut Tensor,
    error: *mut smbench_abi::Error,
) -> Status {
    let acquire = || {
        // SAFETY: the host's promises: a context of this table, `rank` sizes, a tensor to write.
        let (instance, sizes, tensor) = unsafe { (instance::<B>(context)?, read_dims(rank, dims)?, tensor.as_mut()) };
        let dims = &sizes[..rank as usize];
        let tensor = tensor.ok_or_else(|| Error::invalid("the tensor to fill is NULL"))?;
        let block = instance.acquire(layout(dtype, dims, align)?, zeroed != 0)?;
        *tensor = Tensor::contiguous(block.as_mut_ptr().cast(), dtype, dims);
        Ok(())
    };
    // SAFETY: NULL or writable, says the contract.
    unsafe { answer(error, acquire) }
}

unsafe extern "C" fn release<B: Backend + Memory>(context: *mut Context, tensor: *const Tensor) {
    // SAFETY: the host's promises: a context of this table, and a tensor or NULL.
    let release = || unsafe {
        if let Some(tensor) = tensor.as_ref() {
            instance::<B>(context)?.release(tensor.data.cast());
        }
        Ok(())
    };
    // SAFETY: no error to write to.
    _ = unsafe { answer(ptr::null_mut(), release) };
}

unsafe extern "C" fn trim<B: Backend + Memory>(context: *mut Context) {
    // SAFETY: the host's promise: a context of this table.
    let trim = || unsafe {
        instance::<B>(context)?.backend.allocator().trim();
        Ok(())
    };
    // SAFETY: no error to write to.
    _ = unsafe { answer(ptr::null_mut(), trim) };
}

unsafe extern "C" fn stats<B: Backend + Memory>(context: *mut Context, stats: *mut raw::MemoryStats) {
    // SAFETY: the host's promises: a context of this table, and as many writable bytes as `stats` says.
    let read = || unsafe {
        let ours = instance::<B>(context)?.stats();
        if !stats.is_null() {
            write_sized(stats, (*stats).struct_size, ours);
        }
        Ok(())
    };
    // SAFETY: no error to write to.
    _ = unsafe { answer(ptr::null_mut(), read) };
}

impl<B: Memory> Instance<B> {
    fn acquire(&mut self, layout: Layout, zeroed: bool) -> Result<&mut Block> {
        let allocator = self.backend.allocator();
        let hits = allocator.stats().hits;
        let mut block = allocator.acquire(layout)?;
        self.tensors_reused += allocator.stats().hits - hits;
        if zeroed {
            block.zero();
        }
        self.tensors_acquired += 1;
        self.tensors.push(block);
        Ok(self.tensors.last_mut().expect("just pushed"))
    }

    /// What is released is usually what was acquired last. What is not ours is left alone.
    fn release(&mut self, data: *mut u8) {
        if let Some(index) = self.tensors.iter_mut().rposition(|block| block.as_mut_ptr() == data) {
            let block = self.tensors.swap_remove(index);
            self.backend.allocator().release(block);
        }
    }

    fn stats(&mut self) -> raw::MemoryStats {
        let pool = self.backend.allocator().stats();
        raw::MemoryStats {
            struct_size: size_of::<raw::MemoryStats>() as u32,
            reserved: 0,
            acquired: self.tensors_acquired,
            reused: self.tensors_reused,
            live_bytes: self.tensors.iter().map(|block| block.bytes() as u64).sum(),
            held_bytes: pool.held_bytes,
        }
    }
}

/// # Safety
/// `dims` is NULL or holds `rank` sizes.
unsafe fn read_dims(rank: u32, dims: *const u64) -> Result<[usize; MAX_RANK]> {
    if dims.is_null() || rank == 0 || rank as usize > MAX_RANK {
        return Err(Error::invalid(format!("a tensor of rank {rank} cannot be acquired")));
    }
    // SAFETY: says the caller.
    let dims = unsafe { std::slice::from_raw_parts(dims, rank as usize) };
    let mut sizes = [1; MAX_RANK]; // no vector: in the steady state an acquire allocates nothing
    sizes.iter_mut().zip(dims).for_each(|(size, &dim)| *size = dim as usize);
    Ok(sizes)
}

fn layout(dtype: DType, dims: &[usize], align: usize) -> Result<Layout> {
    const MOST_ALIGN: usize = 4096;
    if dtype.size() == 0 {
        return Err(Error::unsupported(format!("dtype {} is unknown", dtype.0)));
    }
    if !align.is_power_of_two() || align > MOST_ALIGN {
        return Err(Error::invalid(format!("alignment {align} is not a power of two up to {MOST_ALIGN}")));
    }
    let bytes = dims.iter().try_fold(dtype.size(), |bytes, &size| bytes.checked_mul(size));
    let layout = bytes.filter(|&bytes| bytes > 0).and_then(|bytes| Layout::from_size_align(bytes, align).ok());
    layout.ok_or_else(|| Error::invalid("a tensor of no bytes, or of more than the address space"))
}

/// Writes as much of `ours` as both sides know, but for the size, which stays theirs.
///
/// # Safety
/// `theirs` points to `struct_size` writable bytes that start with a `T`, whose first field is `struct_size: u32`.
pub(super) unsafe fn write_sized<T>(theirs: *mut T, struct_size: u32, ours: T) {
    let common = (struct_size as usize).min(size_of::<T>());
    let rest = common.saturating_sub(size_of::<u32>());
    // SAFETY: no more is written than they have and than we have.
    unsafe {
        let (from, to) = ((&raw const ours).cast::<u8>(), theirs.cast::<u8>());
        ptr::copy_nonoverlapping(from.add(size_of::<u32>()), to.add(size_of::<u32>()), rest);
    }
}
