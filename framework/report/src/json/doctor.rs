//! A diagnosis as `smbench.doctor/1`, which `docs/doctor.schema.json` describes. Names are only ever added.

use serde::Serialize;
use serde_json::Value;
use smbench_core::diagnosis::{self, Diagnosis};
use smbench_core::fact::Fact;
use smbench_core::run::Machine;
use smbench_core::verdict::Verdict;

/// The schema's name and revision.
pub const SCHEMA: &str = "smbench.doctor/1";

/// The diagnosis as a value.
pub fn json(diagnosis: &Diagnosis) -> Value {
    super::value(&File::of(diagnosis))
}

/// The diagnosis as text.
pub fn render(diagnosis: &Diagnosis) -> String {
    super::text(&File::of(diagnosis))
}

#[derive(Serialize)]
struct File<'a> {
    schema: &'static str,
    machine: &'a Machine,
    facts: &'a [Fact],
    backend: Option<&'a str>,
    not_measured: Option<&'a str>,
    noise_floor: Vec<Floor<'a>>,
}

#[derive(Serialize)]
struct Floor<'a> {
    case: &'a str,
    margin: f64,
    time_ns: f64,
    ratio: f64,
    low: f64,
    high: f64,
    verdict: Verdict,
    reason: &'a str,
    time_scatter_pct: f64,
    ratio_scatter_pct: f64,
    launches: u32,
    launch_ns: f64,
    reach: Vec<Reach>,
}

#[derive(Serialize)]
struct Reach {
    change_pct: f64,
    launches: Option<u32>,
    time_ns: Option<f64>,
}

impl<'a> File<'a> {
    fn of(diagnosis: &'a Diagnosis) -> Self {
        Self {
            schema: SCHEMA,
            machine: &diagnosis.machine,
            facts: &diagnosis.facts,
            backend: diagnosis.subject.as_deref().ok(),
            not_measured: diagnosis.subject.as_ref().err().map(String::as_str),
            noise_floor: diagnosis.floors.iter().map(Floor::of).collect(),
        }
    }
}

impl<'a> Floor<'a> {
    fn of(floor: &'a diagnosis::Floor) -> Self {
        let reach = |(change, reach): (f64, Option<diagnosis::Reach>)| Reach {
            change_pct: 100.0 * change,
            launches: reach.map(|reach| reach.launches),
            time_ns: reach.map(|reach| reach.time_ns),
        };
        Self {
            case: &floor.case,
            margin: floor.margin,
            time_ns: floor.time_ns,
            ratio: floor.ratio,
            low: floor.interval.low,
            high: floor.interval.high,
            verdict: floor.verdict,
            reason: &floor.reason,
            time_scatter_pct: 100.0 * floor.time_scatter,
            ratio_scatter_pct: 100.0 * floor.ratio_scatter,
            launches: floor.launches,
            launch_ns: floor.launch_ns,
            reach: floor.reaches().map(reach).into(),
        }
    }
}
