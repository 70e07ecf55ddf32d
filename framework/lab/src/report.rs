//! smbench's JSON, as much of `docs/run.schema.json` as experiments read.

use serde::Deserialize;

/// What `smbench run --format json` prints.
#[derive(Clone, Debug, Deserialize)]
pub struct Report {
    pub run: Run,
    pub cases: Vec<Case>,
    pub comparisons: Vec<Comparison>,
}

/// Where and from what it was measured.
#[derive(Clone, Debug, Deserialize)]
pub struct Run {
    pub created: String,
    pub git: Option<Git>,
    pub machine: Machine,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Git {
    pub commit: String,
    pub dirty: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Machine {
    pub cpu: String,
    pub cores: u32,
    pub hypervisor: Option<String>,
}

/// One backend at one case.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    pub case: String,
    pub backend: String,
    pub threads: u32,
    pub bound: Bound,
    pub time_ns: Option<Time>,
    pub flags: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    Compute,
    Memory,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Time {
    pub median: f64,
}

/// One backend against the reference at one case.
#[derive(Clone, Debug, Deserialize)]
pub struct Comparison {
    pub case: String,
    pub backend: String,
    pub ratio: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub verdict: Option<Verdict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Equivalent,
    Improved,
    Regressed,
    Inconclusive,
    Unreliable,
}

impl Report {
    /// Comparisons at cases of one bound.
    pub fn bound(&self, bound: Bound) -> impl Iterator<Item = &Comparison> {
        let of =
            move |comparison: &&Comparison| self.cases.iter().any(|c| c.case == comparison.case && c.bound == bound);
        self.comparisons.iter().filter(of)
    }

    /// Median nanoseconds of a call.
    pub fn median_ns(&self, case: &str, backend: &str) -> Option<f64> {
        let row = self.cases.iter().find(|row| row.backend == backend && row.case.contains(case));
        row.and_then(|row| row.time_ns).map(|time| time.median)
    }
}

impl Comparison {
    /// Does its verdict say that there is a difference?
    pub fn differs(&self) -> bool {
        matches!(self.verdict, Some(Verdict::Improved | Verdict::Regressed))
    }

    /// Is `ratio` inside the 95 % interval?
    pub fn holds(&self, ratio: f64) -> bool {
        self.low.zip(self.high).is_some_and(|(low, high)| low <= ratio && ratio <= high)
    }
}

/// Reports by hand, for the tests of experiments.
#[cfg(test)]
pub mod samples {
    use std::time::Duration;

    use serde_json::{from_value, json};

    use super::*;
    use crate::answer::{Answer, Ran};

    /// These cases, and a case for each comparison that has none yet.
    pub fn report(cases: &[(&str, &str)], comparisons: &[Comparison]) -> Report {
        let machine = json!({"cpu": "a cpu", "cores": 2, "hypervisor": null});
        let git = json!({"commit": "0123456789abcdef", "branch": "main", "dirty": false});
        let run = json!({"created": "2026-11-25T12:00:00Z", "git": git, "machine": machine});
        let mut rows: Vec<Case> = cases.iter().map(|(id, bound)| case(id, bound)).collect();
        for comparison in comparisons {
            if rows.iter().all(|row| row.case != comparison.case) {
                rows.push(case(&comparison.case, "compute"));
            }
        }
        Report { run: from_value(run).unwrap(), cases: rows, comparisons: comparisons.to_vec() }
    }

    /// So many comparisons at one case with each of these verdicts.
    pub fn many(case: &str, verdicts: &[(usize, &str)]) -> Report {
        let comparisons = verdicts.iter().flat_map(|(count, verdict)| vec![comparison(case, *verdict, 1.0); *count]);
        report(&[], &comparisons.collect::<Vec<_>>())
    }

    pub fn ran(report: Report) -> Answer {
        Answer::Ran(Ran { report, wall: Duration::ZERO, predicted: Duration::ZERO })
    }

    /// `plain` at a case.
    pub fn case(case: &str, bound: &str) -> Case {
        let row = json!({
            "case": case, "backend": "plain", "threads": 1, "bound": bound, "time_ns": {"median": 100.0, "low": null},
            "flags": [], "outcome": "measured"
        });
        from_value(row).unwrap()
    }

    /// Of a copy, its 95 % interval 1 % to either side.
    pub fn comparison<'a>(case: &str, verdict: impl Into<Option<&'a str>>, ratio: f64) -> Comparison {
        let comparison = json!({
            "case": case, "backend": "copy1", "ratio": ratio, "low": ratio / 1.01, "high": ratio * 1.01,
            "verdict": verdict.into(), "evidence": "paired"
        });
        from_value(comparison).unwrap()
    }
}
