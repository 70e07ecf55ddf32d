//! `smbench check`: what it says of strangers' plugins.

use std::fs;

use serde_json::Value;

use crate::support::{Lab, Ran, compile, root};

#[test]
fn an_inspection_as_json() {
    let found = inspection(&Lab::new().run(&["check", "pooled", "--format", "json"]).expect(0));
    assert_eq!((&found["plugin"]["name"], &found["pass"]), (&"pooled".into(), &true.into()));
    let of = |what: &str| -> &Value {
        let checks = found["checks"].as_array().unwrap();
        checks.iter().find(|check| check["what"] == what).unwrap_or_else(|| panic!("no {what}"))
    };
    let gelu = &of("gelu_tanh")["error"];
    assert!(gelu["max_ulp"].as_f64().unwrap() >= 1.0, "{gelu}");
    let furthest = gelu["furthest"].as_str().unwrap();
    assert!(furthest.starts_with("gelu_tanh ") && furthest.contains(", of x "), "{furthest}");
    assert_eq!(of("add")["error"]["furthest"], Value::Null, "an addition is exact");
    let (call, empty) = (of("relu")["call_ns"].as_f64().unwrap(), found["empty_call_ns"].as_f64().unwrap());
    assert!(call > empty, "nothing is cheaper than nothing: {call} and {empty}");
    assert_eq!(of("memory, zeroed")["outcome"], "right");
}

#[test]
fn what_is_to_be_mended_is_said_with_its_command() {
    let lab = Lab::new();
    let library = compile(&lab, "wrong_element");
    let command = ["check", library.to_str().unwrap(), "--threads", "2"];
    let again = format!("smbench check {} --op add --threads 2", library.display());
    lab.run(&command).expect(5).says("to mend: 1 of 1").says("rejected  add").says(&again);
    let found = inspection(&lab.run(&[&command[..], &["--format", "json", "-o", "check.md"]].concat()).expect(5));
    assert_eq!((&found["pass"], &found["checks"][0]["again"]), (&false.into(), &again.into()));
    assert!(fs::read_to_string(lab.path("check.md")).unwrap().starts_with("# Check\n"));
}

#[test]
fn an_allocator_with_a_flaw_is_to_be_mended() {
    let lab = Lab::new();
    let check = |name: &str| {
        let library = compile(&lab, name);
        lab.run(&["check", library.to_str().unwrap(), "--op", "memory"])
    };
    check("memory_right").expect(0).says("pass: 3 right");
    check("same_block").expect(5).says("is its memory another's, too?").says("--op memory");
    check("forgets_zeros").expect(5).says("to mend: 1 of 3").says("memory, zeroed");
}

#[test]
fn a_tier_that_is_wrong_is_named() {
    let lab = Lab::new();
    let library = compile(&lab, "wrong_tier");
    let found = inspection(&lab.run(&["check", library.to_str().unwrap(), "--format", "json"]).expect(5));
    let again = format!("smbench check {}@plain --op add", library.display());
    assert_eq!(found["checks"][0]["again"], again);
    lab.run(&["check", &format!("{}@fast", library.display())]).expect(0).says("in tier fast").says("pass: 1 right");
}

#[track_caller]
fn inspection(ran: &Ran) -> Value {
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    let schema = fs::read_to_string(root().join("docs/check.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let faults: Vec<String> =
        schema.iter_errors(&found).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    found
}
