//! What is stored outlives everything: the plugins, Ctrl-C, and `kill -9`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::json::follows_the_schema;
use crate::support::{Lab, Ran, built, compile, wait_until};

/// Two cases of twelve launches.
pub const CASES: &str = "add/1000,relu/1000";
const LAUNCHES: usize = 24;

#[test]
fn a_stored_run_needs_no_plugin() {
    let lab = Lab::new();
    let plugins = [copy(&lab, "naive", "one"), copy(&lab, "pooled", "two")];
    let measured = lab.run(&with_copies(&["--label", "first"])).expect(0);
    lab.run(&with_copies(&["--label", "second"])).expect(0);
    plugins.iter().for_each(|plugin| fs::remove_file(plugin).unwrap());

    let shown = lab.run(&["show", "first"]).expect(0);
    assert_eq!(shown.stdout, measured.stdout, "the same table");
    lab.run(&["show", "latest~1", "--samples", "-f", "relu"]).expect(0).says("case/relu/1000/f32\t1\ttwo\t11\t");
    lab.run(&["compare"]).expect(0).says("evidence raw");
    lab.run(&["compare", "first", "second", "--format", "json"]).expect(0).report();
    lab.run(&["chart", "first", "-o", "chart.md"]).expect(0);
    assert!(fs::read_to_string(lab.path("chart.md")).unwrap().starts_with("# "));
    lab.run(&["list", "runs"]).expect(0).says("second").says("24/24 launches").says("one,two");
    lab.run(&["list", "ops"]).expect(0).says("matmul");
}

#[test]
fn a_run_has_many_names_and_is_a_file_too() {
    let lab = Lab::new();
    let measure = ["run", "smoke", "-f", "add", "-b", "naive"];
    let labelled = |label: &str| lab.run(&[&measure[..], &["--label", label]].concat()).expect(0);
    let id = |name: &str| lab.run(&["export", name]).expect(0).report().0["run"]["id"].as_str().unwrap().to_owned();
    labelled("tag");
    let first = id("latest");
    thread::sleep(Duration::from_millis(1100)); // ids begin with the second
    labelled("tag");
    let second = id("latest");
    assert_eq!((id("latest~1"), id("tag")), (first.clone(), second), "a label moves");
    assert_eq!(id(&first), first);

    lab.run(&["export", &first, "run", "-o", "kept.json"]).expect(0);
    fs::remove_dir_all(lab.path("store")).unwrap();
    assert_eq!(id("kept.json"), first);
    lab.run(&["show", "./kept.json"]).expect(0).says("add/10000");
    lab.run(&["show", "latest"]).expect(2).says("no run is stored here");

    lab.run(&[&measure[..], &["--store", "there/one.sqlite"]].concat()).expect(0);
    lab.run(&["list", "runs", "--store", "there/one.sqlite"]).expect(0).says("finished");
    assert!(lab.path("there/one.sqlite").is_file() && !lab.path("store").exists());
}

#[test]
fn kill_9_keeps_every_finished_launch_and_resume_finishes() {
    let lab = Lab::new();
    let running = lab.start(&["run", "--case", CASES, "-b", "naive,pooled", "--preset", "quick"]);
    wait_for_launches(&lab, 4);
    running.signal(libc::SIGKILL);
    running.end("smbench run, killed");
    lab.expect_nobody();

    let killed = stored(&lab);
    assert!((4..LAUNCHES).contains(&launches(&killed).len()));
    assert_eq!(killed["state"], "running");
    lab.run(&["show"]).expect(0).says("add/1000");

    lab.run(&["run", "--resume"]).expect(0);
    expect_finished(&lab, &killed);
    lab.run(&["run", "--resume"]).expect(2).says("every stored run is finished");
}

#[test]
fn ctrl_c_prints_what_was_measured_and_resume_finishes() {
    let lab = Lab::new();
    let interrupted = interrupt(&lab, &["run", "--case", CASES, "-b", "naive,pooled", "--preset", "quick"]);
    interrupted.expect(130).says("add/1000").says("--resume");
    let kept = stored(&lab);
    assert_eq!(kept["state"], "interrupted");
    follows_the_schema(&lab.run(&["export"]).expect(0).report());

    let id = kept["id"].as_str().unwrap().to_owned();
    lab.run(&["run", "--resume", &id]).expect(0);
    expect_finished(&lab, &kept);
}

#[test]
fn resume_refuses_another_plugin() {
    let lab = Lab::new();
    let plugin = copy(&lab, "naive", "one");
    interrupt(&lab, &["run", "--case", CASES, "-b", "./libone.so", "--preset", "quick"]).expect(130);
    fs::copy(built("pooled"), &plugin).unwrap();
    lab.run(&["run", "--resume"]).expect(2).says("the plugin of `one` has changed");
    fs::copy(built("naive"), &plugin).unwrap();
    lab.run(&["run", "--resume"]).expect(0);
}

#[test]
fn ctrl_c_before_anything_is_measured_stores_no_failure() {
    let lab = Lab::new();
    let hangs = compile(&lab, "hangs_on_load");
    let running = lab.start(&["run", "--case", CASES, "-b", "naive", "-b", hangs.to_str().unwrap()]);
    wait_until("a worker hangs", || lab.processes().iter().any(|process| process.contains("__worker")));
    thread::sleep(Duration::from_millis(300));
    running.signal(libc::SIGINT);
    running.end("smbench run, interrupted").expect(130);
    lab.expect_nobody();
    lab.run(&["list", "runs"]).expect(2).says("no run is stored here");
}

/// A copy of a shipped plugin under a name of its own.
fn copy(lab: &Lab, name: &str, alias: &str) -> PathBuf {
    let copy = lab.path(&format!("lib{alias}.so"));
    fs::copy(built(name), &copy).unwrap();
    copy
}

fn with_copies<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let run = ["run", "--case", CASES, "-b", "./libone.so,./libtwo.so", "--preset", "quick"];
    [&run, more].concat()
}

/// Presses Ctrl-C in the middle of a run.
pub fn interrupt(lab: &Lab, arguments: &[&str]) -> Ran {
    let running = lab.start(arguments);
    wait_for_launches(lab, 3);
    running.signal(libc::SIGINT);
    let ran = running.end("smbench run, interrupted");
    lab.expect_nobody();
    ran
}

#[track_caller]
pub fn wait_for_launches(lab: &Lab, count: usize) {
    let enough = || {
        let list = lab.command(&["list", "runs"]).output().unwrap();
        let list = String::from_utf8(list.stdout).unwrap();
        let stored = |word: &str| word.split_once('/').and_then(|(stored, _)| stored.parse().ok()).unwrap_or(0);
        list.split_whitespace().any(|word| stored(word) >= count)
    };
    wait_until("launches are stored", enough);
}

/// The newest run with all its samples.
#[track_caller]
pub fn stored(lab: &Lab) -> Value {
    let text = lab.run(&["export", "latest", "run"]).expect(0).stdout;
    serde_json::from_str::<Value>(&text).unwrap()["run"].take()
}

pub fn launches(run: &Value) -> &[Value] {
    run["launches"].as_array().unwrap()
}

/// The run has every launch once, those of before untouched, and the same seed.
#[track_caller]
fn expect_finished(lab: &Lab, before: &Value) {
    let now = stored(lab);
    assert_eq!(now["state"], "finished");
    assert_eq!((&now["id"], &now["plan"]), (&before["id"], &before["plan"]), "the same run, seed and all");
    let which = |launch: &Value| (launch["case"].as_u64(), launch["number"].as_u64());
    let distinct: BTreeSet<_> = launches(&now).iter().map(which).collect();
    assert_eq!((launches(&now).len(), distinct.len()), (LAUNCHES, LAUNCHES));
    for kept in launches(before) {
        assert!(launches(&now).contains(kept), "launch {:?} has changed", which(kept));
    }
}
