//! A process each: when asked for, when a plugin asks for it, and when a shared launch went wrong.

use crate::support::{Lab, Ran, compile};

#[test]
fn isolated_backends_are_measured_and_the_mode_is_recorded() {
    let lab = Lab::new();
    let ran = lab.run(&[
        "run",
        "--case",
        "add/1000",
        "-b",
        "naive,pooled",
        "--isolate",
        "--preset",
        "quick",
        "--format",
        "json",
    ]);
    let report = ran.expect(0).report();
    for backend in ["naive", "pooled"] {
        report.expect_measured(backend);
        assert_eq!(report.row_of(backend)["mode"], "split");
    }
    assert_eq!(report.comparisons()[0]["d_launch"].as_array().unwrap().len(), 12);
}

#[test]
fn a_plugin_can_ask_for_a_process_of_its_own() {
    let lab = Lab::new();
    let library = compile(&lab, "prefers_split");
    let ran = lab.run(&["run", "--case", "add/1000", "-b", "naive", "-b", library.to_str().unwrap(), "--quick"]);
    ran.expect(0);
    assert_eq!(lab.run(&["export"]).expect(0).report().row_of("naive")["mode"], "split");
}

#[test]
fn a_plugin_that_reads_its_threads_while_loading_is_told_before() {
    let lab = Lab::new();
    let library = compile(&lab, "threads_variable");
    let plugin = ["-b", library.to_str().unwrap()];
    let run = ["run", "--case", "add/1000", "--threads", "1,2", "-b", "naive", "--quick", "--format", "json"];
    let report = lab.run(&[&run[..], &plugin].concat()).expect(0).report();
    let rows = report.rows().iter().filter(|row| row["backend"] == "threads_variable");
    let told: Vec<_> = rows.map(|row| (&row["threads"], &row["outcome"], &row["mode"])).collect();
    assert_eq!(
        told,
        [(&1.into(), &"measured".into(), &"split".into()), (&2.into(), &"measured".into(), &"split".into())]
    );
}

#[test]
fn whoever_crashes_a_shared_launch_is_found_and_the_others_go_on() {
    let lab = Lab::new();
    let ran = with_crashing(&lab, &["naive", "pooled"]).expect(6);
    ran.says("now with a process each");
    let report = ran.report();
    report.expect_outcome("crashes_later", "failed", "signal 11 (SIGSEGV)");
    for backend in ["naive", "pooled"] {
        report.expect_measured(backend);
        assert_eq!(report.row_of(backend)["launches"], 12, "no launch is lost");
    }
    let [comparison] = report.comparisons() else { panic!("one comparison is left: {:?}", report.comparisons()) };
    assert_eq!((&comparison["backend"], &comparison["launches"]), (&"pooled".into(), &12.into()));
}

#[test]
fn alone_it_costs_all_launches_and_no_more() {
    let lab = Lab::new();
    let ran = with_crashing(&lab, &[]).expect(6);
    ran.report().expect_outcome("crashes_later", "failed", "signal 11 (SIGSEGV)");
}

#[track_caller]
fn with_crashing(lab: &Lab, others: &[&str]) -> Ran {
    let library = compile(lab, "crashes_later");
    let backends = [others, &[library.to_str().unwrap()]].concat().join(",");
    lab.run(&["run", "--case", "add/1000", "-b", &backends, "--preset", "quick", "--format", "json"])
}
