//! What criterion left in `target/criterion`: of each benchmark `new/benchmark.json`, its name, and `new/sample.json`, its
//! samples. Or the lines of `cargo criterion --message-format=json` in one file.

use std::path::Path;

use serde::Deserialize;
use smbench_core::outcome::Outcome;

use super::{Fault, Format, Measured, Named, Report, Source, not_a_report, series};
use crate::error::Result;

/// `smbench import criterion`.
pub const FORMAT: Format = Format { name: "criterion", gathers: is_newest, parse };

const BENCHMARK: &str = "benchmark.json";
const SAMPLE: &str = "sample.json";

/// Of the run before it, criterion keeps the same under `base`.
fn is_newest(path: &Path) -> bool {
    path.parent().is_some_and(|folder| folder.ends_with("new")) && (path.ends_with(BENCHMARK) || path.ends_with(SAMPLE))
}

#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
}

#[derive(Deserialize)]
struct Sample {
    /// Calls of each sample.
    iters: Vec<f64>,
    /// Nanoseconds of all its calls.
    times: Vec<f64>,
}

/// A line of cargo-criterion.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    iteration_count: Vec<f64>,
    #[serde(default)]
    measured_values: Vec<f64>,
    #[serde(default)]
    unit: String,
}

/// What a report says.
pub fn parse(sources: &[Source]) -> Result<Report> {
    match sources {
        [Source { name, text }] if !name.ends_with(SAMPLE) && !name.ends_with(BENCHMARK) => messages(name, text),
        files => folder(files),
    }
}

fn folder(files: &[Source]) -> Result<Report> {
    let mut report = Report::default();
    for named in files.iter().filter(|file| file.name.ends_with(BENCHMARK)) {
        let wrong = |error| not_a_report(&named.name, &FORMAT, error);
        let benchmark: Benchmark = serde_json::from_str(&named.text).map_err(wrong)?;
        let beside = named.name.replace(BENCHMARK, SAMPLE);
        let sample = files.iter().find(|file| file.name == beside);
        let sample = sample.ok_or_else(|| not_a_report(&beside, &FORMAT, "it is not there"))?;
        let Sample { iters, times } =
            serde_json::from_str(&sample.text).map_err(|error| not_a_report(&sample.name, &FORMAT, error))?;
        report.measured.push(measured(&benchmark.full_id, &iters, &times));
    }
    Ok(report)
}

fn messages(name: &str, text: &str) -> Result<Report> {
    let mut report = Report::default();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fault = |what: String| Fault { line: index + 1, what };
        match serde_json::from_str::<Message>(line) {
            Ok(of) if of.reason != "benchmark-complete" => {}
            Ok(of) if of.unit != "ns" => report.faults.push(fault(format!("`{}` is not in nanoseconds", of.id))),
            Ok(of) => report.measured.push(measured(&of.id, &of.iteration_count, &of.measured_values)),
            Err(error) => report.faults.push(fault(error.to_string())),
        }
    }
    if report.measured.is_empty() {
        return Err(not_a_report(name, &FORMAT, "it has no line of a benchmark that was completed"));
    }
    Ok(report)
}

fn measured(name: &str, calls: &[f64], ns: &[f64]) -> Measured {
    let samples: Vec<(u64, f64)> = calls.iter().map(|&calls| calls as u64).zip(ns.iter().copied()).collect();
    let outcome = match samples.is_empty() {
        true => Outcome::Unsupported("not in this report".to_owned()),
        false => Outcome::Measured,
    };
    let id = if name.contains('/') { name.to_owned() } else { format!("criterion/{name}") };
    let launches = if samples.is_empty() { Vec::new() } else { vec![series(samples)] };
    Measured { case: Named { format: &FORMAT, name, id }.case(), outcome, launches, allocations: None, spans: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, text: &str) -> Source {
        Source { name: name.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_folder_has_names_and_samples() {
        let files = [
            source(
                "c/add/1000/new/benchmark.json",
                r#"{"group_id": "add", "full_id": "add/fast/1000", "throughput": null}"#,
            ),
            source(
                "c/add/1000/new/sample.json",
                r#"{"sampling_mode": "Linear", "iters": [2.0, 4.0], "times": [21.0, 40.0]}"#,
            ),
        ];
        let report = parse(&files).unwrap();
        let [add] = &report.measured[..] else { panic!("one benchmark") };
        assert_eq!((add.case.suite.as_str(), add.case.op(), add.case.size()), ("add", "fast", "1000"));
        assert_eq!((add.launches[0].calls.as_slice(), add.launches[0].ns.as_slice()), (&[2, 4][..], &[21, 40][..]));
        assert!(parse(&files[..1]).unwrap_err().to_string().contains("sample.json"));
        assert!(is_newest(Path::new("c/add/new/sample.json")) && !is_newest(Path::new("c/add/base/sample.json")));
    }

    #[test]
    fn lines_of_cargo_criterion() {
        let text = "{\"reason\": \"benchmark-complete\", \"id\": \"norm\", \"iteration_count\": [10, 20], \
                    \"measured_values\": [100.4, 210.0], \"unit\": \"ns\"}\nnonsense\n{\"reason\": \"group-complete\"}\n";
        let report = parse(&[source("out.json", text)]).unwrap();
        assert_eq!(report.measured[0].case.id, "criterion/norm");
        assert_eq!(report.measured[0].launches[0].ns, [100, 210]);
        assert_eq!(report.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [2]);
        assert!(parse(&[source("out.json", "{}")]).is_err());
    }
}
