//! Plugins that misbehave, and files that are none: each costs its own rows, and never the run.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Lab, Ran, Report, built, compile, compile_as};

#[test]
fn a_crash() {
    fails("segfault", "signal 11 (SIGSEGV) while checking it");
}

#[test]
fn an_abort() {
    fails("aborts", "signal 6 (SIGABRT) while checking it");
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
    rejected("lazy_later", "right in its check, wrong in a launch: out[0] was never written");
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
    flagged("flushes_to_zero", "changed the floating-point mode");
}

#[test]
fn a_changed_signal_handler_is_flagged() {
    flagged("takes_signals", "changed a signal handler");
}

#[test]
fn a_table_of_another_size() {
    fails("small_table", "its table has no `create`");
    beside_naive("large_table").expect(0).report().expect_measured("large_table");
}

#[test]
fn a_table_without_create() {
    fails("no_create", "its table has no `create`");
}

#[test]
fn a_name_with_control_characters() {
    let ran = fails("bad_name", "its `name` has control characters");
    assert!(!ran.stdout.contains('\x1b') && !ran.stderr.contains('\x1b'));
}

#[test]
fn an_op_that_is_not_offered_is_no_failure() {
    beside_naive("other_op").expect(0).report().expect_outcome("other_op", "unsupported", "the plugin has no `add`");
}

#[test]
fn files_that_are_no_plugins_cost_their_rows() {
    let library = fs::read(built("naive")).unwrap();
    not_a_plugin("text.so", b"#!/bin/sh\necho hello\n");
    not_a_plugin("empty.so", b"");
    not_a_plugin("head.so", &library[..64]);
    not_a_plugin("half.so", &library[..library.len() / 2]);
    not_a_plugin("nearly.so", &library[..library.len() - 1]);
    not_a_plugin("program.so", &fs::read("/bin/true").unwrap());
}

#[test]
fn what_is_no_file_ends_the_run_before_it_begins() {
    let lab = Lab::new();
    fs::create_dir(lab.path("folder")).unwrap();
    for (backend, why) in
        [("./folder", "is a folder"), ("./absent.so", "there is no file"), ("absent", "no plugin `absent`")]
    {
        lab.run(&["run", "--case", "add/1000", "-b", "naive", "-b", backend]).expect(2).says(why);
    }
    assert!(!lab.path("store").exists(), "nothing is stored");
}

/// Runs `NAME.c` beside naive at one case; naive is measured whatever happens.
#[track_caller]
fn beside_naive(name: &str) -> Ran {
    let lab = Lab::new();
    let library = compile(&lab, name);
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

#[track_caller]
fn not_a_plugin(name: &str, content: &[u8]) {
    let lab = Lab::new();
    let library = lab.write(name, content);
    let backends = format!("naive,{}", library.display());
    let verify = ["run", "--case", "add/1000", "-b", &backends, "--verify-only", "--format", "json"];
    let report = lab.run(&verify).expect(6).report();
    let alias = name.trim_end_matches(".so");
    assert_eq!(report.row_of(alias)["outcome"], "failed", "{name}");
    assert_eq!(report.row_of("naive")["error"]["max_abs"], 0.0, "naive is checked all the same");
}

#[test]
fn a_plugin_without_optimisation_is_refused_unless_that_is_allowed() {
    let lab = Lab::new();
    let library = compile_as(&lab, "prints", "slow", &["-O0"]);
    let check = ["check", library.to_str().unwrap(), "--op", "add"];
    lab.run(&check)
        .expect(6)
        .says("was built without optimisation: build it with --release or -O2, or pass --allow-debug");
    lab.run(&[&check[..], &["--allow-debug"]].concat()).expect(0);
}
