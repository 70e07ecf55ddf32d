//! Least authority: what a plugin may not do ends its worker by name or is refused, and everything else works.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::support::{Lab, Ran, compile_as};

#[test]
fn sockets_of_any_family_are_forbidden_wherever_they_are_opened() {
    forbidden("tcp", "IN_CONSTRUCTOR", "socket while loading it");
    forbidden("udp", "IN_CREATE", "socket while creating its context");
    forbidden("unix_domain", "IN_THREAD", "socket while checking it");
    forbidden("netlink", "IN_KERNEL", "socket while checking it");
    forbidden("pair", "IN_KERNEL", "socketpair while checking it");
}

#[test]
fn other_processes_are_out_of_reach() {
    forbidden("kill_host", "IN_KERNEL", "kill while");
    forbidden("trace_host", "IN_KERNEL", "ptrace while");
    forbidden("read_host", "IN_KERNEL", "process_vm_readv while");
    forbidden("limit_host", "IN_KERNEL", "prlimit64 while");
}

#[test]
fn so_are_the_kernels_corners() {
    forbidden("io_uring", "IN_KERNEL", "io_uring_setup while");
    forbidden("bpf", "IN_KERNEL", "bpf while");
    forbidden("perf", "IN_KERNEL", "perf_event_open while");
    forbidden("namespaces", "IN_KERNEL", "unshare while");
    #[cfg(target_arch = "x86_64")]
    refused("x32", "x32: Function not implemented");
}

#[test]
fn a_child_is_as_confined_as_its_parent_and_tells_on_it() {
    forbidden("socket_of_a_child", "IN_KERNEL", "socket while");
    forbidden("child_that_leaves", "IN_KERNEL", "setsid while");
}

#[test]
fn a_handler_of_its_own_saves_nobody() {
    forbidden("own_handler", "IN_CONSTRUCTOR", "socket while");
    forbidden("blocked_signal", "IN_CONSTRUCTOR", "(it blocked the signal that would have named it) while");
}

#[test]
fn programs_are_forbidden_unless_they_are_granted() {
    let lab = Lab::new();
    let reason = forbidden_in(&lab, "program", "IN_CREATE", "execve while");
    assert!(reason.contains("`grants: (exec: true)`"), "{reason}");
    with_grants(&lab, "exec: true").expect(0);
}

#[test]
fn the_home_of_the_user_is_closed_and_the_row_says_which_grant_opens_it() {
    let lab = Lab::new();
    let secret = lab.write("home/.ssh/id", "secret");
    let path = define("PATH", &secret);
    build(&lab, "reaches", &["-DWHAT=reads", "-DIN_CREATE", &path]);
    let reason = reason(&verify(&lab, &[]), 6);
    assert!(reason.contains(&format!("cannot open {}: Permission denied", secret.display())), "{reason}");
    assert!(reason.contains(&format!("`grants: (read: [\"{}\"])`", secret.display())), "{reason}");
    assert!(reason.contains("`--trust reaches`"), "{reason}");
    with_grants(&lab, "read: [\"../home/.ssh\"]").expect(0);
    with_grants(&lab, "read: [\"../home/other\"]").expect(6);
    verify(&lab, &["--trust", "reaches"]).expect(0);
    verify(&lab, &["--trust", "naive"]).expect(6);
    let option = format!("secret={}", secret.display());
    verify_of(&lab, "plugin/libreaches.so", &["--backend-option", &option]).expect(0);
}

#[test]
fn nothing_can_be_written() {
    let lab = Lab::new();
    let file = lab.write("plugin/file", "content");
    let path = define("PATH", &file);
    build(&lab, "reaches", &["-DWHAT=writes", "-DIN_CREATE", &path]);
    let rights = fs::metadata(&file).unwrap().permissions().mode();
    verify(&lab, &[]).expect(0);
    assert_eq!(fs::read(&file).unwrap(), b"content");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode(), rights);
    assert_eq!(fs::read_dir(lab.path("plugin")).unwrap().count(), 2);
}

#[test]
fn what_every_process_does_goes_on_working() {
    let lab = Lab::new();
    build(&lab, "reaches", &["-DWHAT=everyday", "-DIN_CREATE"]);
    verify(&lab, &[]).expect(0);
}

#[test]
fn a_plugin_finds_its_libraries_in_other_folders() {
    let lab = Lab::new();
    lab.write("lib/impl.c", "int impl(void) { return 1; }\n");
    lab.write("lib/deep.c", "int impl(void); int deep(void) { return impl(); }\n");
    cc(&lab, &["-shared", "-fPIC", "lib/impl.c", "-o", "lib/deeper/libimpl.so"]);
    let deeper = format!("-Wl,--disable-new-dtags,-rpath,{}", lab.path("lib/deeper").display());
    cc(&lab, &["-shared", "-fPIC", "lib/deep.c", "-o", "lib/libdeep.so", "-Llib/deeper", "-limpl", &deeper]);
    let search = format!("-L{}", lab.path("lib").display());
    let library = ["-DWHAT=everyday", "-Wl,--no-as-needed", &search, "-ldeep", "-Wl,-rpath,$ORIGIN/../lib"];
    build(&lab, "reaches", &library);
    verify(&lab, &[]).expect(0);
}

#[test]
fn what_goes_wrong_in_a_launch_costs_its_own_rows() {
    let lab = Lab::new();
    build(&lab, "reaches", &["-DWHAT=tcp", "-DIN_LAUNCH"]);
    let quick = ["run", "--case", "add/1000", "-b", "naive,plugin/libreaches.so", "--quick", "--format", "json"];
    let report = lab.run(&quick).expect(6).report();
    report.expect_measured("naive").expect_outcome("reaches", "failed", "forbidden system call socket while");
    assert_eq!(report.row_of("naive")["launches"], 12);
}

#[test]
fn a_worker_beyond_its_memory_is_killed_and_says_so() {
    for touched in ["-DTOUCHED", "-DUNTOUCHED"] {
        let lab = Lab::new();
        build(&lab, "hogs", &[touched]);
        // In its check, or in a launch: untouched memory costs no time.
        let quick = ["run", "--case", "add/1000", "-b", "naive,plugin/libreaches.so", "--quick", "--format", "json"];
        let report = lab.run(&[&quick[..], &["--memory-limit", "1GiB"]].concat()).expect(6).report();
        report.expect_measured("naive").expect_outcome("reaches", "failed", "reached the memory limit of 1.00 GiB");
    }
}

#[test]
fn every_command_confines() {
    let lab = Lab::new();
    build(&lab, "reaches", &["-DWHAT=tcp", "-DIN_KERNEL"]);
    let words = "forbidden system call socket";
    lab.run(&["check", "plugin/libreaches.so", "--op", "add"]).expect(6).says(words);
    lab.run(&["loop", "add/1000", "-b", "plugin/libreaches.so", "--seconds", "0.1"]).expect(6).says(words);
    lab.run(&["loop", "add/1000", "-b", "plugin/libreaches.so", "--seconds", "0.1", "--trust", "reaches"]).expect(0);
    lab.run(&["check", "plugin/libreaches.so", "--op", "add", "--trust", "plugin/libreaches.so"]).expect(0);
}

/// What was measured is the same, and it is told how it was held.
#[test]
fn the_run_says_what_held_each_backend() {
    let lab = Lab::new();
    let held = verify_of(&lab, "naive,pooled", &["--trust", "pooled"]).expect(0).report();
    let protection = |index: usize| held.0["run"]["backends"][index]["protection"].as_str().unwrap().to_owned();
    assert_eq!(protection(1), "none: trusted");
    match landlock() {
        Some(abi) => assert_eq!(protection(0), format!("landlock abi {abi}, seccomp")),
        None => assert_eq!(protection(0), "no landlock, seccomp"),
    }
    lab.run(&["check", "naive", "--op", "add"]).says(&format!("confined by: {}", protection(0)));
}

#[test]
fn a_kernel_that_protects_less_is_no_hindrance_and_is_told() {
    const LANDLOCK: &[i64] = &[libc::SYS_landlock_create_ruleset];
    const SECCOMP: &[i64] = &[libc::SYS_seccomp];
    const BOTH: &[i64] = &[LANDLOCK[0], SECCOMP[0]];
    let table = ["run", "--case", "add/1000", "-b", "naive", "--verify-only"];
    let quick = ["run", "--case", "add/1000", "-b", "naive", "--quick"];
    for (lacking, words, protection) in [
        (LANDLOCK, "this kernel has no Landlock", "no landlock, seccomp"),
        (SECCOMP, "this kernel has no seccomp", "no seccomp"),
        (BOTH, "neither Landlock nor seccomp", "none: the kernel has none"),
    ] {
        let lab = Lab::new();
        let run = |arguments: &[&str]| lab.end(&mut without(lab.command(arguments), lacking)).expect(0);
        run(&quick).says("not confined: ").says(words);
        let report = run(&[&table[..], &["--format", "json"]].concat()).report();
        let told = report.0["run"]["backends"][0]["protection"].as_str().unwrap();
        assert!(told.contains(protection), "{told}");
    }
}

/// Compiles `SOURCE.c` to a library in a folder of its own.
#[track_caller]
fn build(lab: &Lab, source: &str, arguments: &[&str]) {
    let library = compile_as(lab, source, "reaches", arguments);
    fs::create_dir_all(lab.path("plugin")).unwrap();
    fs::rename(library, lab.path("plugin/libreaches.so")).unwrap();
}

/// Compiles `reaches.c`, whose check ends with a call that is forbidden.
#[track_caller]
fn forbidden(what: &str, when: &str, words: &str) {
    forbidden_in(&Lab::new(), what, when, words);
}

#[track_caller]
fn forbidden_in(lab: &Lab, what: &str, when: &str, words: &str) -> String {
    build(lab, "reaches", &[&format!("-DWHAT={what}"), &format!("-D{when}")]);
    let reason = reason(&verify(lab, &[]), 6);
    assert!(reason.starts_with("forbidden system call ") && reason.contains(words), "{what}: {reason}");
    assert!(reason.contains("`--trust reaches`"), "{reason}");
    reason
}

/// The same, whose `create` says what it was refused.
#[track_caller]
fn refused(what: &str, words: &str) {
    let lab = Lab::new();
    build(&lab, "reaches", &[&format!("-DWHAT={what}"), "-DIN_CREATE"]);
    let reason = reason(&verify(&lab, &[]), 6);
    assert!(reason.contains(words), "{what}: {reason}");
}

fn verify(lab: &Lab, more: &[&str]) -> Ran {
    verify_of(lab, "naive,plugin/libreaches.so", more)
}

fn verify_of(lab: &Lab, backends: &str, more: &[&str]) -> Ran {
    let verify = ["run", "--case", "add/1000", "-b", backends, "--verify-only", "--format", "json"];
    lab.run(&[&verify, more].concat())
}

#[track_caller]
fn with_grants(lab: &Lab, grants: &str) -> Ran {
    let backend = format!("(source: \"../plugin/libreaches.so\", grants: ({grants}))");
    lab.write("granted/config.ron", format!("(about: \"\", suites: [\"simd\"], backends: [{backend}])"));
    lab.run(&["run", "granted/config.ron", "--case", "add/1000", "--verify-only", "--format", "json"])
}

/// Why the plugin failed; naive was right whatever happened.
#[track_caller]
fn reason(ran: &Ran, code: i32) -> String {
    let report = ran.clone().expect(code).report();
    assert_eq!(report.row_of("naive")["error"]["max_abs"], 0.0, "naive is checked all the same");
    let row = report.row_of("reaches");
    assert_eq!(row["outcome"], "failed", "{row:#}");
    row["reason"].as_str().unwrap().to_owned()
}

fn define(name: &str, path: &Path) -> String {
    format!("-D{name}=\"{}\"", path.display())
}

#[track_caller]
fn cc(lab: &Lab, arguments: &[&str]) {
    fs::create_dir_all(lab.path("lib/deeper")).unwrap();
    lab.end(&mut lab.bare(Path::new("/usr/bin/env"), &[&["cc"], arguments].concat())).expect(0);
}

/// The version of this kernel's Landlock.
fn landlock() -> Option<u32> {
    const VERSION: u32 = 1;
    // SAFETY: asks for the version only.
    let abi = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0, VERSION) };
    u32::try_from(abi).ok()
}

/// The command on a kernel that has not these system calls.
fn without(mut command: Command, calls: &'static [i64]) -> Command {
    let statement = |code: u32, k: u32, jt: usize| libc::sock_filter { code: code as u16, jt: jt as u8, jf: 0, k };
    let (load, equal, give) = (
        libc::BPF_LD | libc::BPF_W | libc::BPF_ABS,
        libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
        libc::BPF_RET | libc::BPF_K,
    );
    let mut program = vec![statement(load, 0, 0)];
    program.extend(calls.iter().enumerate().map(|(index, &call)| statement(equal, call as u32, calls.len() - index)));
    program.push(statement(give, libc::SECCOMP_RET_ALLOW, 0));
    program.push(statement(give, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32, 0));
    let install = move || {
        let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut() };
        // SAFETY: plain system calls; the program lives until they are over.
        let failed = unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
                || libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) != 0
        };
        if failed { Err(io::Error::last_os_error()) } else { Ok(()) }
    };
    // SAFETY: allocates nothing between fork and exec.
    unsafe { command.pre_exec(install) };
    command
}
