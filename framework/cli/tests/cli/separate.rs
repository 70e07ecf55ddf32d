//! Runs that were not measured together: claimed, refused, or measured again.

use std::fs;

use serde_json::Value;

use crate::gates::measure;
use crate::support::{Lab, compile_as};

/// `acme` as it was, in run `old`, and three times slower at the same path, in run `new`.
pub fn rebuilt() -> Lab {
    let lab = Lab::new();
    for (times, label) in [("-DTIMES=2", "old"), ("-DTIMES=6", "new")] {
        compile_as(&lab, "repeats", "acme", &[times]);
        run(&lab, &["--label", label]);
    }
    lab
}

/// Of a margin that no noise reaches.
const RUN: [&str; 8] = ["run", "--case", "add/1000", "-b", "./libacme.so", "--margin", "50", "--quick"];

#[track_caller]
fn run(lab: &Lab, more: &[&str]) {
    lab.run(&[&RUN[..], more].concat()).expect(0);
}

/// A stored run as a file, with something changed in it.
fn file(lab: &Lab, run: &str, name: &str, change: impl Fn(&mut Value)) {
    let text = lab.run(&["export", run, "run"]).expect(0).stdout;
    let mut file: Value = serde_json::from_str(&text).unwrap();
    quiet(&mut file["run"]);
    change(&mut file["run"]);
    fs::write(lab.path(name), file.to_string()).unwrap();
}

/// As if nobody else had been there.
fn quiet(run: &mut Value) {
    for launch in run["launches"].as_array_mut().unwrap() {
        let environment = &mut launch["launch"]["environment"];
        environment["runqueue_wait_ns"] = 0.into();
        environment["others_busy_ns"] = 0.into();
    }
}

#[test]
fn what_is_stored_is_claimed_shown_or_refused() {
    let lab = rebuilt();
    file(&lab, "old", "old.json", |_| ());
    file(&lab, "new", "new.json", |_| ());
    file(&lab, "old", "elsewhere.json", |run| run["machine"]["fingerprint"] = "0123".into());
    file(&lab, "old", "otherwise.json", |run| run["plan"]["cases"][0]["definition"] = "0123".into());
    let compare = |old: &str, new: &str, flags: &[&str]| {
        lab.run(&[&["compare", old, new, "--fail-on", "regression", "--format", "json"], flags].concat())
    };
    let claims = |old: &str, new: &str, evidence: &str, claim: &str| {
        let ran = compare(old, new, &[]).expect(8);
        ran.says("exit 8: not comparable: ").says("--accept-raw").says("judged 0 of 1");
        let report = ran.report();
        let [comparison] = report.comparisons() else { panic!("one comparison: {:?}", report.comparisons()) };
        assert_eq!(
            (&comparison["evidence"], &comparison["claim"]),
            (&evidence.into(), &claim.into()),
            "{comparison:#}"
        );
        assert!(comparison["verdict"].is_null() && comparison["p"].is_null() && comparison["reason"].is_string());
    };
    claims("old.json", "new.json", "raw", "changed, slower");
    claims("new.json", "old.json", "raw", "changed, faster");
    claims("elsewhere.json", "new.json", "imported", "no evidence");
    lab.run(&["compare", "old.json", "new.json"]).expect(0).says("changed, slower");

    let raw = ["--accept-raw"];
    compare("old.json", "new.json", &raw).expect(3).says("exit 3: 1 slower").says("acme at case/add/1000/f32: ");
    compare("new.json", "old.json", &raw).expect(0).says("judged 0 of 1");
    compare("elsewhere.json", "new.json", &raw).expect(0);
    lab.run(&["compare", "elsewhere.json", "new.json"]).expect(0).says("evidence imported: another machine");

    lab.run(&["compare", "otherwise.json", "new.json"]).expect(0).says("(acme): defined differently");
    for flags in [&[][..], &raw] {
        compare("otherwise.json", "new.json", flags).expect(8).says("no case was measured by the same backend in both");
    }
    lab.run(&["compare", "otherwise.json", "new.json", "--replay"]).expect(2).says("no case in common");

    lab.run(&["compare", "elsewhere.json", "new.json", "--replay"])
        .expect(2)
        .says("it was measured on another machine");
    lab.run(&["run", "--resume", "elsewhere.json"]).expect(2).says("elsewhere.json");
    lab.run(&[&RUN[..], &["--against", "elsewhere.json"]].concat()).expect(2).says("elsewhere.json");
    assert_eq!(lab.run(&["list", "runs"]).expect(0).stdout.lines().count(), 2, "nothing was measured");
}

#[test]
fn stored_builds_are_measured_again_or_beside_a_new_one() {
    let lab = rebuilt();
    let replay = |old: &str, new: &str, gates: &str| {
        let replay = ["compare", old, new, "--replay", "--fail-on", gates, "--format", "json"];
        measure(&lab, &replay)
    };
    let slower = replay("old", "new", "regression").expect(3);
    slower.says("acme-new at case/add/1000/f32: ");
    let report = slower.report();
    let words = |key: &str| report.comparisons()[0][key].as_str().unwrap();
    assert_eq!((words("evidence"), words("backend"), words("reference")), ("replayed", "acme-new", "acme-old"));

    let same = replay("new", "new", "regression").expect(0);
    let report = same.report();
    assert_eq!((report.comparisons()[0]["verdict"].as_str(), report.rows().len()), (Some("equivalent"), 2));

    let against = |run: &str| {
        let flags = ["--against", run, "--fail-on", "regression", "--format", "json"];
        measure(&lab, &[&RUN[..], &flags].concat())
    };
    let slower = against("old").expect(3);
    slower.says("acme at case/add/1000/f32: ").says("of acme-old");
    assert_eq!(slower.report().comparisons()[0]["evidence"], "paired");
    assert_eq!(against("new").expect(0).report().comparisons()[0]["verdict"], "equivalent");
    lab.run(&["run", "--case", "add/1000", "-b", "naive", "--against", "old"])
        .expect(2)
        .says("run `old` has none of the selected backends")
        .says("it has acme");
}
