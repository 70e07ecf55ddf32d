//! The counting malloc family (Linux with glibc).
//!
//! Defined in the binary, so every plugin's `malloc` resolves to it, Rust or C, without the plugin's
//! help. Each function forwards to glibc's own; while counting is on it also counts, in all threads.
//! What it cannot see (direct mmap, an allocator linked into the plugin) shows in the peak resident size.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};

use smbench_harness::{AllocationCounter, Counted};

/// The counter that the harness is given.
pub const COUNTER: AllocationCounter = AllocationCounter { start, stop };

static COUNTING: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
/// Usable bytes allocated minus freed since the start; negative when old blocks are freed.
static LIVE: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);

fn start() {
    COUNT.store(0, Relaxed);
    BYTES.store(0, Relaxed);
    LIVE.store(0, Relaxed);
    PEAK.store(0, Relaxed);
    COUNTING.store(true, Relaxed);
}

fn stop() -> Counted {
    COUNTING.store(false, Relaxed);
    Counted {
        count: COUNT.load(Relaxed),
        bytes: BYTES.load(Relaxed),
        peak_bytes: PEAK.load(Relaxed).max(0) as u64,
        kept_bytes: LIVE.load(Relaxed),
    }
}

unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(block: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_free(block: *mut c_void);
    fn __libc_memalign(align: usize, size: usize) -> *mut c_void;
    fn malloc_usable_size(block: *mut c_void) -> usize;
}

#[inline]
fn allocated(block: *mut c_void, size: usize) -> *mut c_void {
    if COUNTING.load(Relaxed) && !block.is_null() {
        COUNT.fetch_add(1, Relaxed);
        BYTES.fetch_add(size as u64, Relaxed);
        // SAFETY: a live block of the allocator's.
        let usable = unsafe { malloc_usable_size(block) } as i64;
        let live = LIVE.fetch_add(usable, Relaxed) + usable;
        PEAK.fetch_max(live, Relaxed);
    }
    block
}

#[inline]
fn freed(block: *mut c_void) {
    if COUNTING.load(Relaxed) && !block.is_null() {
        // SAFETY: a live block of the allocator's, not yet freed.
        LIVE.fetch_sub(unsafe { malloc_usable_size(block) } as i64, Relaxed);
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    // SAFETY: forwarded.
    allocated(unsafe { __libc_malloc(size) }, size)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    // SAFETY: forwarded.
    allocated(unsafe { __libc_calloc(count, size) }, count.wrapping_mul(size))
}

/// Counts as a new block: it may move, and a pool would not have needed it.
#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(block: *mut c_void, size: usize) -> *mut c_void {
    freed(block);
    // SAFETY: forwarded.
    allocated(unsafe { __libc_realloc(block, size) }, size)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn free(block: *mut c_void) {
    freed(block);
    // SAFETY: forwarded.
    unsafe { __libc_free(block) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memalign(align: usize, size: usize) -> *mut c_void {
    // SAFETY: forwarded.
    allocated(unsafe { __libc_memalign(align, size) }, size)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn aligned_alloc(align: usize, size: usize) -> *mut c_void {
    // SAFETY: forwarded; glibc's own does the same.
    allocated(unsafe { __libc_memalign(align, size) }, size)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn reallocarray(block: *mut c_void, count: usize, size: usize) -> *mut c_void {
    match count.checked_mul(size) {
        // SAFETY: forwarded.
        Some(size) => unsafe { realloc(block, size) },
        None => ptr::null_mut(),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn valloc(size: usize) -> *mut c_void {
    const PAGE: usize = 4096;
    // SAFETY: forwarded.
    unsafe { memalign(PAGE, size) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(out: *mut *mut c_void, align: usize, size: usize) -> c_int {
    if !align.is_power_of_two() || !align.is_multiple_of(size_of::<usize>()) {
        return libc::EINVAL;
    }
    // SAFETY: forwarded; `out` is the caller's.
    unsafe {
        let block = allocated(__libc_memalign(align, size), size);
        if block.is_null() {
            return libc::ENOMEM;
        }
        *out = block;
    }
    0
}
