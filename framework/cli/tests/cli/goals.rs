//! `--goals` and `--fail-on goal`: what a run should reach, and the exit code where it does not.
//!
//! `three` is three times as slow as `one`, and no limit is near either.

use std::fs;

use crate::gates::measure;
use crate::json::follows_the_schema;
use crate::separate::rebuilt;
use crate::store::{CASES, interrupt};
use crate::support::{Acme, Lab, Ran, compile_as, root};

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
    let goals = ["--goals", "../goals.ron", "--fail-on", "goal", "--format", "json"];
    let ab = || acme.ab(&[&["--case", "scale/1_000", "--quick"], &goals[..]].concat());
    acme.lab.write("goals.ron", r#"(goals: [(case: "scale(", metric: ratio, at_most: 1)])"#);
    ab().expect(2).says("`scale(` is not a regular expression");
    assert!(!acme.lab.path("cache").exists(), "said before minutes of building");

    acme.lab.write("goals.ron", of_a_pair("acme-HEAD"));
    assert!(ab().expect(0).says("gate goal: 4 without a case").report().0["run"].is_null());
    acme.slow_down();
    expect_a_pair(&ab().expect(3), ["acme-HEAD", "acme-work"]);
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
    lab.write("goals.ron", of_a_pair("acme-old"));
    let goals = ["--goals", "goals.ron", "--fail-on", "goal", "--format", "json"];
    let ran = lab.run(&[&["compare", "old", "new", "--replay"], &goals[..]].concat()).expect(3);
    expect_a_pair(&ran, ["acme-old", "acme-new"]);
}

/// Goals of two builds of `acme`, of which this is the older. Nobody comes near a million GB/s.
fn of_a_pair(reference: &str) -> String {
    let goals = r#"(goals: [
        (case: "^case/", metric: ratio, at_most: 1.5),
        (case: "^case/", backend: "REFERENCE", metric: ratio, at_most: 1.5),
        (case: "^case/", metric: gb_per_s, at_least: 1e6, blocker: true),
        (case: "^case/", backend: "acme", metric: allocations, at_most: 0),
    ])"#;
    goals.replace("REFERENCE", reference)
}

/// Who is held against each of them, and how that ended; whether a ratio is reliable is the machine's affair.
#[track_caller]
fn expect_a_pair(ran: &Ran, [old, new]: [&str; 2]) {
    ran.says("exit 3: ").says("1 without a case").says("^case/, acme matches nothing in this run");
    ran.says(&format!("{old} at case/")).says("again: smbench run --case case/").says(&format!(" -b {old}="));
    let report = ran.report();
    follows_the_schema(&report);
    let [comparison] = report.comparisons() else { panic!("{:#}", report.0) };
    let rows = |goal: usize| report.0["run"]["gate"]["goals"][goal]["rows"].as_array().unwrap();
    let stand = |goal: usize| -> Vec<_> { rows(goal).iter().map(|row| (&row["backend"], &row["reached"])).collect() };
    assert_eq!((rows(0).len(), &rows(0)[0]["backend"]), (1, &new.into()), "against its own predecessor");
    assert_eq!(rows(0)[0]["value"], comparison["ratio"], "the same figure");
    assert_eq!(stand(1), [(&old.into(), &"not_measured".into())]);
    assert_eq!(stand(2), [(&old.into(), &"missed".into()), (&new.into(), &"missed".into())]);
    assert!(rows(3).is_empty(), "`acme` is neither");
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
