//! Two hundred runs in a store, and what they say together.

use std::fs;
use std::path::Path;

use serde_json::Value;
use smbench_core::run::{Git, Run};
use smbench_host::file;
use smbench_host::store::Store;
use smbench_host::store::location::Location;

use crate::store::CASES;
use crate::support::{Lab, Ran, root};

const RUNS: usize = 200;
/// Runs by an older build of `pooled`, which took twice the time.
const OLD: usize = 190;

#[test]
fn two_hundred_runs_tell_their_history() {
    let lab = filled();

    let all = history(&lab, &["--last", "200"]);
    assert_eq!((all["runs"].as_array().unwrap().len(), &all["older"]), (RUNS, &Value::from(0)));
    assert_eq!(all["series"].as_array().unwrap().len(), 4, "two cases by two backends");
    for series in all["series"].as_array().unwrap() {
        assert_eq!(series["comparable"], RUNS, "{}", series["case"]);
        let rebuilt: Vec<usize> = steps(series, "plugin");
        let (ratio, pooled) = (series["ratio"].as_f64().unwrap(), series["backend"] == "pooled");
        assert_eq!((rebuilt, ratio), if pooled { (vec![OLD], 0.5) } else { (vec![], 1.0) });
    }

    let newest = history(&lab, &[]);
    assert_eq!((newest["runs"].as_array().unwrap().len(), &newest["older"]), (20, &Value::from(180)));
    let relu = history(&lab, &["relu", "-b", "pooled", "--branch", "odd", "--last", "7"]);
    assert_eq!((relu["runs"].as_array().unwrap().len(), &relu["older"]), (7, &Value::from(93)));
    assert_eq!(relu["series"][0]["points"].as_array().unwrap().len(), 7);
    assert!(relu["runs"].as_array().unwrap().iter().all(|run| run["git"]["branch"] == "odd"));

    let table = lab.run(&["history", "add/1_000", "-o", "history.md"]).expect(0);
    table.says("case/add/1000/f32 · 20 runs, oldest first").says("180 older runs not looked at").says("evidence raw");
    table.says("pooled     20       2").says("▇▇▇▁▁▁").says("another build of the plugin");
    assert!(fs::read_to_string(lab.path("history.md")).unwrap().starts_with("# History\n\n```sh\nsmbench history"));
    lab.run(&["history", "-f", "relu"]).expect(0).says("case/relu/1000/f32").says("0.500x");
}

#[test]
fn what_is_asked_for_has_to_be_there() {
    let lab = Lab::new();
    lab.run(&["run", "--case", CASES, "-b", "naive", "--quick", "--label", "first"]).expect(0);
    lab.run(&["history"]).expect(0).says("in two runs; 1 run looked at");
    lab.run(&["history", "add"]).expect(0).says("1 run, oldest first").says("first");
    lab.run(&["history", "1000"]).expect(2).says("`1000` is a part of 2 stored cases").says("case/add/1000/f32\n");
    lab.run(&["history", "1000", "-f", "add"]).expect(0);
    lab.run(&["history", "gelu"]).expect(2).says("no stored run has a case like `gelu`");
    lab.run(&["history", "-b", "naiv"])
        .expect(2)
        .says("no stored run has a backend `naiv`")
        .says("did you mean `naive`?");
    lab.run(&["history", "--branch", "main"]).expect(2).says("no stored run is of branch `main`");
    lab.run(&["history", "-f", "gelu"]).expect(4).says("nothing to show");
    lab.run(&["history", "-f", "["]).expect(2).says("is not a regular expression");
    lab.run(&["gc", "--keep", "0"]).expect(0);
    lab.run(&["history"]).expect(0);
}

/// A store of copies of one run, hourly from the first of a year long past.
fn filled() -> Lab {
    let lab = Lab::new();
    lab.run(&["run", "--case", CASES, "-b", "naive,pooled", "--quick", "--store", "one"]).expect(0);
    lab.run(&["export", "latest", "run", "-o", "one.json", "--store", "one"]).expect(0);
    let run = file::read(&lab.path("one.json")).unwrap();
    let mut store = Location::named(&lab.path("store")).open_or_create().unwrap();
    (0..RUNS).for_each(|hour| store.import(&copy(&run, hour)).unwrap());
    lab
}

fn copy(run: &Run, hour: usize) -> Run {
    let mut copy = run.clone();
    let (day, hour_of_day) = (1 + hour / 24, hour % 24);
    copy.id = format!("200101{day:02}-{hour_of_day:02}0000-abcd");
    copy.created = format!("2001-01-{day:02}T{hour_of_day:02}:00:00Z");
    let branch = if hour.is_multiple_of(2) { "even" } else { "odd" };
    copy.git = Some(Git { commit: format!("{hour:040x}"), branch: Some(branch.to_owned()), dirty: false });
    if hour < OLD {
        slow_down(&mut copy);
    }
    copy
}

/// Another build of the second backend, which takes twice the time.
fn slow_down(run: &mut Run) {
    run.plan.backends[1].sha256 = "0".repeat(64);
    let series = run.launches.iter_mut().flat_map(|launch| &mut launch.launch.series);
    for (_, series) in series.filter(|(backend, _)| *backend == 1) {
        series.ns.iter_mut().for_each(|ns| *ns *= 2);
    }
}

/// The places in a series where something changed.
fn steps(series: &Value, step: &str) -> Vec<usize> {
    let points = series["points"].as_array().unwrap().iter().enumerate();
    points
        .filter(|(_, point)| point["steps"].as_array().unwrap().iter().any(|is| is == step))
        .map(|(at, _)| at)
        .collect()
}

#[track_caller]
fn history(lab: &Lab, arguments: &[&str]) -> Value {
    let ran: Ran = lab.run(&[&["history", "--format", "json"], arguments].concat()).expect(0);
    let value: Value = serde_json::from_str(&ran.stdout).unwrap();
    follows(&value, &root().join("docs/history.schema.json"));
    value
}

#[track_caller]
fn follows(value: &Value, schema: &Path) {
    let schema = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
