//! Bencher's metric format (bencher.dev, BMF JSON): benchmarks, their measures, and each value with its bounds.

use serde_json::{Map, Value, json};
use smbench_core::study::{Row, Study};

use super::measured;

/// All that was measured in a study: `latency` in nanoseconds, `throughput` in calls per second, and what a call allocates.
pub fn bencher(study: &Study) -> String {
    let benchmarks: Map<String, Value> =
        measured(study).map(|(name, row, median)| (name, measures(row, median))).collect();
    format!("{:#}\n", Value::Object(benchmarks))
}

fn measures(row: &Row, median: f64) -> Value {
    let interval = row.time_ns.and_then(|time| time.interval);
    let per_s = |ns: f64| 1e9 / ns;
    let mut measures = Map::new();
    measures.insert("latency".to_owned(), metric(median, interval.map(|of| (of.low, of.high))));
    let bounds = interval.map(|of| (per_s(of.high), per_s(of.low)));
    measures.insert("throughput".to_owned(), metric(per_s(median), bounds));
    if let Some(allocations) = row.allocations {
        measures.insert("allocated-bytes".to_owned(), metric(allocations.bytes, None));
    }
    Value::Object(measures)
}

fn metric(value: f64, bounds: Option<(f64, f64)>) -> Value {
    match bounds {
        Some((lower, upper)) => json!({"value": value, "lower_value": lower, "upper_value": upper}),
        None => json!({"value": value}),
    }
}
