//! The plugins that ship pass the check that a stranger's has to pass.

use crate::support::{Lab, built};

#[test]
fn naive_is_right() {
    is_right("naive", &["1", "2"]);
}

#[test]
fn faer_is_right() {
    is_right("faer", &["1", "2"]);
}

#[test]
fn pooled_is_right_in_every_tier() {
    let tiers = tiers("pooled");
    assert!(tiers.contains(&"portable".to_owned()), "{tiers:?}");
    for tier in tiers {
        is_right(&format!("pooled@{tier}"), &["1", "2"]);
    }
}

#[test]
fn a_check_takes_a_path_and_the_ops_asked_for() {
    let ran = Lab::new().run(&["check", built("naive").to_str().unwrap(), "--op", "softmax", "--op", "add"]).expect(0);
    ran.says("pass: 2 right, 0 unsupported, 0 not offered");
}

#[test]
fn a_tier_that_is_not_there_is_refused() {
    let lab = Lab::new();
    lab.run(&["check", "pooled@mmx"]).expect(2).says("no tier `mmx` on this machine");
}

#[test]
fn all_of_quick_verifies_and_measures_nothing() {
    let lab = Lab::new();
    let report = lab.run(&["run", "quick", "--verify-only", "--format", "json"]).expect(0).report();
    lab.run(&["show"]).expect(2).says("no run is stored here");
    assert!(!report.rows().is_empty());
    for row in report.rows() {
        assert_eq!((&row["launches"], row["time_ns"].is_null()), (&0.into(), true), "{row:#}");
        assert!(row["error"].is_object(), "compared with f64: {row:#}");
    }
}

#[track_caller]
fn is_right(backend: &str, threads: &[&str]) {
    for threads in threads {
        let ran = Lab::new().run(&["check", backend, "--threads", threads]).expect(0);
        ran.says("pass: ").says(" 0 unsupported, 0 not offered");
    }
}

/// Tiers of a plugin that run on this machine, as `check` lists them.
fn tiers(backend: &str) -> Vec<String> {
    let ran = Lab::new().run(&["check", backend, "--op", "add", "--format", "json"]).expect(0);
    let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    found["plugin"]["tiers"].as_array().unwrap().iter().map(|tier| tier.as_str().unwrap().to_owned()).collect()
}
