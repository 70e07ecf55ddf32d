//! Stands between the host and a worker and outlives both, so that whatever a plugin starts ends with its worker.
//!
//! The kernel kills a worker with its host, but not the children that a plugin has forked: those would go to another parent
//! and live on. The keeper is that parent, wherever they hide: it is the next "subreaper" above them. It runs nothing of a
//! plugin's, and ends as the worker ended, so that the host sees one process.

use std::os::unix::process::parent_id;
use std::{fs, io, mem, process, ptr};

use smbench_core::attribution::Page;

/// Splits this process into a keeper, which never comes back, and the worker, which does. While there is one thread only.
///
/// `host` is the process that must not die first.
pub fn stand_between(host: Option<u32>, page: &Page) -> io::Result<()> {
    // Told by the host, or by its death, to make an end.
    die_with(host, libc::SIGTERM)?;
    let keeper = process::id();
    // SAFETY: plain system calls; this is the only thread, so that a child may do anything after the fork.
    unsafe {
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1);
        let (signals, mut before) = (signals(), mem::zeroed());
        libc::sigprocmask(libc::SIG_BLOCK, &signals, &mut before);
        match libc::fork() {
            -1 => return Err(io::Error::last_os_error()),
            0 => libc::sigprocmask(libc::SIG_SETMASK, &before, ptr::null_mut()),
            worker => keep(worker, &signals),
        };
        // A group of its own: what a plugin sends to its group must not reach the keeper.
        libc::setpgid(0, 0);
    }
    page.set_process(process::id());
    die_with(Some(keeper), libc::SIGKILL)
}

/// The kernel sends this process `signal` when `parent` dies, however it dies.
fn die_with(parent: Option<u32>, signal: i32) -> io::Result<()> {
    // SAFETY: plain system call.
    if unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // One that died before the call has left us to somebody else.
    if parent.is_some_and(|parent| parent != parent_id()) {
        return Err(io::Error::other("the host is gone"));
    }
    Ok(())
}

/// What a keeper waits for: word from the host, and children that end.
fn signals() -> libc::sigset_t {
    // SAFETY: fills a local.
    unsafe {
        let mut signals = mem::zeroed();
        libc::sigemptyset(&mut signals);
        libc::sigaddset(&mut signals, libc::SIGTERM);
        libc::sigaddset(&mut signals, libc::SIGCHLD);
        signals
    }
}

/// Waits for the worker's end or for word to make one, ends everybody, and ends as the worker did.
fn keep(worker: libc::pid_t, signals: &libc::sigset_t) -> ! {
    // SAFETY: the pipes are the worker's; held here, they would hide its end from the host.
    unsafe { libc::syscall(libc::SYS_close_range, 0, u32::MAX, 0) };
    let mut ended = None;
    // SAFETY: waits for what is blocked.
    while ended.is_none() && unsafe { libc::sigwaitinfo(signals, ptr::null_mut()) } != libc::SIGTERM {
        while let Ok(Some((child, status))) = wait(libc::WNOHANG) {
            ended = ended.or((child == worker).then_some(status));
        }
    }
    // The children of whom this kills are ours next.
    let mut patience = libc::WNOHANG;
    while let Ok(gone) = wait(patience) {
        match gone {
            Some((child, status)) => {
                ended = ended.or((child == worker).then_some(status));
                patience = libc::WNOHANG;
            }
            None if kill_children() => patience = 0,
            None => break,
        }
    }
    end_as(ended.unwrap_or(libc::SIGKILL))
}

/// A child that has ended and how, if one has; an error if there are no children.
fn wait(flags: i32) -> io::Result<Option<(libc::pid_t, i32)>> {
    let mut status = 0;
    // SAFETY: writes to a local.
    match unsafe { libc::waitpid(-1, &mut status, flags) } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        child => Ok(Some((child, status))),
    }
}

/// Kills all children; says whether one was found.
fn kill_children() -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<libc::pid_t>().ok());
    let ours: Vec<_> = processes.filter(|&process| parent(process) == Some(process::id())).collect();
    for &child in &ours {
        // SAFETY: a child that is not yet waited for keeps its number.
        unsafe { libc::kill(child, libc::SIGKILL) };
    }
    !ours.is_empty()
}

/// `proc(5)`: the parent is the second field after the name, which is in parentheses and may hold some.
fn parent(process: libc::pid_t) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat[stat.rfind(')')?..].split_whitespace().nth(2)?.parse().ok()
}

/// Ends this process by the same signal or with the same status.
fn end_as(status: i32) -> ! {
    // SAFETY: ends the process. The worker has left a core if one was wanted.
    unsafe {
        if libc::WIFSIGNALED(status) {
            libc::prctl(libc::PR_SET_DUMPABLE, 0);
            libc::signal(libc::WTERMSIG(status), libc::SIG_DFL);
            let mut all = mem::zeroed();
            libc::sigfillset(&mut all);
            libc::sigprocmask(libc::SIG_UNBLOCK, &all, ptr::null_mut());
            libc::raise(libc::WTERMSIG(status));
        }
        libc::_exit(libc::WEXITSTATUS(status))
    }
}
