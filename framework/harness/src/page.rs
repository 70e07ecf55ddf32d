//! The attribution page, mapped from the descriptor the host passed.

use std::io;
use std::os::fd::RawFd;
use std::ptr;

use smbench_core::attribution::Page;

/// Maps the page for the life of the process; without a descriptor, a page nobody reads.
pub fn map(file: Option<RawFd>) -> io::Result<&'static Page> {
    let Some(file) = file else { return Ok(Box::leak(Box::default())) };
    // SAFETY: a new shared mapping of at least one page; never unmapped.
    let address = unsafe {
        libc::mmap(ptr::null_mut(), size_of::<Page>(), libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED, file, 0)
    };
    if address == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: page-aligned, zero or written by this type, and mapped for good.
    Ok(unsafe { &*address.cast::<Page>() })
}
