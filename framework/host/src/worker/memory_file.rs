//! Memory that a worker inherits: the attribution page, and the buffers of a split launch.
#![allow(unsafe_code)] // memfd_create and mmap have no safe form in std

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::ptr;

use smbench_core::attribution::Page;

/// An anonymous file in memory that children inherit by number.
#[derive(Debug)]
pub struct MemoryFile(File);

impl MemoryFile {
    /// An empty file. Whoever gives it a length seals that.
    pub fn new() -> io::Result<Self> {
        // SAFETY: a NUL-terminated name; without CLOEXEC the descriptor stays open across exec.
        let descriptor = unsafe { libc::memfd_create(c"smbench".as_ptr(), libc::MFD_ALLOW_SEALING) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: just created, owned by nobody else.
        Ok(Self(unsafe { File::from_raw_fd(descriptor) }))
    }

    /// Gives it its length for good: cut off by a plugin, it would kill whoever reads on.
    fn seal(&self, bytes: usize) -> io::Result<()> {
        self.0.set_len(bytes as u64)?;
        // SAFETY: plain system call on a descriptor of our own.
        match unsafe { libc::fcntl(self.descriptor(), libc::F_ADD_SEALS, libc::F_SEAL_SHRINK | libc::F_SEAL_GROW) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// The number under which a child finds it.
    pub fn descriptor(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// The attribution page of one worker, seen from the host.
#[derive(Debug)]
pub struct SharedPage {
    file: MemoryFile,
    page: *mut Page,
}

// SAFETY: the page is made of atomics, in a mapping that lives as long as `self`.
unsafe impl Send for SharedPage {}

impl SharedPage {
    /// A fresh page.
    pub fn new() -> io::Result<Self> {
        let file = MemoryFile::new()?;
        file.seal(size_of::<Page>())?;
        // SAFETY: a new shared mapping of a file that is long enough.
        let page = unsafe {
            let (size, access) = (size_of::<Page>(), libc::PROT_READ | libc::PROT_WRITE);
            libc::mmap(ptr::null_mut(), size, access, libc::MAP_SHARED, file.descriptor(), 0)
        };
        if page == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { file, page: page.cast() })
    }

    /// The number under which the worker finds it.
    pub fn descriptor(&self) -> RawFd {
        self.file.descriptor()
    }

    /// The page.
    pub fn page(&self) -> &Page {
        // SAFETY: mapped in `new`, unmapped in `drop`; zero is a valid page.
        unsafe { &*self.page }
    }
}

impl Drop for SharedPage {
    fn drop(&mut self) {
        // SAFETY: mapped in `new` with this size, and `page()` cannot outlive `self`.
        unsafe { libc::munmap(self.page.cast(), size_of::<Page>()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smbench_core::attribution::Doing;

    #[test]
    fn a_page_starts_idle_and_keeps_what_is_written() {
        let shared = SharedPage::new().unwrap();
        assert_eq!(shared.page().read().doing, Doing::Idle);
        shared.page().enter(Doing::Rounds, 1, 5);
        assert_eq!(shared.page().read().round, 5);
    }
}
