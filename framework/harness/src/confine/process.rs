//! What a worker needs none of: privileges, descriptors of its host's, core dumps.

use std::io;
use std::os::fd::RawFd;

/// Version 3 of the kernel's capability sets, of two words each.
const CAPABILITIES_V3: u32 = 0x2008_0522;
/// Reading what other users keep from us: a superuser's plugin may lie in somebody's closed folder. Landlock bounds it.
const CAP_DAC_READ_SEARCH: u32 = 1 << 2;

#[repr(C)]
struct Header {
    version: u32,
    process: i32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Capabilities {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// Gives up what a superuser may do, rights that a program might bring, and core dumps.
pub fn renounce() -> io::Result<()> {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    let header = Header { version: CAPABILITIES_V3, process: 0 };
    let mut sets = [Capabilities::default(); 2];
    // SAFETY: plain system calls on locals of the layouts that the kernel expects.
    unsafe {
        succeeds(libc::setrlimit(libc::RLIMIT_CORE, &none).into())?;
        succeeds(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0).into())?;
        succeeds(libc::syscall(libc::SYS_capget, &header, &mut sets))?;
        let kept = sets[0].permitted & CAP_DAC_READ_SEARCH;
        sets = [Capabilities { effective: kept, permitted: kept, inheritable: 0 }, Capabilities::default()];
        succeeds(libc::syscall(libc::SYS_capset, &header, &sets))
    }
}

/// Closes every descriptor but standard input, output, error, and these: a host inherits some from whoever started it, and
/// a worker all of its siblings' memory.
pub fn keep_only(mut kept: Vec<RawFd>) {
    kept.sort_unstable();
    let mut first = 3;
    for descriptor in kept {
        close(first, descriptor - 1);
        first = descriptor + 1;
    }
    close(first, RawFd::MAX);
}

/// A kernel before 5.9 leaves them open, as all programs of its time do.
fn close(first: RawFd, last: RawFd) {
    if first <= last {
        // SAFETY: nothing here owns them: what this process has opened is kept.
        unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    }
}

fn succeeds(code: i64) -> io::Result<()> {
    if code == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
