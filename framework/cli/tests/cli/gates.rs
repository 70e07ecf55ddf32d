//! `--fail-on`: exit codes, what stands on standard error and in the JSON, and what is shown of it again.
//!
//! Planted slow-downs are threefold and the margin is 50 %: no noise comes near either.

use serde_json::Value;

use crate::json::follows_the_schema;
use crate::support::{Lab, Ran, compile, compile_as};

/// Measures; again if others kept the cores for themselves, which allows no verdict. A dozen times in a row would be new.
#[track_caller]
pub fn measure(lab: &Lab, arguments: &[&str]) -> Ran {
    let mut measured = (0..12).map(|_| lab.run(arguments));
    measured.find(|ran| !ran.stdout.contains("threads waited for a core")).expect("a core to run on")
}

/// `one` and `swings`, which is three times slower at 1,000 elements and cannot be judged at 2,000.
pub fn swinging(lab: &Lab) -> [&'static str; 9] {
    compile_as(lab, "repeats", "one", &["-DTIMES=3"]);
    let count = format!("-DCOUNT=\"{}\"", lab.path("count").display());
    compile_as(lab, "swings", "swings", &[&count]);
    // It counts in a file, which a confined plugin cannot.
    let (cases, backends) = ("add/1000,add/2000", "./libone.so,./libswings.so");
    ["run", "--case", cases, "-b", backends, "--trust", "swings", "--margin", "50"]
}

#[test]
fn a_regression_is_exit_3_and_what_is_undecided_exit_7() {
    let lab = Lab::new();
    let run = [&swinging(&lab)[..], &["--quick"]].concat();
    let ran = measure(&lab, &[&run[..], &["--fail-on", "regression,undecided", "--format", "json"]].concat()).expect(3);
    ran.says("gate regression, undecided: judged 1 of 2")
        .says("exit 3: 1 slower")
        .says("exit 7: 1 could not be judged");
    ran.says("swings at case/add/1000/f32: ").says("again: smbench run --case case/add/1000/f32 -b ./libone.so,");
    let report = ran.report();
    follows_the_schema(&report);
    let compared = |case: &str| serde_json::json!([{"case": case, "threads": 1, "backend": "swings"}]);
    let gate = &report.0["run"]["gate"];
    assert_eq!((&gate["judged"], &gate["planned"], &gate["incomparable"]), (&1.into(), &2.into(), &Value::Null));
    assert_eq!(gate["fail_on"], serde_json::json!(["regression", "undecided"]));
    assert_eq!(gate["regressed"], compared("case/add/1000/f32"));
    assert_eq!(gate["undecided"], compared("case/add/2000/f32"));

    // Every gate again, on what is stored.
    let pair = ["compare", "latest", "--pair", "one,swings", "--format", "json", "--fail-on"];
    for (gates, code) in [
        ("regression", 3),
        ("undecided", 7),
        ("regression=150%", 3),
        ("regression=900", 0),
        ("regression=900,undecided", 7),
    ] {
        lab.run(&[&pair[..], &[gates]].concat()).expect(code).says("judged 1 of 2");
    }
    assert_eq!(lab.run(&pair[..6]).expect(0).report().comparisons(), report.comparisons(), "the same figures");
    let swapped = ["compare", "latest", "--pair", "swings,one", "--format", "json", "--fail-on", "regression"];
    mirrors(lab.run(&swapped).expect(0).report().comparisons(), report.comparisons());

    for (only, shown, hidden) in [("changed", "add/1000", "add/2000"), ("undecided", "add/2000", "add/1000")] {
        for command in [&["show"][..], &pair[..4]] {
            let ran = lab.run(&[command, &["--only", only]].concat()).expect(0);
            ran.says(shown).says("1 of 2 cases shown");
            assert!(!ran.stdout.contains(&format!("{hidden}  ")), "{}", ran.stdout);
        }
    }
    lab.run(&["show", "--only", "failed"]).expect(0).says("0 of 2 cases shown");
    // Between a run and itself nothing changed, though within it one backend is slower.
    lab.write("same.json", lab.run(&["export", "latest", "run"]).expect(0).stdout);
    let same = ["compare", "same.json", "same.json", "--only"];
    lab.run(&[&same[..], &["changed"]].concat()).expect(0).says("none of the cases that both runs measured is shown");
    let open = lab.run(&[&same[..], &["undecided"]].concat()).expect(0);
    open.says("add/1000").says("add/2000");
    lab.run(&["show", "--samples"]).expect(0).says("\tswings\t11\t").says("\tA/A control\t");
}

/// Ratios turned upside down, by the same evidence.
#[track_caller]
fn mirrors(here: &[Value], there: &[Value]) {
    assert_eq!((here.len(), there.len()), (2, 2));
    for (here, there) in here.iter().zip(there) {
        let near = |a: &str, b: &str| {
            let product = here[a].as_f64().unwrap() * there[b].as_f64().unwrap();
            assert!((product - 1.0).abs() < 1e-9, "{a}: {here:#} {there:#}");
        };
        for (a, b) in [("ratio", "ratio"), ("low", "high"), ("high", "low"), ("low_90", "high_90")] {
            near(a, b);
        }
        assert_eq!((&here["p"], &here["q"]), (&there["p"], &there["q"]));
        let verdicts = [&here["verdict"], &there["verdict"]].map(|verdict| verdict.as_str().unwrap());
        assert!([["improved", "regressed"], ["inconclusive"; 2]].contains(&verdicts), "{verdicts:?}");
    }
}

#[test]
fn wrong_results_and_crashes_go_before_a_regression() {
    let lab = Lab::new();
    compile_as(&lab, "repeats", "two", &["-DTIMES=2"]);
    compile_as(&lab, "repeats", "six", &["-DTIMES=6"]);
    compile(&lab, "wrong_element");
    compile(&lab, "segfault");
    let backends = "./libtwo.so,./libsix.so,./libwrong_element.so,./libsegfault.so";
    let run =
        ["run", "--case", "add/1000,relu/1000", "-b", backends, "--margin", "50", "--quick", "--fail-on", "regression"];
    let ran = measure(&lab, &run).expect(6);
    ran.says("exit 6: 1 failed").says("exit 5: 1 rejected").says("exit 3: 1 slower").says("judged 1 of 6");

    let failed = lab.run(&["show", "--only", "failed"]).expect(0);
    failed.says("add/1000").says("1 of 2 cases shown");
    assert!(!failed.stdout.contains("relu/1000"), "unsupported is not failed: {}", failed.stdout);
    lab.run(&["compare", "latest", "--pair", "two,wrong_element", "--fail-on", "regression"])
        .expect(0)
        .says("judged 0 of 2");
}

#[test]
fn the_margin_is_what_is_asked_for() {
    let lab = Lab::new();
    compile_as(&lab, "repeats", "two", &["-DTIMES=2"]);
    compile_as(&lab, "repeats", "three", &["-DTIMES=3"]);
    let judged = |margin: &str| {
        let run = ["run", "--case", "add/1000", "-b", "./libtwo.so,./libthree.so", "--quick", "--format", "json"];
        let report = measure(&lab, &[&run[..], &["--margin", margin]].concat()).expect(0).report();
        assert_eq!(report.0["run"]["control"]["memory"]["launches"], 12);
        assert!(report.0["run"]["noise_floor"].as_f64().unwrap() >= 0.0);
        let comparison = &report.comparisons()[0];
        (comparison["margin"].as_f64().unwrap(), comparison["verdict"].as_str().unwrap().to_owned())
    };
    assert_eq!(judged("100%"), (1.0, "equivalent".to_owned()), "half as slow again is within double");
    assert_eq!(judged("0.1").0, 0.001);
}

#[test]
fn a_gate_needs_something_to_judge() {
    let lab = Lab::new();
    let nothing = "with one backend there is nothing that --fail-on could judge";
    for gate in ["regression", "undecided"] {
        lab.run(&["run", "--case", "add/1000", "-b", "naive", "--fail-on", gate]).expect(2).says(nothing);
    }
    lab.run(&["run", "smoke", "--fail-on", "slower"]).expect(2).says("`slower` is none of regression, regression=5%");
    lab.run(&["list", "runs"]).expect(2).says("no run is stored here");
}
