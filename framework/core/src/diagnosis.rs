//! How steady this machine's times are: its state in facts, and how far identical code was from itself.

use crate::fact::Fact;
use crate::run::Machine;
use crate::samples::Series;
use crate::stats::benjamini_hochberg::LAUNCHES_MIN;
use crate::stats::{Interval, quantile};
use crate::study::{self, Comparison, Row, Study};
use crate::verdict::{self, REAL, Verdict};

/// What `smbench doctor` found.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// Which machine.
    pub machine: Machine,
    /// Its state.
    pub facts: Vec<Fact>,
    /// The backend that was measured against a copy of its file; or why none was.
    pub subject: Result<String, String>,
    /// How far it was from itself, at each case.
    pub floors: Vec<Floor>,
}

/// Identical code against itself, at one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Floor {
    /// Title of the case.
    pub case: String,
    /// The relative change that would matter there.
    pub margin: f64,
    /// Time of one call.
    pub time_ns: f64,
    /// Time of the copy over time of the backend: 1, but for noise.
    pub ratio: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// What was said of the two.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Half of the launches had a time within this part of the median …
    pub time_scatter: f64,
    /// … and a ratio within this.
    pub ratio_scatter: f64,
    /// Launches that were measured.
    pub launches: u32,
    /// What one of them took, with everything round it.
    pub launch_ns: f64,
}

/// What it takes to see a change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// The relative change.
    pub change: f64,
    /// Launches after which the half-width of the 95 % interval is as small.
    pub launches: u32,
    /// And how long they take, with two backends.
    pub time_ns: f64,
}

/// Changes that people ask for, largest first; nothing under [`REAL`] is ever called one.
pub const CHANGES: [f64; 5] = [0.05, 0.02, 0.01, 0.005, REAL];

impl Floor {
    /// Of a comparison of a backend with its copy; `None` under six launches. `launch_ns` is what one launch took.
    pub fn of(study: &Study, comparison: &Comparison, launch_ns: f64) -> Option<Self> {
        let row = &study.rows[comparison.row];
        let reference = &study.rows[comparison.reference];
        let ratios: Vec<f64> = comparison.d_launch.iter().map(|d| d.exp()).collect();
        Some(Self {
            case: row.case.title(),
            margin: comparison.margin,
            time_ns: reference.time_ns?.median,
            ratio: comparison.ratio,
            interval: comparison.interval?,
            verdict: comparison.verdict()?,
            reason: comparison.judged.as_ref()?.reason.clone(),
            time_scatter: scatter(&medians(study, reference)),
            ratio_scatter: scatter(&ratios),
            launches: comparison.d_launch.len() as u32,
            launch_ns,
        })
    }

    /// Half the width of the interval, as a relative change.
    pub fn half_width(&self) -> f64 {
        (0.5 * (self.interval.high.ln() - self.interval.low.ln())).exp_m1()
    }

    /// What each of [`CHANGES`] takes: half-widths shrink as 1/√launches, so `n·(h / ln(1 + change))²` launches, six at
    /// least. `None` beyond what [`verdict`] thinks worth naming.
    pub fn reaches(&self) -> [(f64, Option<Reach>); CHANGES.len()] {
        CHANGES.map(|change| (change, self.reach(change)))
    }

    /// What one change takes.
    pub fn reach(&self, change: f64) -> Option<Reach> {
        let shrink = self.half_width().ln_1p() / change.ln_1p();
        // Less a little, so that the launches that were made are enough for the change they have shown.
        let launches = (f64::from(self.launches) * shrink * shrink - 1e-9).ceil().max(f64::from(LAUNCHES_MIN));
        let time_ns = launches * self.launch_ns;
        (launches <= verdict::LAUNCHES_MAX).then_some(Reach { change, launches: launches as u32, time_ns })
    }
}

/// Launch medians of one row.
fn medians(study: &Study, row: &Row) -> Vec<f64> {
    let launches = study::launches_of_row(study, row);
    let median = |series: &Series| quantile::median(&series.per_call_ns());
    launches.into_iter().filter_map(|launch| launch.of(row.backend)).map(median).collect()
}

/// The median distance from the median, relative to it: half of the values lie within.
fn scatter(values: &[f64]) -> f64 {
    let middle = quantile::median(values);
    let distances: Vec<f64> = values.iter().map(|value| (value / middle - 1.0).abs()).collect();
    quantile::median(&distances)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floor(half_width: f64) -> Floor {
        Floor {
            case: "case/add/8/f32".to_owned(),
            margin: 0.02,
            time_ns: 1000.0,
            ratio: 1.0,
            interval: Interval { low: 1.0 / (1.0 + half_width), high: 1.0 + half_width },
            verdict: Verdict::Equivalent,
            reason: "the 90 % interval lies inside ±2 %".to_owned(),
            time_scatter: 0.01,
            ratio_scatter: 0.001,
            launches: 12,
            launch_ns: 2e8,
        }
    }

    #[test]
    fn half_the_change_takes_four_times_as_long() {
        let reach = |change| floor(0.01).reach(change).map(|reach| (reach.launches, reach.time_ns.round()));
        assert_eq!(reach(0.01), Some((12, 2.4e9)));
        assert_eq!(reach(0.005), Some((48, 9.6e9)), "12 · (ln 1.01 / ln 1.005)² = 47.8");
        assert_eq!(reach(0.05), Some((6, 1.2e9)), "never fewer than a test can decide with");
        assert_eq!(floor(0.2).reach(0.005), None, "a week is no answer");
        assert!((floor(0.01).half_width() - 0.01).abs() < 1e-12);
    }

    #[test]
    fn half_of_the_values_lie_within_their_scatter() {
        assert_eq!(scatter(&[50.0, 100.0, 100.0, 125.0, 5000.0]), 0.25);
        assert_eq!(scatter(&[100.0]), 0.0);
    }
}
