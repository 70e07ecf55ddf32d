//! `--goals` and `--fail-on goal`: what a run should reach, and the exit code where it does not.
//!
//! `three` is three times as slow as `one`, and no limit is near either.

use std::fs;

use crate::gates::{measure, quiet};
use crate::json::follows_the_schema;
use crate::separate::rebuilt;
use crate::store::{CASES, interrupt};
use crate::support::{Acme, Lab, compile_as, root};

const GOALS: &str = r#"(goals: [
    (case: "add/1000/", metric: ratio, at_most: 1.5, about: "not twice as slow", blocker: true),
    (case: "^case/add/", backend: "one", metric: gb_per_s, at_least: 0.001),
    (case: "softmax", threads: 2, metric: allocations, at_most: 0),
])"#;

#[test]
fn a_missed_goal_is_exit_3_and_named() {
    let lab = Lab::new();
    lab.write("goals.ron", GOALS);
    lab.write("met.ron", GOALS.replace("1.5", "15"));
    compile_as(&lab, "repeats", "one", &["-DTIMES=1"]);
    compile_as(&lab, "repeats", "three", &["-DTIMES=3"]);
    let run = ["run", "--case", "add/1000", "-b", "./libone.so,./libthree.so", "--quick", "--goals"];
    let ran = measure(&lab, &[&run[..], &["goals.ron", "--fail-on", "goal"]].concat()).expect(3);
    ran.says("goals: 1 met, 1 missed, 1 without a case").says("missed (blocker): three at case/add/1000/f32: ");
    ran.says("exit 3: 1 missed").says("and the goal is at most 1.50x (not twice as slow)");
    ran.says("again: smbench run --case case/add/1000/f32 -b ./libone.so,./libthree.so");
    for stream in [&ran.stdout, &ran.stderr] {
        assert!(stream.contains("softmax, 2 threads matches nothing in this run"), "{stream}");
        assert!(!stream.contains("judged"), "no gate asks for verdicts: {stream}");
    }

    let pair = ["compare", "latest", "--pair", "one,three", "--goals"];
    lab.run(&[&pair[..], &["goals.ron"]].concat()).expect(0).says("goals: 1 met, 1 missed, 1 without a case");
    let met = lab.run(&[&pair[..], &["met.ron", "--fail-on", "goal"]].concat()).expect(0);
    met.says("gate goal: 2 met, 1 without a case");
    let both = ["goals.ron", "--fail-on", "regression,goal", "--format", "json"];
    let report = lab.run(&[&pair[..], &both].concat()).expect(3).says("judged 1 of 1").report();
    follows_the_schema(&report);
    let goals = &report.0["run"]["gate"]["goals"];
    assert_eq!((&goals[0]["at_most"], &goals[0]["at_least"]), (&1.5.into(), &serde_json::Value::Null));
    let standing = &goals[0]["rows"][0];
    assert_eq!((&standing["backend"], &standing["reached"]), (&"three".into(), &"missed".into()));
    assert_eq!(standing["value"], report.comparisons()[0]["ratio"], "the same figure");
    assert_eq!((&goals[1]["rows"][0]["reached"], &goals[2]["rows"]), (&"met".into(), &serde_json::json!([])));

    // Of two runs the newest is meant, which need not be comparable with the one before.
    let apart = ["compare", "latest", "latest", "--goals", "met.ron", "--fail-on", "goal"];
    lab.run(&apart).expect(0).says("goals: 2 met, 1 without a case");
}

#[test]
fn a_bad_file_is_told_before_anything_is_measured() {
    let lab = Lab::new();
    let run = ["run", "smoke", "-f", "add", "--fail-on", "goal"];
    lab.run(&run).expect(2).says("--fail-on goal needs --goals FILE");
    let check = |text: &str, said: &[&str]| {
        lab.write("goals.ron", text);
        let ran = lab.run(&[&run[..], &["--goals", "goals.ron"]].concat()).expect(2);
        for part in said {
            ran.says(part);
        }
    };
    let of = |goal: &str| format!("(goals: [\n    ({goal}),\n])");
    check("(goals: [])", &["`goals.ron` has no goals"]);
    check(
        &of(r#"case: "a", metric: ratio, at_mst: 1"#),
        &["unknown field `at_mst`", "--> goals.ron:2:32", "did you mean `at_most`"],
    );
    check(
        &of(r#"case: "a", metric: ratio"#),
        &["a goal needs a limit: `at_most: …`", "--> goals.ron:2:", "in `goals[0]`"],
    );
    check(&of(r#"case: "a(", metric: ratio, at_most: 1"#), &["`a(` is not a regular expression", "--> goals.ron:2:12"]);
    lab.run(&[&run[..], &["--goals", "nowhere.ron"]].concat()).expect(2).says("cannot read `nowhere.ron`");
    lab.run(&["list", "runs"]).expect(2).says("no run is stored here");
}

#[test]
fn revisions_are_held_against_goals() {
    let acme = Acme::new();
    let goals = |text: &str| acme.lab.write("goals.ron", format!("(goals: [{text}])"));
    let ab = || acme.ab(&["--case", "scale/1_000", "--quick", "--goals", "../goals.ron", "--fail-on", "goal"]);
    goals(r#"(case: "scale(", metric: ratio, at_most: 1)"#);
    ab().expect(2).says("`scale(` is not a regular expression");
    assert!(!acme.lab.path("cache").exists(), "said before minutes of building");

    goals(
        r#"(case: "scale", metric: ratio, at_most: 2),
           (case: "scale", backend: "acme-HEAD", metric: ratio, at_most: 2),
           (case: "scale", backend: "acme", metric: allocations, at_most: 0)"#,
    );
    ab().expect(0).says("gate goal: 3 without a case").says("nothing to compare");
    acme.slow_down();
    let ran = quiet(ab).expect(3);
    ran.says("goals: 1 missed, 1 not measured, 1 without a case").says("exit 3: 1 missed");
    ran.says("acme-work at case/scale/1000/f32: ").says("and the goal is at most 2.00x");
    ran.says("not measured: acme-HEAD at case/scale/1000/f32: others are compared with it");
    ran.says("scale, acme matches nothing in this run")
        .says("again: smbench run --case case/scale/1000/f32 -b acme-HEAD=");
}

#[test]
fn a_resumed_run_is_held_against_the_goals_of_now() {
    let lab = Lab::new();
    lab.write("met.ron", r#"(goals: [(case: "^case/", metric: gb_per_s, at_least: 0.001)])"#);
    lab.write("missed.ron", r#"(goals: [(case: "^case/", metric: gb_per_s, at_least: 1e6)])"#);
    let goals = |file: &'static str| ["--goals", file, "--fail-on", "goal"];
    let run = ["run", "--case", CASES, "-b", "naive", "--preset", "quick"];
    let begun = interrupt(&lab, &[&run[..], &goals("met.ron")].concat()).expect(130);
    begun.says("gate goal: ");
    assert!(!begun.stdout.contains("missed"), "{}", begun.stdout);

    lab.run(&[&["run", "--resume"], &goals("gone.ron")[..]].concat()).expect(2).says("cannot read `gone.ron`");
    let ran = lab.run(&[&["run", "--resume"], &goals("missed.ron")[..]].concat()).expect(3);
    ran.says("goals: 2 missed").says("exit 3: 2 missed").says("naive at case/add/1000/f32: ");
}

#[test]
fn a_replay_is_held_against_goals() {
    let lab = rebuilt();
    let goals = r#"(goals: [
        (case: "add", backend: "acme-new", metric: ratio, at_most: 1.5, blocker: true),
        (case: "add", backend: "acme", metric: gb_per_s, at_least: 0.001),
    ])"#;
    lab.write("goals.ron", goals);
    let compare = ["compare", "old", "new", "--goals", "goals.ron", "--fail-on", "goal", "--format", "json"];
    let stored = lab.run(&compare).expect(0);
    stored.says("gate goal: 1 met, 1 without a case");
    let ran = measure(&lab, &[&compare[..], &["--replay"]].concat()).expect(3);
    ran.says("gate goal: 1 missed, 1 without a case").says("add, acme matches nothing in this run");
    ran.says("acme-new at case/add/1000/f32: ").says("and the goal is at most 1.50x");
    ran.says("again: smbench run --case case/add/1000/f32 -b acme-old=");
    let report = ran.report();
    follows_the_schema(&report);
    let standing = &report.0["run"]["gate"]["goals"][0]["rows"][0];
    assert_eq!((&standing["backend"], &standing["reached"]), (&"acme-new".into(), &"missed".into()));
    assert_eq!(standing["value"], report.comparisons()[0]["ratio"], "the same figure");
    let swapped = ["compare", "new", "old", "--replay", "--goals", "goals.ron", "--fail-on", "goal"];
    measure(&lab, &swapped).expect(0).says("gate goal: 1 not measured, 1 without a case");
}

#[test]
fn every_shipped_goal_is_about_a_case_that_ships() {
    let lab = Lab::new();
    let text = fs::read_to_string(root().join("configs/goals.ron")).unwrap();
    let listed = lab.run(&["list", "cases", "full"]).expect(0).stdout;
    let ids: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let patterns: Vec<&str> =
        text.split("case: \"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(pattern, _)| pattern).collect();
    assert!(patterns.len() > 5, "{patterns:?}");
    for pattern in patterns {
        let regex = regex_lite::Regex::new(pattern).unwrap();
        assert!(ids.iter().any(|id| regex.is_match(id)), "{pattern}");
    }
    lab.write("goals.ron", text);
    let run = ["run", "full", "-f", "simd/add/10000/", "-b", "naive", "--quick", "--goals", "goals.ron"];
    lab.run(&run).expect(0).says("goals: 7 without a case");
}
