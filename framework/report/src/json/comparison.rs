//! One backend against its reference.

use serde::Serialize;
use smbench_core::study::{self, Study};
use smbench_core::verdict::Verdict;

/// A comparison. `ratio` is time of `backend` over time of `reference`.
#[derive(Serialize)]
pub struct Comparison<'a> {
    run: &'a str,
    case: &'a str,
    threads: u32,
    reference: &'a str,
    /// Another one than `run` where two runs are compared.
    reference_run: &'a str,
    backend: &'a str,
    evidence: &'static str,
    ratio: f64,
    low: Option<f64>,
    high: Option<f64>,
    low_90: Option<f64>,
    high_90: Option<f64>,
    p: Option<f64>,
    q: Option<f64>,
    margin: f64,
    launches: usize,
    d_launch: &'a [f64],
    detectable_pct: Option<f64>,
    launches_needed: Option<u32>,
    verdict: Option<Verdict>,
    reason: Option<&'a str>,
    claim: Option<&'static str>,
}

impl<'a> Comparison<'a> {
    /// A comparison as others see it.
    pub fn of(study: &'a Study, comparison: &'a study::Comparison) -> Self {
        let [row, reference] = [comparison.row, comparison.reference].map(|index| &study.rows[index]);
        Self {
            run: &study.runs[row.run].id,
            case: &row.case.id,
            threads: row.case.threads,
            reference: &reference.alias,
            reference_run: &study.runs[reference.run].id,
            backend: &row.alias,
            evidence: comparison.evidence.word(),
            ratio: comparison.ratio,
            low: comparison.interval.map(|interval| interval.low),
            high: comparison.interval.map(|interval| interval.high),
            low_90: comparison.interval_90.map(|interval| interval.low),
            high_90: comparison.interval_90.map(|interval| interval.high),
            p: comparison.p,
            q: comparison.q,
            margin: comparison.margin,
            launches: comparison.d_launch.len(),
            d_launch: &comparison.d_launch,
            detectable_pct: comparison.detectable_pct,
            launches_needed: comparison.launches_needed,
            verdict: comparison.verdict(),
            reason: comparison.reason(),
            claim: comparison.claimed.as_ref().map(|claimed| claimed.claim.word()),
        }
    }
}
