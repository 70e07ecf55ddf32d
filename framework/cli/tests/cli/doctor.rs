//! What disturbs a run is said before it and stored with it; `doctor` looks at the machine by itself.

use std::fs;
use std::process::{Child, Command};

use serde_json::Value;

use crate::support::{Lab, Ran, compile, release, root};

/// Somebody who keeps a core busy.
struct Neighbour(Child);

impl Neighbour {
    fn new() -> Self {
        Self(Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap())
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_neighbour_is_noted_before_a_run_and_with_it() {
    let (lab, _neighbour) = (Lab::new(), Neighbour::new());
    for mode in [&["--quick"][..], &["--quick", "--isolate"]] {
        let command = [&["run", "--case", "add/10000", "-b", "naive,pooled", "--format", "json"], mode].concat();
        let ran = lab.run(&command).expect(0);
        ran.says("note: other processes: ");
        let environment = &ran.report().0["run"]["environment"];
        // It wants all of a core; on two of them, beside whatever else runs, it gets a third at least.
        assert!(environment["others_busy_pct"].as_f64().unwrap() > 30.0, "{environment}");
        assert!(environment["steal_pct"].is_number(), "{environment}");
    }
}

#[test]
fn a_doctor_says_how_far_a_backend_is_from_its_copy() {
    let lab = Lab::new();
    let ran = lab.run(&["doctor", "-b", "pooled", "--format", "json", "-o", "doctor.md"]).expect(0);
    let found = diagnosis(&ran);
    assert_eq!(found["backend"], "pooled");
    let floors = found["noise_floor"].as_array().unwrap();
    assert_eq!(floors.len(), 3);
    for floor in floors {
        assert_eq!(floor["launches"], 12, "{floor:#}");
        let [low, ratio, high] = ["low", "ratio", "high"].map(|name| floor[name].as_f64().unwrap());
        assert!(low <= ratio && ratio <= high && floor["launch_ns"].as_f64().unwrap() > 1e7, "{floor:#}");
        reach_follows_from_the_interval(floor, low, high);
    }
    let page = fs::read_to_string(lab.path("doctor.md")).unwrap();
    assert!(page.contains("# Doctor") && page.contains("is from a copy of itself"), "{page}");
    assert!(!lab.path("store").exists(), "a doctor keeps nothing");
}

/// Half the width of the interval shrinks with the square root of the launches.
#[track_caller]
fn reach_follows_from_the_interval(floor: &Value, low: f64, high: f64) {
    let half = 0.5 * (high / low).ln();
    for reach in floor["reach"].as_array().unwrap() {
        let change = (reach["change_pct"].as_f64().unwrap() / 100.0).ln_1p();
        let launches = (12.0 * (half / change).powi(2)).max(6.0);
        match reach["launches"].as_f64() {
            Some(found) => assert!((found - launches).abs() <= 1.0, "{found} is not {launches}: {floor:#}"),
            None => assert!(launches > 999.0, "{launches}: {floor:#}"),
        }
    }
}

#[test]
fn a_doctor_without_a_backend_gives_the_facts() {
    let lab = Lab::new();
    let alone = lab.path("smbench");
    fs::copy(release().join("smbench"), &alone).unwrap();
    let found = diagnosis(&lab.end(&mut lab.bare(&alone, &["doctor", "--format", "json"])).expect(0));
    assert!(found["not_measured"].as_str().unwrap().contains("-b PATH"), "{found:#}");
    lab.end(&mut lab.bare(&alone, &["doctor"]))
        .expect(0)
        .says("not measured: none of pooled, faer, naive is installed");
    lab.end(&mut lab.bare(&alone, &["doctor", "-b", "pooled"])).expect(2);
}

#[test]
fn a_backend_that_cannot_be_measured_says_why() {
    let lab = Lab::new();
    let library = compile(&lab, "segfault");
    let ran = lab.run(&["doctor", "-b", library.to_str().unwrap(), "--format", "json"]).expect(6);
    let found = diagnosis(&ran);
    assert!(found["not_measured"].as_str().unwrap().contains("signal 11"), "{found:#}");
}

#[track_caller]
fn diagnosis(ran: &Ran) -> Value {
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    let schema = fs::read_to_string(root().join("docs/doctor.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let faults: Vec<String> =
        schema.iter_errors(&found).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    found
}
