//! Every format, of one small run and of one whose names are attacks.

use serde_json::Value;

use super::*;
use crate::fixture;

#[test]
fn every_row_is_a_line() {
    let study = fixture::study();
    let text = csv(&study);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), study.rows.len() + 1);
    assert!(lines[0].starts_with("run,label,created,case,threads,backend,outcome,reason,time_ns_median,"));
    let failed = lines.iter().find(|line| line.contains(",failed,signal 11,")).unwrap();
    assert!(failed.ends_with(&format!(",signal 11{}", ",".repeat(17))), "what was not measured is empty: {failed}");
    let judged = lines.iter().find(|line| line.contains("matmul/64x64x64") && line.contains(",pooled,")).unwrap();
    assert!(judged.ends_with(",faster") && judged.contains(",naive,paired,0.1"), "{judged}");
}

#[test]
fn a_failure_is_a_failure() {
    let text = junit(&fixture::study());
    assert!(text.contains("<testsuite name=\"activations\""), "{text}");
    assert!(text.contains("failures=\"1\" errors=\"1\" skipped=\"1\">"), "{text}");
    assert!(text.contains("<error message=\"signal 11\"/></testcase>"), "{text}");
    assert!(text.contains("<system-out>0.1"), "{text}");
    assert_eq!(text.matches("<testcase ").count(), fixture::study().rows.len());
}

#[test]
fn a_benchmark_has_its_bounds() {
    let study = fixture::study();
    let value: Value = serde_json::from_str(&bencher(&study)).unwrap();
    let latency = &value["simd/matmul/64x64x64/f32 [pooled]"]["latency"];
    let [low, middle, high] = ["lower_value", "value", "upper_value"].map(|name| latency[name].as_f64().unwrap());
    assert!(low <= middle && middle <= high && (2000.0..3000.0).contains(&middle), "{latency}");
    assert_eq!(value["simd/matmul/64x64x64/f32 [naive]"]["allocated-bytes"]["value"], 16384.0);
    assert!(value.get("activations/softmax/32x512/f32 [acme]").is_none(), "it failed");
}

#[test]
fn an_entry_has_what_the_action_needs() {
    let value: Value = serde_json::from_str(&github_action_benchmark(&fixture::study())).unwrap();
    let entry = value
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["name"] == "simd/matmul/512x512x512/f32 · 2 threads [pooled]")
        .unwrap();
    assert_eq!(entry["unit"], "ns");
    assert!(entry["value"].is_f64() && entry["range"].as_str().unwrap().starts_with("± "), "{entry}");
}

#[test]
fn nasty_names_are_harmless_elsewhere() {
    let study = fixture::nasty();
    for text in [csv(&study), junit(&study), bencher(&study), github_action_benchmark(&study)] {
        assert!(!text.replace("\r\n", "\n").contains(['\x1b', '\r', '\u{202e}']), "{text}");
    }
    assert!(!junit(&study).contains("<script>"));
}
