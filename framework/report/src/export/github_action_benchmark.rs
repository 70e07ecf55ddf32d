//! What the action `benchmark-action/github-action-benchmark` reads with `tool: customSmallerIsBetter`.

use serde_json::{Value, json};
use smbench_core::study::{Row, Study};
use smbench_core::units::significant;

use super::measured;

/// All that was measured in a study, in nanoseconds.
pub fn github_action_benchmark(study: &Study) -> String {
    let entry = |(name, row, median): (String, &Row, f64)| {
        let interval = row.time_ns.and_then(|time| time.interval);
        let mut entry = json!({"name": name, "unit": "ns", "value": median});
        if let Some(interval) = interval {
            entry["range"] = format!("± {}", significant(0.5 * interval.width())).into();
        }
        let run = &study.runs[row.run];
        entry["extra"] = format!("run {}, {} launches", run.id, row.launches).into();
        entry
    };
    format!("{:#}\n", Value::Array(measured(study).map(entry).collect()))
}
