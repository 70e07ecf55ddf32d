//! Every fact from files as kernels write them.

use std::fs;

use smbench_core::fact::Level::{self, Note, Ok, Problem, Unknown};

use super::*;

/// The fact of this name, of a machine with these files.
fn fact(name: &str, files: &[(&str, &str)], window: &Window) -> Fact {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    facts_under(root.path(), window).into_iter().find(|fact| fact.name == name).unwrap()
}

#[track_caller]
fn check(name: &str, files: &[(&str, &str)], level: Level, found: &str) {
    let fact = fact(name, files, &Window::default());
    assert_eq!((fact.level, fact.found.as_deref().unwrap_or("")), (level, found), "{fact:?}");
    assert_eq!(fact.advice.is_some(), matches!(level, Note | Problem), "{fact:?}");
}

#[test]
fn what_the_kernel_does_not_tell_is_unknown() {
    let root = tempfile::tempdir().unwrap();
    for fact in facts_under(root.path(), &Window::default()) {
        let always = ["cores", "virtual machine"]; // by other means than files
        assert!(fact.level == Unknown || always.contains(&fact.name), "{fact:?}");
    }
}

#[test]
fn names_are_there_once() {
    let mut names: Vec<&str> = facts(&Window::default()).iter().map(|fact| fact.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FACTS.len());
}

#[test]
fn others_and_steal_are_judged_by_their_share_of_a_core() {
    #[track_caller]
    fn check(others_ms: u64, steal_ms: u64, want: [(Level, &str); 2]) {
        let window = Window {
            wall_ns: 200_000_000,
            others_busy_ns: Some(others_ms * 1_000_000),
            steal_ns: Some(steal_ms * 1_000_000),
            busiest: Some("rustc".to_owned()),
        };
        let files = [("proc/loadavg", "1.43 1.13 1.27 1/83 3775\n")];
        for (name, (level, found)) in ["other processes", "steal"].into_iter().zip(want) {
            let fact = fact(name, &files, &window);
            assert_eq!((fact.level, fact.found.as_deref()), (level, Some(found)), "{fact:?}");
        }
    }
    check(0, 0, [(Ok, "0.0 % of a core (load average 1.43)"), (Ok, "0.0 % of a core")]);
    check(30, 10, [(Note, "15 % of a core, most of it `rustc` (load average 1.43)"), (Note, "5.0 % of a core")]);
    check(194, 20, [(Problem, "97 % of a core, most of it `rustc` (load average 1.43)"), (Problem, "10 % of a core")]);
    check(400, 0, [(Problem, "200 % of a core, most of it `rustc` (load average 1.43)"), (Ok, "0.0 % of a core")]);
}

#[test]
fn a_quota_is_the_smallest_of_all_groups_above() {
    const CORES_4: [(&str, &str); 2] =
        [("proc/self/status", "Cpus_allowed_list:\t0-3\n"), ("sys/devices/system/cpu/online", "0-3\n")];
    #[track_caller]
    fn check_quota(files: &[(&str, &str)], level: Level, found: &str) {
        check("cpu quota", &[&CORES_4, files].concat(), level, found);
    }
    let v2 = ("proc/self/cgroup", "0::/a/b\n");
    check_quota(&[v2, ("sys/fs/cgroup/a/b/cpu.max", "max 100000\n")], Ok, "none");
    check_quota(
        &[v2, ("sys/fs/cgroup/a/b/cpu.max", "max 100000\n"), ("sys/fs/cgroup/a/cpu.max", "150000 100000\n")],
        Problem,
        "1.5 of 4 cores; throttled 0 times so far",
    );
    check_quota(
        &[
            v2,
            ("sys/fs/cgroup/a/b/cpu.max", "400000 100000\n"),
            ("sys/fs/cgroup/a/b/cpu.stat", "usage_usec 1\nnr_periods 9\nnr_throttled 3\n"),
        ],
        Problem,
        "4.0 of 4 cores; throttled 3 times so far",
    );
    let v1 = ("proc/self/cgroup", "9:name=systemd:/\n4:memory:/x\n1:cpu,cpuacct:/x\n0::/\n");
    let file = |name: &'static str| format!("sys/fs/cgroup/cpu,cpuacct/x/{name}");
    let (quota, period) = (file("cpu.cfs_quota_us"), file("cpu.cfs_period_us"));
    check_quota(&[v1, (&quota, "-1\n"), (&period, "100000\n")], Ok, "none");
    check_quota(&[v1, (&quota, "50000\n"), (&period, "100000\n")], Problem, "0.5 of 4 cores; throttled 0 times so far");
    check_quota(&[("proc/self/cgroup", "4:memory:/x\n")], Unknown, "");
}

#[test]
fn cores_are_those_allowed_of_those_present() {
    let files = |allowed| {
        [
            ("proc/self/status", allowed),
            ("sys/devices/system/cpu/online", "0-3"),
            ("sys/devices/system/cpu/present", "0-7"),
        ]
    };
    check("cores", &files("Cpus_allowed_list:\t0-3\n"), Ok, "4 of 8");
    check("cores", &files("Cpus_allowed_list:\t2\n"), Note, "1 of 8");
}

#[test]
fn one_core_that_is_governed_otherwise_is_worth_knowing() {
    let of = |core: u32| format!("sys/devices/system/cpu/cpu{core}/cpufreq/scaling_governor");
    let (first, second) = (of(0), of(1));
    check("governor", &[(&first, "performance\n"), (&second, "performance\n")], Ok, "performance");
    check("governor", &[(&first, "performance\n"), (&second, "schedutil\n")], Note, "performance, schedutil");
}

#[test]
fn a_clock_that_somebody_limited_is_worth_knowing() {
    let folder = "sys/devices/system/cpu/cpu0/cpufreq";
    let files = ["scaling_min_freq", "scaling_max_freq", "cpuinfo_max_freq"].map(|name| format!("{folder}/{name}"));
    let with = |values: [&'static str; 3]| [0, 1, 2].map(|at| (files[at].as_str(), values[at]));
    check("frequency limits", &with(["800000", "3600000", "3600000"]), Ok, "0.80 to 3.60 GHz");
    check("frequency limits", &with(["2400000", "2400000", "3600000"]), Ok, "fixed at 2.40 GHz");
    check("frequency limits", &with(["800000", "2400000", "3600000"]), Note, "0.80 to 2.40 GHz, of 3.60");
}

#[test]
fn switches_of_the_processor() {
    let cpu = "sys/devices/system/cpu";
    let [intel, boost, smt] =
        ["intel_pstate/no_turbo", "cpufreq/boost", "smt/active"].map(|file| format!("{cpu}/{file}"));
    check("turbo", &[(&intel, "1\n")], Ok, "off");
    check("turbo", &[(&intel, "0\n")], Note, "on");
    check("turbo", &[(&boost, "1\n")], Note, "on");
    check("turbo", &[(&boost, "0\n")], Ok, "off");
    let siblings = |core: u32| format!("{cpu}/cpu{core}/topology/thread_siblings_list");
    let (first, second) = (siblings(0), siblings(1));
    check("smt", &[(&smt, "0\n")], Ok, "off, as far as is shown here");
    check("smt", &[(&smt, "1\n"), (&first, "0-1\n"), (&second, "0-1\n")], Note, "on: one core each are 0-1");
}

#[test]
fn pages_and_addresses() {
    let thp = "sys/kernel/mm/transparent_hugepage/enabled";
    check("transparent huge pages", &[(thp, "[always] madvise never\n")], Note, "always");
    check("transparent huge pages", &[(thp, "always [madvise] never\n")], Ok, "madvise");
    let info = |total: &str| format!("HugePages_Total:  {total}\nHugePages_Free:   3\nHugepagesize:    2048 kB\n");
    check("huge pages", &[("proc/meminfo", &info("0"))], Ok, "none set aside");
    check("huge pages", &[("proc/meminfo", &info("8"))], Ok, "8 of 2.00 MiB set aside, 3 of them free");
    let aslr = "proc/sys/kernel/randomize_va_space";
    check("aslr", &[(aslr, "2\n"), ("proc/self/personality", "00000000\n")], Ok, "on");
    check("aslr", &[(aslr, "2\n"), ("proc/self/personality", "00040000\n")], Note, "off for this process");
    check("aslr", &[(aslr, "0\n")], Note, "off");
}

#[test]
fn this_machine_is_seen() {
    let window = Watch::begin().end();
    assert!(window.wall_ns >= 200_000_000);
    assert_eq!(window.others_busy_ns.is_some(), Path::new("/proc/stat").exists());
    assert_eq!(facts(&window).len(), FACTS.len());
}
