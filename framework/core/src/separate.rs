//! Two runs that were not measured together, and what may be claimed of them (METHOD §5). Never a verdict: the same binary
//! moved 7–16 % (median) and 20–45 % (95th percentile) between runs an hour apart.
//!
//! - `anchored`: another backend is the same build in both runs, and ratios to it are compared. At most "likely".
//! - `raw`: the same machine. "Changed" only beyond what runs of one build differ by here ([`Drift`]).
//! - `imported`: another machine or tool. Nothing is claimed.

use std::collections::BTreeMap;

use crate::backend::Backend;
use crate::case::Case;
use crate::disturbance::Disturbance;
use crate::history::{Entry, Point};
use crate::run::Run;
use crate::samples::Launch;
use crate::stats::{hodges_lehmann, normal, quantile, signed_rank};
use crate::study::{self, CONFIDENCE, Comparison, Row, Study};
use crate::units::{Change, Percent, Ratio};
use crate::verdict::{self, ALPHA, Evidence, Verdict};

/// What is claimed of two runs, and what that rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// What.
    pub claim: Claim,
    /// Why, in words.
    pub reason: String,
}

/// What may be claimed of two runs that were not measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Anchored, and beyond the threshold: probably real.
    LikelyFaster,
    /// The same, slower.
    LikelySlower,
    /// Raw, and beyond the threshold: something changed, not necessarily the code.
    ChangedFaster,
    /// The same, slower.
    ChangedSlower,
    /// Nothing.
    NoEvidence,
}

impl Claim {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 5] =
        [Self::LikelySlower, Self::ChangedSlower, Self::LikelyFaster, Self::ChangedFaster, Self::NoEvidence];

    /// The words in reports and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::LikelyFaster => "likely faster",
            Self::LikelySlower => "likely slower",
            Self::ChangedFaster => "changed, faster",
            Self::ChangedSlower => "changed, slower",
            Self::NoEvidence => "no evidence",
        }
    }

    /// Is the newer run claimed to be slower?
    pub fn is_slower(self) -> bool {
        matches!(self, Self::LikelySlower | Self::ChangedSlower)
    }
}

/// How far runs of one build lie apart on a machine: the deviation of ln(time) from run to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// `s_run` of METHOD §5.
    pub deviation: f64,
    /// Runs of one build that it was taken from; 0: assumed.
    pub runs: usize,
}

impl Default for Drift {
    /// Assumed until there are enough runs.
    fn default() -> Self {
        Self { deviation: 0.15, runs: 0 }
    }
}

/// Fewer runs of a build than this say too little of how they scatter.
const RUNS_MIN: usize = 8;

/// Not the median: half of all cases scatter more than that, and with two deviations 1 of 40 pairs of the same code was
/// called changed.
const QUIETER: f64 = 0.9;

/// An anchored difference below this is not claimed, however narrow it is.
const LIKELY_MIN: f64 = 0.03;

/// Where others took more than this part of the time, raw times are theirs as well. A verdict allows more, because the
/// reference waits as often.
const WAITED_MAX: f64 = 0.02;
/// And more than so many percent of a core.
const OTHERS_MAX: f64 = 10.0;

impl Drift {
    /// From stored runs: of the builds and cases that at least eight runs of this machine have measured, nine in ten have no
    /// larger deviation from run to run; assumed where there are none.
    pub fn of<'a>(entries: impl Iterator<Item = &'a Entry>, fingerprint: &str) -> Self {
        let mut medians: BTreeMap<Build, Vec<f64>> = BTreeMap::new();
        let here = entries.filter(|entry| entry.machine.fingerprint == fingerprint);
        for point in here.flat_map(|entry| &entry.points) {
            if let Some(time) = point.time_ns {
                medians.entry(Build::of_point(point)).or_default().push(time.median.ln());
            }
        }
        let enough: Vec<&Vec<f64>> = medians.values().filter(|medians| medians.len() >= RUNS_MIN).collect();
        let deviations: Vec<f64> = enough.iter().map(|medians| deviation(medians)).collect();
        match enough.iter().map(|medians| medians.len()).max() {
            Some(runs) => Self { deviation: quantile::quantile(&deviations, QUIETER), runs },
            None => Self::default(),
        }
    }

    /// Differences up to here are what runs of the same code show: `3·√2·s_run`, as a log ratio; with the 15 % that are
    /// assumed, what METHOD asks for.
    fn threshold(self) -> f64 {
        let deviations = if self.runs == 0 { 2.0 } else { 3.0 };
        deviations * 2f64.sqrt() * self.deviation
    }
}

/// A build at a case: what has no reason to differ from run to run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Build {
    definition: String,
    threads: u32,
    sha256: String,
    libraries: String,
    tier: Option<String>,
    options: Vec<(String, String)>,
}

impl Build {
    fn of_point(point: &Point) -> Self {
        Self {
            definition: point.case.definition.clone(),
            threads: point.case.threads,
            sha256: point.sha256.clone(),
            libraries: point.libraries_sha256.clone(),
            tier: point.tier.clone(),
            options: point.options.clone(),
        }
    }

    fn of(backend: &Backend, case: &Case) -> Self {
        Self {
            definition: case.definition.clone(),
            threads: case.threads,
            sha256: backend.sha256.clone(),
            libraries: backend.libraries_sha256.clone(),
            tier: backend.spec.tier.clone(),
            options: backend.spec.options.clone(),
        }
    }
}

/// Standard deviation of a sample.
fn deviation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() as f64 - 1.0)).sqrt()
}

/// A row and its partner in the run before: same case, same definition, same alias.
pub(crate) fn compare(study: &Study, row: usize, reference: usize, drift: Drift) -> Option<Comparison> {
    let [now, before] = [row, reference].map(|index| &study.rows[index]);
    let raw = now.time_ns?.median / before.time_ns?.median;
    let comparison = |evidence, ratio, claimed| Comparison {
        claimed: Some(claimed),
        ..bare(study, row, reference, evidence, ratio)
    };
    if let Some(why) = apart(&study.runs[now.run], &study.runs[before.run]) {
        return Some(comparison(Evidence::Imported, raw, nothing(why.to_owned())));
    }
    if let Some(anchored) = Anchored::of(study, now, before) {
        return Some(comparison(Evidence::Anchored, anchored.theta.exp(), anchored.claim()));
    }
    Some(comparison(Evidence::Raw, raw, changed(study, now, before, raw, drift)))
}

/// Why the times of two runs can only be shown, if so.
fn apart(now: &Run, before: &Run) -> Option<&'static str> {
    match () {
        () if now.imported.is_some() || before.imported.is_some() => Some("another tool's figures"),
        () if now.machine.fingerprint != before.machine.fingerprint => Some("two machines"),
        () => None,
    }
}

/// A ratio, and nothing to judge it by.
fn bare(study: &Study, row: usize, reference: usize, evidence: Evidence, ratio: f64) -> Comparison {
    Comparison {
        row,
        reference,
        evidence,
        ratio,
        interval: None,
        interval_90: None,
        p: None,
        q: None,
        margin: study.rows[row].case.class().margin(),
        d_launch: Vec::new(),
        detectable_pct: None,
        judged: None,
        claimed: None,
        launches_needed: None,
    }
}

fn nothing(reason: String) -> Claimed {
    Claimed { claim: Claim::NoEvidence, reason }
}

/// Raw evidence.
fn changed(study: &Study, now: &Row, before: &Row, ratio: f64, drift: Drift) -> Claimed {
    if let Some(disturbed) = [now, before].into_iter().find_map(|row| disturbed(study, row)) {
        return nothing(disturbed);
    }
    let (threshold, percent) = (drift.threshold(), Percent(100.0 * drift.threshold().exp_m1()));
    let rests = match drift.runs {
        0 => "assumed until a build has 8 runs here".to_owned(),
        runs => format!("from up to {runs} runs of one build"),
    };
    if ratio.ln().abs() <= threshold {
        return nothing(format!("within the {percent} that runs of one build lie apart, {rests}"));
    }
    let claim = if ratio > 1.0 { Claim::ChangedSlower } else { Claim::ChangedFaster };
    Claimed { claim, reason: format!("beyond the {percent} that runs of one build lie apart, {rests}") }
}

/// Who else took time while this row was measured.
fn disturbed(study: &Study, row: &Row) -> Option<String> {
    let launches = study::launches_of_row(study, row);
    let waited = study::waited(launches.iter().copied(), row.case.threads).filter(|&part| part > WAITED_MAX);
    let busy = Disturbance::of(launches.iter().map(|launch| &launch.environment)).others_busy_pct;
    let busy = busy.filter(|&percent| percent > OTHERS_MAX);
    let run = study.runs[row.run].label.as_deref().unwrap_or(&study.runs[row.run].id);
    waited
        .map(|part| format!("in {run} threads waited for a core for {} of the time", Percent(100.0 * part)))
        .or_else(|| busy.map(|percent| format!("in {run} other processes used {} of a core", Percent(percent))))
}

/// A difference of ratios to the same build.
struct Anchored<'a> {
    anchor: &'a str,
    theta: f64,
    /// Standard error of theta; infinite where a side has no interval.
    error: f64,
    /// Why the one or the other side is worth nothing.
    doubt: Option<String>,
}

impl<'a> Anchored<'a> {
    /// The first other backend that is the same build in both runs; none if the compared one is the same build itself, since
    /// then the runs are all that can differ.
    fn of(study: &'a Study, now: &Row, before: &Row) -> Option<Self> {
        let build = |row: &Row| Build::of(&study.runs[row.run].plan.backends[row.backend], &row.case);
        if build(now) == build(before) {
            return None;
        }
        let beside = |row: &Row| -> Vec<(usize, &'a Row)> {
            let alike = |other: &&(usize, &Row)| other.1.case == row.case && other.1.backend != row.backend;
            study.rows_of(row.run).collect::<Vec<_>>().iter().filter(alike).copied().collect()
        };
        let olds = beside(before);
        let pairs = beside(now).into_iter().filter_map(|(_, anchor)| {
            let old = olds.iter().find(|(_, old)| build(old) == build(anchor))?.1;
            Some((anchor, Side::of(study, now, anchor)?, Side::of(study, before, old)?))
        });
        let (anchor, new, old) = { pairs }.next()?;
        let error = new.error.hypot(old.error);
        Some(Self { anchor: &anchor.alias, theta: new.theta - old.theta, error, doubt: new.doubt.or(old.doubt) })
    }

    /// At most "likely", beyond max(3 %, 2 standard errors).
    fn claim(self) -> Claimed {
        let threshold = LIKELY_MIN.max(2.0 * self.error);
        if let Some(doubt) = self.doubt {
            return nothing(doubt);
        }
        let beside = format!("beside `{}`, the same build in both runs", self.anchor);
        if self.theta.abs() <= threshold || !threshold.is_finite() {
            let threshold = if threshold.is_finite() {
                Percent(100.0 * threshold.exp_m1()).to_string()
            } else {
                "what is known".into()
            };
            return nothing(format!("{} {beside}, within {threshold}", Change(self.theta.exp())));
        }
        let claim = if self.theta > 0.0 { Claim::LikelySlower } else { Claim::LikelyFaster };
        Claimed { claim, reason: format!("{} {beside}", Ratio(self.theta.exp())) }
    }
}

/// One run's ratio to the anchor.
struct Side {
    theta: f64,
    error: f64,
    doubt: Option<String>,
}

impl Side {
    fn of(study: &Study, row: &Row, anchor: &Row) -> Option<Self> {
        let launches: Vec<&Launch> = study::launches_of_row(study, row);
        let d = study::d_launch(&launches, row.backend, anchor.backend);
        let margin = row.case.class().margin();
        let level = (ALPHA, signed_rank::p_value_two_sided(&d));
        let facts = study::facts(&d, level, margin, [row.backend, anchor.backend], &launches, row.case.threads);
        let judged = verdict::judge(&facts);
        let half = hodges_lehmann::interval(&d, CONFIDENCE).map(|interval| 0.5 * interval.width());
        (!d.is_empty()).then(|| Self {
            theta: hodges_lehmann::estimate(&d),
            error: half.map_or(f64::INFINITY, |half| half / -normal::quantile(0.5 * (1.0 - CONFIDENCE))),
            doubt: (judged.verdict == Verdict::Unreliable).then_some(judged.reason),
        })
    }
}
