//! Which system calls can be made: seccomp.
//!
//! What no kernel of arithmetic needs ends the process, by name. The filter raises SIGSYS; the handler writes the name to the
//! page that the host reads, and leaves. A plugin cannot put a handler of its own in its place, and one that blocks the
//! signal is killed by the kernel, only without the name.

use std::collections::BTreeMap;
use std::io;
use std::ptr;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{Acquire, Release};

use libc::{BPF_ABS, BPF_JEQ, BPF_JGT, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, c_long};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, sock_filter,
};
use smbench_core::attribution::Page;

/// `SYS_socket` with its name.
macro_rules! calls {
    ($($call:ident)*) => { &[$((libc::$call, stringify!($call).split_at("SYS_".len()).1)),*] };
}

type Calls = &'static [(c_long, &'static str)];

/// Other machines and processes, the kernel's corners, and leaving the process group that the host kills.
const FORBIDDEN: Calls = calls![
    SYS_socket SYS_socketpair
    SYS_io_uring_setup SYS_io_uring_enter SYS_io_uring_register
    SYS_ptrace SYS_process_vm_readv SYS_process_vm_writev SYS_process_madvise SYS_process_mrelease SYS_kcmp
    SYS_pidfd_open SYS_pidfd_getfd SYS_pidfd_send_signal SYS_tkill SYS_setsid SYS_setpgid
    SYS_bpf SYS_perf_event_open SYS_userfaultfd SYS_fanotify_init SYS_add_key SYS_request_key SYS_keyctl
    SYS_mount SYS_umount2 SYS_pivot_root SYS_chroot SYS_move_mount SYS_open_tree SYS_fsopen SYS_fsconfig SYS_fsmount SYS_fspick
    SYS_mount_setattr SYS_unshare SYS_setns SYS_open_by_handle_at
];

/// Forbidden unless they are granted.
const EXEC: Calls = calls![SYS_execve SYS_execveat];

/// Forbidden with some arguments.
const FORBIDDEN_AT_TIMES: Calls = calls![
    SYS_kill SYS_tgkill SYS_rt_sigqueueinfo SYS_rt_tgsigqueueinfo SYS_prlimit64 SYS_migrate_pages SYS_move_pages SYS_prctl SYS_clone
];

/// The same number everywhere, but libc has it for some architectures only.
const FCHMODAT2: c_long = 452;

/// Refused like a file that is not granted: what Landlock does not see of files, and what processes share by name.
#[rustfmt::skip]
const REFUSED: &[c_long] = &[
    libc::SYS_fchmod, libc::SYS_fchmodat, FCHMODAT2, libc::SYS_fchown, libc::SYS_fchownat,
    libc::SYS_setxattr, libc::SYS_lsetxattr, libc::SYS_fsetxattr,
    libc::SYS_removexattr, libc::SYS_lremovexattr, libc::SYS_fremovexattr, libc::SYS_utimensat,
    libc::SYS_shmget, libc::SYS_semget, libc::SYS_msgget, libc::SYS_mq_open,
    #[cfg(target_arch = "x86_64")] libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")] libc::SYS_chown,
    #[cfg(target_arch = "x86_64")] libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")] libc::SYS_utime,
    #[cfg(target_arch = "x86_64")] libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")] libc::SYS_futimesat,
];

/// The last system call that was thought of here, of Linux 6.10. A plugin finds itself on a kernel that has no newer ones.
const LAST_KNOWN: c_long = libc::SYS_mseal;

/// New namespaces, in which a process has all rights again.
const NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWUTS,
];

/// Installs the filters; says whether this kernel has any.
pub fn restrict(page: &'static Page, exec: bool) -> Result<bool, Box<dyn std::error::Error>> {
    let Ok(arch) = TargetArch::try_from(std::env::consts::ARCH) else { return Ok(false) };
    let filter = |rules, action| -> Result<BpfProgram, BackendError> {
        SeccompFilter::new(rules, SeccompAction::Allow, action, arch)?.try_into()
    };
    let programs = [
        filter(refused()?, SeccompAction::Errno(libc::EACCES as u32))?,
        unknown(),
        filter(forbidden(exec)?, SeccompAction::Trap)?,
    ];
    install_handler(page)?;
    for program in programs {
        match install(&program) {
            Ok(()) => {}
            // Built without seccomp, or without its filters.
            Err(error) if matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EINVAL)) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

/// A call without rules is meant whatever its arguments are.
type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

fn forbidden(exec: bool) -> Result<Rules, BackendError> {
    let own = u64::from(std::process::id());
    let ours = |argument| condition(argument, SeccompCmpOp::Ne, own);
    let anybody = |argument| condition(argument, SeccompCmpOp::Ne, 0);
    let mut rules: Rules = FORBIDDEN.iter().map(|&(call, _)| (call, Vec::new())).collect();
    rules.extend(EXEC.iter().filter(|_| !exec).map(|&(call, _)| (call, Vec::new())));
    // Signals to others, and what limits others or moves their memory; 0 is oneself, too.
    for call in [libc::SYS_kill, libc::SYS_tgkill, libc::SYS_rt_sigqueueinfo, libc::SYS_rt_tgsigqueueinfo] {
        rules.insert(call, vec![SeccompRule::new(vec![ours(0)?])?]);
    }
    for call in [libc::SYS_migrate_pages, libc::SYS_move_pages] {
        rules.insert(call, vec![SeccompRule::new(vec![anybody(0)?, ours(0)?])?]);
    }
    let new_limit = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?;
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![anybody(0)?, ours(0)?, new_limit])?]);
    // To outlive the host.
    let death = condition(0, SeccompCmpOp::Eq, libc::PR_SET_PDEATHSIG as u64)?;
    rules.insert(libc::SYS_prctl, vec![SeccompRule::new(vec![death])?]);
    let namespace = |flag| SeccompRule::new(vec![condition(0, SeccompCmpOp::MaskedEq(flag), flag)?]);
    let namespaces = NAMESPACES.map(|flag| u64::from(flag as u32)).map(namespace);
    rules.insert(libc::SYS_clone, namespaces.into_iter().collect::<Result<_, _>>()?);
    Ok(rules)
}

fn refused() -> Result<Rules, BackendError> {
    let mut rules: Rules = REFUSED.iter().map(|&call| (call, Vec::new())).collect();
    // Another handler in place of ours; asking for ours is harmless.
    let signal = condition(0, SeccompCmpOp::Eq, libc::SIGSYS as u64)?;
    let new_action = SeccompCondition::new(1, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?;
    rules.insert(libc::SYS_rt_sigaction, vec![SeccompRule::new(vec![signal, new_action])?]);
    Ok(rules)
}

/// The lower half of an argument: process ids, signals and flags are 32 bits wide.
fn condition(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
}

/// Calls that this kernel does not have, as far as a plugin can tell. `clone3` is one: its flags lie in memory, which a filter
/// cannot read, and the C library goes back to `clone`. On x86-64 the numbers of the x32 ABI are others.
fn unknown() -> BpfProgram {
    const NUMBER: u32 = 0; // offset in struct seccomp_data
    let statement = |code: u32, k: u32, jt, jf| sock_filter { code: code as u16, jt, jf, k };
    vec![
        statement(BPF_LD | BPF_W | BPF_ABS, NUMBER, 0, 0),
        statement(BPF_JMP | BPF_JEQ | BPF_K, libc::SYS_clone3 as u32, 1, 0),
        statement(BPF_JMP | BPF_JGT | BPF_K, LAST_KNOWN as u32, 0, 1),
        statement(BPF_RET | BPF_K, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32, 0, 0),
        statement(BPF_RET | BPF_K, libc::SECCOMP_RET_ALLOW, 0, 0),
    ]
}

/// Seccompiler's own way has no flags: without this one, kernels before 5.16 slow the process's memory accesses down, which
/// would be measured.
fn install(program: &BpfProgram) -> io::Result<()> {
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut().cast() };
    // SAFETY: the kernel copies the program, which has the layout of its own sock_filter.
    let code = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_SPEC_ALLOW,
            &raw const program,
        )
    };
    if code == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

static PAGE_OF_HOST: AtomicPtr<Page> = AtomicPtr::new(ptr::null_mut());

fn install_handler(page: &'static Page) -> io::Result<()> {
    PAGE_OF_HOST.store(ptr::from_ref(page).cast_mut(), Release);
    // SAFETY: the handler is async-signal-safe: atomics and one system call.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = name_and_leave as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        if libc::sigaction(libc::SIGSYS, &action, ptr::null_mut()) == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }
}

/// What the kernel says with SIGSYS; libc has no accessor for it.
#[repr(C)]
struct Caught {
    signal: i32,
    error: i32,
    code: i32,
    place: *const libc::c_void,
    call: i32,
}

/// Of [`Caught::code`]: a filter raised it, not another thread.
const SYS_SECCOMP: i32 = 1;

/// Leaves by the one call that nothing can turn into a return to the plugin.
extern "C" fn name_and_leave(signal: i32, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid siginfo of this layout with SIGSYS.
    let Caught { code, call, .. } = unsafe { info.cast::<Caught>().read() };
    let known =
        [FORBIDDEN, EXEC, FORBIDDEN_AT_TIMES].into_iter().flatten().find(|(number, _)| *number == c_long::from(call));
    let page = PAGE_OF_HOST.load(Acquire);
    if code == SYS_SECCOMP && !page.is_null() {
        // SAFETY: the page is 'static by `install_handler`.
        unsafe { (*page).forbid(known.map_or("?", |(_, name)| name)) };
    }
    // SAFETY: ends the process.
    unsafe { libc::syscall(libc::SYS_exit_group, 128 + signal) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_forbidden_call_has_a_name_that_fits_the_page() {
        let rules = forbidden(false).unwrap();
        for call in rules.keys() {
            let named = [FORBIDDEN, EXEC, FORBIDDEN_AT_TIMES].into_iter().flatten().find(|(number, _)| number == call);
            let (_, name) = named.unwrap_or_else(|| panic!("call {call} has no name"));
            let page = Page::default();
            page.forbid(name);
            assert_eq!(page.forbidden().as_deref(), Some(*name));
        }
        assert!(!forbidden(true).unwrap().contains_key(&libc::SYS_execve), "granted");
    }
}
