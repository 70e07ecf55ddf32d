//! Plugins that misbehave, and files that are none: each costs its own rows, and never the run.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Lab, Ran, Report, built, compile, compile_as, wait_until};

#[test]
fn a_crash() {
    fails("segfault", "signal 11 (SIGSEGV) while checking it");
}

#[test]
fn an_abort() {
    fails("aborts", "signal 6 (SIGABRT) while checking it");
}

#[test]
fn a_stack_without_end() {
    fails("stack_overflow", "stack overflow, signal 11 (SIGSEGV) while checking it");
}

#[test]
fn a_deadlock() {
    fails("deadlocks", "said nothing for 3 s and was killed while checking it");
}

#[test]
fn a_hang() {
    fails("hangs", "said nothing for 3 s and was killed while checking it");
}

#[test]
fn an_exit() {
    fails("exits", "left with status 0 while checking it");
}

#[test]
fn an_exit_on_load() {
    fails("exits_on_load", "left with status 0 while loading it");
}

#[test]
fn an_exit_on_destroy() {
    fails("exits_on_destroy", "left with status 0 while destroying its context");
}

/// A worker ends without asking anybody.
#[test]
fn what_waits_for_the_exit_waits_in_vain() {
    beside_naive("at_exit").expect(0).report().expect_measured("at_exit");
}

#[test]
fn an_alarm_costs_whoever_set_it() {
    let ran = fails("alarms", "signal 14 (SIGALRM)");
    ran.says("now with a process each");
}

/// Nor does what is thrown away take the long way round by another folder.
#[test]
fn a_crash_in_a_call_has_nothing_to_do_with_the_folder() {
    let ran = fails("crashes_later", "signal 11 (SIGSEGV)");
    assert!(!ran.stderr.contains("loaded from its own file"), "{}", ran.stderr);
}

#[test]
fn closed_pipes() {
    fails("closes_all", "closed the worker's pipe to the host");
}

#[test]
fn rubbish_in_the_pipes() {
    for (alias, when) in [("at_once", "-DWHEN=0"), ("later", "-DWHEN=3000")] {
        let ran = as_beside_naive("writes_all", alias, &[when]).expect(6);
        ran.report().expect_outcome(alias, "failed", "wrote into the worker's pipe to the host");
        assert!(!ran.stdout.contains('\x1b') && !ran.stderr.contains('\x1b'));
    }
}

/// What several processes share keeps its length.
#[test]
fn files_that_are_cut_off() {
    beside_naive("truncates_all").expect(0).report().expect_measured("truncates_all");
    let lab = Lab::new();
    let backends = format!("naive,{}", compile(&lab, "truncates_all").display());
    let isolated = ["run", "--case", "add/1000", "-b", &backends, "--quick", "--isolate", "--format", "json"];
    lab.run(&isolated).expect(0).report().expect_measured("naive").expect_measured("truncates_all");
}

/// `Lab` sees to it that nobody is left, trusted or not.
#[test]
fn a_process_that_is_left_behind() {
    let lab = Lab::new();
    let run = |alias: &str, macros: &[&str], more: &[&str]| {
        let library = compile_as(&lab, "forks", alias, macros).display().to_string();
        let run = ["run", "--case", "add/1000", "-b", &library, "--quick", "--timeout", "3s", "--format", "json"];
        lab.run(&[&run[..], more].concat())
    };
    run("confined", &[], &[]);
    run("trusted", &[], &["--trust", "trusted"]).expect(0).report().expect_measured("trusted");
    let hung = run("hung", &["-DHANGS=1"], &["--trust", "hung"]).expect(6).report();
    hung.expect_outcome("hung", "failed", "said nothing for 3 s and was killed");
}

#[test]
fn a_process_that_is_left_behind_ends_with_a_host_that_is_killed() {
    let lab = Lab::new();
    compile_as(&lab, "forks", "forks", &["-DHANGS=1"]);
    let running = lab.start(&["run", "--case", "add/1000", "-b", "./libforks.so", "--trust", "forks"]);
    // The host, the keeper, the worker, and the one.
    wait_until("a plugin forks", || lab.processes().len() == 4);
    running.signal(libc::SIGKILL);
    running.end("killed");
    lab.expect_nobody();
}

#[test]
fn a_thread_that_never_rests() {
    let ran = fails("spins", "leaves threads running between its turns");
    assert!(!ran.stderr.contains("loaded from its own file"), "{}", ran.stderr);
    let lab = Lab::new();
    let library = compile(&lab, "spins");
    let alone = lab.run(&["run", "--case", "add/1000", "-b", library.to_str().unwrap(), "--quick", "--format", "json"]);
    let flags = flags(alone.expect(0).report().expect_measured("spins"), "spins");
    assert!(flags.iter().any(|flag| flag.contains("threads running")), "{flags:?}");
}

#[test]
fn a_wrong_element() {
    rejected("wrong_element", "out[");
}

#[test]
fn a_nan() {
    rejected("not_a_number", "is NaN");
}

#[test]
fn a_write_past_the_end() {
    rejected("past_the_end", "touched memory 0 bytes past the end of `out`");
}

#[test]
fn a_write_before_the_start() {
    rejected("before_the_start", "touched memory 4 bytes before the start of `out`");
}

#[test]
fn a_write_into_an_input() {
    rejected("writes_input", "wrote into its input `a`");
}

#[test]
fn a_write_into_an_input_later() {
    rejected("writes_input_later", "right in its check, wrong in a launch: wrote into its input `b`");
}

#[test]
fn wrong_in_place_alone_costs_the_cases_in_place_alone() {
    let lab = Lab::new();
    compile(&lab, "wrong_in_place");
    lab.write(
        "both.ron",
        r#"(name: "both", about: "", ops: [
            (op: "add", sizes: ["1024"]), (op: "add", sizes: ["1024"], output: in_place),
        ])"#,
    );
    let verify = ["run", "both.ron", "-b", "naive,./libwrong_in_place.so", "--verify-only", "--format", "json"];
    let report = lab.run(&verify).expect(5).report();
    let rejected = |row: &&Value| row["outcome"] == "rejected";
    let rejected: Vec<_> = report.rows().iter().filter(rejected).map(|row| (&row["case"], &row["backend"])).collect();
    assert_eq!(rejected, [(&"both/add/1024/f32/in_place".into(), &"wrong_in_place".into())]);
}

#[test]
fn a_stale_result() {
    rejected("lazy", "never written");
}

#[test]
fn right_in_the_check_and_wrong_later() {
    rejected("wrong_later", "right in its check, wrong in a launch: out[0]");
}

#[test]
fn right_in_the_check_and_stale_later() {
    rejected("lazy_later", "right in its check, wrong in a launch: out[");
}

#[test]
fn results_that_are_remembered() {
    rejected("remembers", "right in its check, wrong in a launch: out[");
}

#[test]
fn a_look_at_whether_a_result_is_there() {
    rejected("looks_first", "right in its check, wrong in a launch: out[");
}

#[test]
fn right_at_the_sizes_of_every_check_and_at_no_other() {
    let lab = Lab::new();
    let backends = format!("naive,{}", compile(&lab, "knows_the_sizes").display());
    let verify = ["run", "--case", "add/2000", "-b", &backends, "--verify-only", "--format", "json"];
    lab.run(&verify).expect(5).report().expect_outcome("knows_the_sizes", "rejected", "out[1999] is 0");
}

#[test]
fn megabytes_of_output_disturb_nobody() {
    let ran = beside_naive("prints").expect(0);
    assert!(!(ran.stdout.contains("xxxx") || ran.stderr.contains("xxxx")));
    ran.report().expect_measured("prints");
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_changed_floating_point_mode_is_flagged() {
    for plugin in ["flushes_to_zero", "rounds_up", "short_long_doubles"] {
        flagged(plugin, "changed the floating-point mode");
    }
}

/// What a process has once is changed for all: those who do it get a process each, whenever they do it.
#[test]
fn what_all_share_is_changed_for_nobody_else() {
    const CHANGES: [(&str, &str, &str); 8] = [
        ("moves", "chdir(\"/\") == 0", "changed the working directory"),
        ("masks", "umask(0077) <= 0777", "changed the mask of new files' modes"),
        ("speaks", "setlocale(LC_ALL, \"C.UTF-8\") != NULL", "changed the locale"),
        ("tells", "setenv(\"OMP_NUM_THREADS\", \"99\", 1) == 0", "changed the environment"),
        ("limits", "open_nothing()", "changed a resource limit"),
        ("pins", "stay_on_one_core()", "changed the cores that its caller may use"),
        ("blocks", "hear_nothing()", "blocked a signal"),
        ("handles", "signal(SIGSEGV, SIG_IGN) != SIG_ERR", "changed a signal handler"),
    ];
    for when in [&[][..], &["-DON_LOAD"]] {
        let lab = Lab::new();
        let library = |(alias, change, _): (&str, &str, &str)| {
            let this = format!("-DTHIS={change}");
            compile_as(&lab, "changes", alias, &[when, &[&this]].concat()).display().to_string()
        };
        let backends = [vec!["naive".to_owned()], CHANGES.map(library).to_vec()].concat().join(",");
        let ran = lab.run(&["run", "--case", "add/1000", "-b", &backends, "--quick", "--format", "json"]).expect(0);
        let report = ran.says("now with a process each").report();
        for (alias, _, words) in CHANGES {
            report.expect_measured(alias);
            assert!(flags(&report, alias).iter().any(|flag| flag == words), "{alias}: {:?}", flags(&report, alias));
        }
        report.expect_measured("naive");
        assert_eq!(report.row_of("naive")["mode"], "split");
        assert!(flags(&report, "naive").iter().all(|flag| CHANGES.iter().all(|(.., words)| flag != words)));
    }
}

#[test]
fn a_table_of_another_size() {
    fails("small_table", "its table has no `create`");
    let none = as_beside_naive("small_table", "none", &["-DSTRUCT_SIZE=0"]).expect(6).report();
    none.expect_outcome("none", "failed", "its table has no `create`");
    beside_naive("large_table").expect(0).report().expect_measured("large_table");
}

#[test]
fn a_table_without_create() {
    fails("no_create", "its table has no `create`");
}

#[test]
fn a_table_that_is_none() {
    fails("fake_tables", "signal 11 (SIGSEGV) while creating its context");
}

#[test]
fn texts_that_are_none() {
    const TEXTS: [(&str, &[&str], &str); 7] = [
        ("null", &["-DNAME=NULL"], "its `name` is NULL"),
        ("ansi", &["-DNAME=\"bad\\033[2Jname\""], "its `name` has control characters"),
        ("latin", &["-DNAME=\"gr\\374n\""], "its `name` is not UTF-8"),
        ("bare", &["-DNAME=\"\""], "its `name` has 0 bytes"),
        ("long", &["-DNAME=long_name()"], "its `name` has 10485760 bytes; 1 to 128 are allowed"),
        ("endless", &["-DNAME=\"x\"", "-DTIERS=endless"], "lists more than 64 tiers"),
        // Another's name changes nothing: rows are told by what was asked for.
        ("twin", &["-DNAME=\"naive\""], "the plugin has no `add`"),
    ];
    let lab = Lab::new();
    let library =
        |(alias, macros, _): (&str, &[&str], &str)| compile_as(&lab, "texts", alias, macros).display().to_string();
    let backends = [vec!["naive".to_owned()], TEXTS.map(library).to_vec()].concat().join(",");
    let ran = lab.run(&["run", "--case", "add/1000", "-b", &backends, "--verify-only", "--format", "json"]).expect(6);
    assert!(!ran.stdout.contains('\x1b') && !ran.stderr.contains('\x1b'));
    for (alias, _, why) in TEXTS {
        let outcome = if alias == "twin" { "unsupported" } else { "failed" };
        ran.report().expect_outcome(alias, outcome, why);
    }
}

#[test]
fn an_op_that_is_not_offered_is_no_failure() {
    beside_naive("other_op").expect(0).report().expect_outcome("other_op", "unsupported", "the plugin has no `add`");
}

/// Whatever there is under a path: it is refused in a line that says what, why and what next, and the run goes on.
#[test]
fn files_that_are_no_plugins_cost_their_rows() {
    let lab = Lab::new();
    let library = fs::read(built("naive")).unwrap();
    let other_machine = [&library[..18], &[22, 0], &library[20..]].concat(); // e_machine
    let files: [(&str, &[u8], &str); 7] = [
        ("text", b"#!/bin/sh\necho hello\n", "is a text file, not an ELF library; build a shared library"),
        ("empty", b"", "is empty; copy or build it again"),
        ("head", &library[..64], "is truncated: "),
        ("half", &library[..library.len() / 2], "is truncated: "),
        ("nearly", &library[..library.len() - 1], "is truncated: "),
        ("program", &fs::read("/bin/true").unwrap(), "is an executable, not a library; build a shared library"),
        ("machine", &other_machine, "was built for s390x, this machine is "),
    ];
    let mut refused: Vec<(String, &str)> = Vec::new();
    for (alias, content, why) in files {
        refused.push((lab.write(&format!("{alias}.so"), content).display().to_string(), why));
    }
    fs::create_dir(lab.path("folder")).unwrap();
    std::os::unix::fs::symlink("nowhere.so", lab.path("link.so")).unwrap();
    let pipe = std::ffi::CString::new(lab.path("pipe").to_str().unwrap()).unwrap();
    // SAFETY: a path that ends with NUL.
    assert_eq!(unsafe { libc::mkfifo(pipe.as_ptr(), 0o600) }, 0);
    let found = [
        ("./folder", "is a directory; name the library itself, or the folder of its crate"),
        ("./link.so", "is a link to `nowhere.so`, which does not exist; build what it points to"),
        ("./pipe", "is not a regular file; name a library file"),
        ("/dev/null", "is not a regular file; name a library file"),
    ];
    refused.extend(found.map(|(path, why)| (path.to_owned(), why)));
    for (name, why) in [
        ("no_door", "exports no smbench entry point; call `export_backend!`"),
        ("undefined", "undefined symbol: nobody_defines_this; link"),
    ] {
        refused.push((compile(&lab, name).display().to_string(), why));
    }
    let needed = compile(&lab, "no_door");
    fs::rename(&needed, lab.path("libgone.so")).unwrap();
    let folder = format!("-L{}", lab.path("").display());
    let needs = compile_as(&lab, "repeats", "needs", &["-DTIMES=1", "-Wl,--no-as-needed", &folder, "-lgone"]);
    fs::remove_file(lab.path("libgone.so")).unwrap();
    compile(&lab, "no_door");
    refused.push((needs.display().to_string(), "libgone.so: cannot open shared object file"));

    let paths: Vec<&str> = refused.iter().map(|(path, _)| path.as_str()).collect();
    let backends = ["naive", &paths.join(",")].join(",");
    let ran = lab.run(&["run", "--case", "add/1000", "-b", &backends, "--quick", "--format", "json"]).expect(6);
    let report = ran.report();
    report.expect_measured("naive");
    for (path, why) in &refused {
        let file = Path::new(path).file_stem().unwrap().to_str().unwrap();
        let alias = file.strip_prefix("lib").unwrap_or(file);
        report.expect_outcome(alias, "failed", why);
        let reason = report.row_of(alias)["reason"].as_str().unwrap();
        assert!(!reason.contains('\n') && reason.len() < 400, "{reason}");
    }
}

/// Where nothing is, somebody has mistyped.
#[test]
fn what_is_not_there_ends_the_run_before_it_begins() {
    let lab = Lab::new();
    for (backend, why) in [("./absent.so", "there is no file"), ("absent", "no plugin `absent`")] {
        lab.run(&["run", "--case", "add/1000", "-b", "naive", "-b", backend]).expect(2).says(why);
    }
    assert!(!lab.path("store").exists(), "nothing is stored");
}

/// Runs `NAME.c` beside naive at one case; naive is measured whatever happens.
#[track_caller]
fn beside_naive(name: &str) -> Ran {
    as_beside_naive(name, name, &[])
}

#[track_caller]
fn as_beside_naive(name: &str, alias: &str, macros: &[&str]) -> Ran {
    let lab = Lab::new();
    let library = compile_as(&lab, name, alias, macros);
    let ran = run_beside_naive(&lab, &library);
    ran.report().expect_measured("naive");
    ran
}

#[track_caller]
fn run_beside_naive(lab: &Lab, library: &Path) -> Ran {
    let library = library.to_str().unwrap();
    lab.run(&[
        "run",
        "--case",
        "add/1000",
        "-b",
        "naive",
        "-b",
        library,
        "--preset",
        "quick",
        "--timeout",
        "3s",
        "--format",
        "json",
    ])
}

#[track_caller]
fn fails(name: &str, reason: &str) -> Ran {
    let ran = beside_naive(name).expect(6);
    ran.report().expect_outcome(name, "failed", reason);
    ran
}

#[track_caller]
fn rejected(name: &str, reason: &str) {
    let ran = beside_naive(name).expect(5);
    ran.report().expect_outcome(name, "rejected", reason);
    // The command that shows it again: what a check does not find takes launches.
    let how = if reason.starts_with("right in its check") { "--quick" } else { "--verify-only" };
    ran.says("again: smbench run --case ").says(how);
    assert!(!ran.stderr.contains("loaded from its own file"), "a copy computes the same: {}", ran.stderr);
}

/// Measured, and the change is written on who made it.
#[track_caller]
fn flagged(name: &str, words: &str) {
    let report = beside_naive(name).expect(0).report();
    report.expect_measured(name);
    let has = |backend: &str| flags(&report, backend).iter().any(|flag| flag.contains(words));
    assert!(has(name) && !has("naive"), "{:?} {:?}", flags(&report, name), flags(&report, "naive"));
}

fn flags(report: &Report, backend: &str) -> Vec<String> {
    report.row_of(backend)["flags"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap().to_owned()).collect()
}
