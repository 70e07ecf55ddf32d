//! What `hyperfine --export-json` wrote: commands, and the time of each of their runs. A run is a process of its own, so it
//! counts as a launch, and the median has an interval from six of them on.

use serde::Deserialize;
use smbench_core::outcome::Outcome;

use super::{Format, Measured, Named, Report, Source, not_a_report, series};
use crate::error::Result;

/// `smbench import hyperfine`.
pub const FORMAT: Format = Format { name: "hyperfine", gathers: |_| false, parse };

#[derive(Deserialize)]
struct Written {
    results: Vec<Command>,
}

#[derive(Deserialize)]
struct Command {
    command: String,
    /// Seconds of each run; left out by some versions where there is one.
    #[serde(default)]
    times: Vec<f64>,
    median: Option<f64>,
    /// A run that ended with another code than 0 has a time, too.
    #[serde(default)]
    exit_codes: Vec<Option<i32>>,
}

const NS_PER_S: f64 = 1e9;

/// What a report says.
pub fn parse(sources: &[Source]) -> Result<Report> {
    let mut report = Report::default();
    for Source { name, text } in sources {
        let written: Written = serde_json::from_str(text).map_err(|error| not_a_report(name, &FORMAT, error))?;
        report.measured.extend(written.results.iter().map(measured));
    }
    Ok(report)
}

fn measured(of: &Command) -> Measured {
    let times = if of.times.is_empty() { of.median.into_iter().collect() } else { of.times.clone() };
    let failed = of.exit_codes.iter().find(|code| **code != Some(0));
    let outcome = match failed {
        Some(Some(code)) => Outcome::Failed(format!("exit code {code}")),
        Some(None) => Outcome::Failed("ended by a signal".to_owned()),
        None if times.is_empty() => Outcome::Unsupported("not in this report".to_owned()),
        None => Outcome::Measured,
    };
    let id = format!("hyperfine/{}", of.command.replace('/', "∕")); // a slash would begin another part of the id
    Measured {
        case: Named { format: &FORMAT, name: &of.command, id }.case(),
        outcome,
        launches: times.iter().map(|seconds| series([(1, seconds * NS_PER_S)])).collect(),
        allocations: None,
        spans: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"results": [
        {"command": "bin/fast 1", "mean": 0.0105, "median": 0.0104, "times": [0.0104, 0.0101, 0.0111], "exit_codes": [0, 0, 0]},
        {"command": "slow", "median": 0.25, "parameters": {"n": "3"}},
        {"command": "wrong", "times": [0.5, 0.5], "exit_codes": [0, 3]}
    ]}"#;

    #[test]
    fn every_run_is_a_launch() {
        let report = parse(&[Source { name: "x.json".to_owned(), text: TEXT.to_owned() }]).unwrap();
        let [fast, slow, wrong] = &report.measured[..] else { panic!("three commands") };
        assert_eq!((fast.case.id.as_str(), fast.launches.len()), ("hyperfine/bin∕fast 1", 3));
        assert_eq!((fast.launches[1].ns[0], slow.launches[0].ns[0]), (10_100_000, 250_000_000));
        assert_eq!(wrong.outcome, Outcome::Failed("exit code 3".to_owned()));
        assert!(fast.outcome.is_measured() && slow.outcome.is_measured());
    }

    #[test]
    fn what_is_no_report_is_refused() {
        let error = parse(&[Source { name: "x.json".to_owned(), text: "{}".to_owned() }]).unwrap_err();
        assert!(error.to_string().contains("`x.json` is no report of hyperfine"), "{error}");
    }
}
