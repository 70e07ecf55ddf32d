//! Operands flushed before every call: another case, named so, of single calls.

use crate::support::{Lab, Report};

#[test]
fn cold_stands_beside_hot_and_is_a_case_of_its_own() {
    let lab = Lab::new();
    for mode in [&["--quick"][..], &["--quick", "--isolate"]] {
        let run = ["run", "--case", "add/10_000", "--cache", "hot,cold", "-b", "naive,pooled", "--format", "json"];
        let report = lab.run(&[&run[..], mode].concat()).expect(0).report();
        report.expect_measured("naive").expect_measured("pooled");
        let [hot, cold] = ["case/add/10000/f32", "case/add/10000/f32/cold"].map(|id| find(&report, id));
        assert_ne!(hot["definition"], cold["definition"]);
        assert_eq!((hot["params"].get("cache"), &cold["params"]["cache"]), (None, &"cold".into()));
        // 120 KB from main memory instead of the L2; 4.8x on the machine this was written on.
        let [hot, cold] = [hot, cold].map(|row| row["time_ns"]["median"].as_f64().unwrap());
        assert!(cold > hot, "{cold} ns cold, {hot} ns hot");
        assert_eq!(report.comparisons().len(), 2, "each is compared with its like");
    }
    single_calls(&lab);
}

/// Every sample of the cold case is one call; of the hot one, hundreds.
#[track_caller]
fn single_calls(lab: &Lab) {
    let samples = lab.run(&["show", "latest", "--samples"]).expect(0).stdout;
    let mut lines = samples.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let [case, calls] = ["case", "calls"].map(|name| header.iter().position(|column| *column == name).unwrap());
    let (cold, hot): (Vec<_>, Vec<_>) = lines.partition(|line| line[case].ends_with("/cold"));
    assert!(cold.len() >= 2 * 12 * 5 && cold.iter().all(|line| line[calls] == "1"), "{} cold", cold.len());
    assert!(hot.iter().all(|line| line[calls] != "1"), "{} hot", hot.len());
}

#[test]
fn a_suite_says_cold_and_a_printed_id_runs_again() {
    let lab = Lab::new();
    lab.write(
        "mine.ron",
        "(name: \"mine\", about: \"cold\", ops: [(op: \"add\", sizes: [\"100_000\"], cache: \"hot,cold\")])",
    );
    let list = lab.run(&["list", "cases", "mine.ron"]).expect(0);
    list.says("mine/add/100000/f32 ").says("mine/add/100000/f32/cold ");
    let only = lab.run(&["list", "cases", "mine.ron", "--cache", "hot"]).expect(0).stdout;
    assert!(!only.contains("cold"), "{only}");
    let again = ["run", "--case", "mine/add/100000/f32/cold", "-b", "pooled", "--quick", "--format", "json"];
    let report = lab.run(&again).expect(0).report();
    assert_eq!(report.expect_measured("pooled").row_of("pooled")["case"], "case/add/100000/f32/cold");
}

#[test]
fn a_cold_call_that_is_too_short_to_time_is_refused() {
    let report = Lab::new()
        .run(&["run", "--case", "relu/16/cold", "-b", "pooled", "--quick", "--format", "json"])
        .expect(0)
        .report();
    report.expect_outcome("pooled", "unsupported", "too short to time (at least 2000 ns)");
}

#[track_caller]
fn find<'a>(report: &'a Report, id: &str) -> &'a serde_json::Value {
    report.rows().iter().find(|row| row["case"] == id && row["backend"] == "pooled").expect(id)
}
