//! What `--benchmark_out_format=json` wrote: Google Benchmark's context and benchmarks. Repetitions are samples of one
//! process; where there are aggregates only, their median is the one sample.

use serde::Deserialize;
use smbench_core::outcome::Outcome;
use smbench_core::run::Machine;

use super::{Format, Measured, Named, Report, Source, not_a_report, series, time};
use crate::error::Result;

/// `smbench import google-benchmark`.
pub const FORMAT: Format = Format { name: "google-benchmark", gathers: |_| false, parse };

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    context: Context,
    benchmarks: Vec<Benchmark>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Context {
    date: String,
    host_name: String,
    num_cpus: u32,
    caches: Vec<Cache>,
}

#[derive(Deserialize)]
struct Cache {
    #[serde(rename = "type")]
    kind: String,
    size: u64,
}

#[derive(Deserialize)]
struct Benchmark {
    name: String,
    run_name: Option<String>,
    /// Without it, all are iterations.
    run_type: Option<String>,
    aggregate_name: Option<String>,
    threads: Option<u32>,
    #[serde(default)]
    iterations: f64,
    /// Of one iteration.
    real_time: Option<f64>,
    #[serde(default)]
    time_unit: Unit,
    #[serde(default)]
    error_occurred: bool,
    #[serde(default)]
    error_message: String,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Unit {
    #[default]
    Ns,
    Us,
    Ms,
    S,
}

impl Unit {
    fn ns(self) -> f64 {
        match self {
            Self::Ns => 1.0,
            Self::Us => 1e3,
            Self::Ms => 1e6,
            Self::S => 1e9,
        }
    }
}

/// What a report says.
pub fn parse(sources: &[Source]) -> Result<Report> {
    let mut report = Report::default();
    for Source { name, text } in sources {
        let written: Written = serde_json::from_str(text).map_err(|error| not_a_report(name, &FORMAT, error))?;
        report.created = time(&written.context.date);
        report.machine = machine(&written.context);
        let mut names: Vec<&str> = Vec::new();
        for benchmark in &written.benchmarks {
            if !names.contains(&benchmark.run()) {
                names.push(benchmark.run());
            }
        }
        report.measured.extend(names.iter().map(|name| measured(name, &written.benchmarks)));
    }
    Ok(report)
}

/// What it says of the machine.
fn machine(context: &Context) -> Machine {
    let data = context.caches.iter().filter(|cache| cache.kind != "Instruction");
    Machine {
        host: context.host_name.clone(),
        cores: context.num_cpus,
        cache_bytes: data.map(|cache| cache.size).collect(),
        ..Machine::default()
    }
}

impl Benchmark {
    fn run(&self) -> &str {
        self.run_name.as_deref().unwrap_or(&self.name)
    }

    fn is_aggregate(&self) -> bool {
        self.run_type.as_deref() == Some("aggregate")
    }

    /// Calls, and the time of all of them.
    fn sample(&self) -> Option<(u64, f64)> {
        let calls = if self.is_aggregate() { 1 } else { (self.iterations as u64).max(1) };
        Some((calls, self.real_time? * self.time_unit.ns() * calls as f64))
    }
}

fn measured(name: &str, all: &[Benchmark]) -> Measured {
    let own = || all.iter().filter(|benchmark| benchmark.run() == name);
    let iterations = own().filter(|benchmark| !benchmark.is_aggregate());
    let mut samples: Vec<(u64, f64)> = iterations.filter_map(Benchmark::sample).collect();
    if samples.is_empty() {
        let median = own().filter(|benchmark| benchmark.aggregate_name.as_deref() == Some("median"));
        samples = median.filter_map(Benchmark::sample).collect();
    }
    let outcome = match own().find(|benchmark| benchmark.error_occurred) {
        Some(benchmark) => Outcome::Failed(benchmark.error_message.clone()),
        None if samples.is_empty() => Outcome::Unsupported("not in this report".to_owned()),
        None => Outcome::Measured,
    };
    let mut case = Named { format: &FORMAT, name, id: format!("google-benchmark/{name}") }.case();
    case.threads = own().find_map(|benchmark| benchmark.threads).unwrap_or(1).max(1);
    let launches = if samples.is_empty() { Vec::new() } else { vec![series(samples)] };
    Measured { case, outcome, launches, allocations: None, spans: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
        "context": {"date": "2026-03-01T10:00:00+01:00", "host_name": "anvil", "num_cpus": 2, "mhz_per_cpu": 3000,
            "caches": [{"type": "Data", "level": 1, "size": 49152}, {"type": "Instruction", "level": 1, "size": 32768}]},
        "benchmarks": [
            {"name": "BM_add/1024", "run_name": "BM_add/1024", "run_type": "iteration", "repetition_index": 0, "threads": 1,
             "iterations": 1000, "real_time": 1.5, "cpu_time": 1.4, "time_unit": "us"},
            {"name": "BM_add/1024", "run_name": "BM_add/1024", "run_type": "iteration", "repetition_index": 1, "threads": 1,
             "iterations": 1000, "real_time": 1.7, "cpu_time": 1.4, "time_unit": "us"},
            {"name": "BM_add/1024_mean", "run_name": "BM_add/1024", "run_type": "aggregate", "aggregate_name": "mean",
             "iterations": 2, "real_time": 1.6, "time_unit": "us"},
            {"name": "BM_only_median", "run_name": "BM_only", "run_type": "aggregate", "aggregate_name": "median",
             "iterations": 3, "real_time": 20.5, "time_unit": "ns"},
            {"name": "BM_broken/threads:2", "threads": 2, "error_occurred": true, "error_message": "no device"}
        ]}"#;

    #[test]
    fn repetitions_are_samples() {
        let report = parse(&[Source { name: "x.json".to_owned(), text: TEXT.to_owned() }]).unwrap();
        let [add, only, broken] = &report.measured[..] else { panic!("three benchmarks") };
        assert_eq!(
            (add.launches[0].ns.as_slice(), add.launches[0].calls.as_slice()),
            (&[1_500_000, 1_700_000][..], &[1000; 2][..])
        );
        assert_eq!((add.case.op(), add.case.size()), ("BM_add", "1024"));
        assert_eq!((only.launches[0].ns[0], only.launches[0].calls[0]), (21, 1));
        assert_eq!((broken.case.threads, &broken.outcome), (2, &Outcome::Failed("no device".to_owned())));
        assert_eq!(report.machine.cache_bytes, [49152]);
        let created = report.created.map(|time| humantime::format_rfc3339_seconds(time).to_string());
        assert_eq!(created.as_deref(), Some("2026-03-01T09:00:00Z"));
    }
}
