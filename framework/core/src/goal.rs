//! What a run should reach: figures with limits, written in RON, held against the rows of a run.
//!
//! A goal is met or missed where the whole 95 % interval of its figure lies on one side of the limit; where the limit lies
//! inside, it cannot be told. Allocations are counted: no interval surrounds them. Whoever asks brings the matcher of the
//! patterns: this crate knows no regular expressions.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::stats::Interval;
use crate::study::{Row, Study, Time};
use crate::units::{Count, Nanoseconds, Percent, Ratio, TokenRate, significant};
use crate::verdict::Verdict;

/// `configs/goals.ron`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goals {
    /// What should be reached.
    pub goals: Vec<Goal>,
}

/// One limit, for every row that it is about.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Goal {
    /// What it is for, in words.
    pub about: Option<String>,
    /// Cases whose id matches this regular expression.
    pub case: String,
    /// Only with so many threads; any number if none.
    pub threads: Option<u32>,
    /// Only the backend of this alias; every one if none.
    pub backend: Option<String>,
    /// Which figure.
    pub metric: Metric,
    /// And how far it may go.
    pub limit: Limit,
    /// Must a release wait for it?
    pub blocker: bool,
}

/// A goal as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Goal")]
struct Written {
    #[serde(default)]
    about: Option<String>,
    case: String,
    #[serde(default)]
    threads: Option<u32>,
    #[serde(default)]
    backend: Option<String>,
    metric: Metric,
    #[serde(default)]
    at_least: Option<f64>,
    #[serde(default)]
    at_most: Option<f64>,
    #[serde(default)]
    blocker: bool,
}

impl TryFrom<Written> for Goal {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { about, case, threads, backend, metric, at_least, at_most, blocker } = written;
        let word = metric.word();
        let limit = match (at_least, at_most) {
            (Some(least), None) => Limit::AtLeast(least),
            (None, Some(most)) => Limit::AtMost(most),
            (Some(_), Some(_)) => return Err(format!("a goal has one limit: only `{}`", metric.key())),
            (None, None) => return Err(format!("a goal needs a limit: `{}: …`", metric.key())),
        };
        if limit.key() != metric.key() {
            let hint = if metric == Metric::Ratio { ": time over the reference's, below 1 is faster" } else { "" };
            return Err(format!("the limit of {word} is `{}`, not `{}`{hint}", metric.key(), limit.key()));
        }
        if !limit.value().is_finite() || limit.value() < 0.0 {
            return Err(format!("the limit of {word} is a number from 0, not {}", limit.value()));
        }
        Ok(Self { about, case, threads, backend, metric, limit, blocker })
    }
}

/// A figure that can have a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Time of one call.
    TimeNs,
    /// Time over the reference's.
    Ratio,
    /// 1e9 floating-point operations per second.
    Gflops,
    /// 1e9 bytes per second.
    GbPerS,
    /// Tokens per second of a model.
    TokensPerS,
    /// Percent of the limit measured in the run.
    PeakPct,
    /// Blocks asked for in one call.
    Allocations,
}

impl Metric {
    /// The word in goals and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::TimeNs => "time_ns",
            Self::Ratio => "ratio",
            Self::Gflops => "gflops",
            Self::GbPerS => "gb_per_s",
            Self::TokensPerS => "tokens_per_s",
            Self::PeakPct => "peak_pct",
            Self::Allocations => "allocations",
        }
    }

    /// A value of it as people read it.
    pub fn value(self, value: f64) -> String {
        match self {
            Self::TimeNs => Nanoseconds(value).to_string(),
            Self::Ratio => Ratio(value).to_string(),
            Self::Gflops => format!("{} GFLOPS", significant(value)),
            Self::GbPerS => format!("{} GB/s", significant(value)),
            Self::TokensPerS => TokenRate(value).to_string(),
            Self::PeakPct => format!("{} of peak", Percent(value)),
            Self::Allocations => format!("{} allocations", Count(value)),
        }
    }

    /// How its limit is written: less time is better, and more of a rate.
    fn key(self) -> &'static str {
        match self {
            Self::TimeNs | Self::Ratio | Self::Allocations => "at_most",
            Self::Gflops | Self::GbPerS | Self::TokensPerS | Self::PeakPct => "at_least",
        }
    }
}

/// How far a figure may go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// Not below.
    AtLeast(f64),
    /// Not above.
    AtMost(f64),
}

impl Limit {
    /// The number.
    pub fn value(self) -> f64 {
        let (Self::AtLeast(value) | Self::AtMost(value)) = self;
        value
    }

    fn key(self) -> &'static str {
        match self {
            Self::AtLeast(_) => "at_least",
            Self::AtMost(_) => "at_most",
        }
    }

    fn reached(self, interval: Interval) -> Reached {
        let (met, missed) = match self {
            Self::AtLeast(least) => (interval.low >= least, interval.high < least),
            Self::AtMost(most) => (interval.high <= most, interval.low > most),
        };
        match (met, missed) {
            (true, _) => Reached::Met,
            (_, true) => Reached::Missed,
            _ => Reached::Inconclusive,
        }
    }
}

impl fmt::Display for Goal {
    /// `at least 60 % of peak`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.limit.key().replace('_', " "), self.metric.value(self.limit.value()))
    }
}

/// A goal and every row that it is about: none where no case of the run matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The goal.
    pub goal: Goal,
    /// The rows.
    pub rows: Vec<Standing>,
}

/// Where a row stands with a goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Index of the row in the study.
    pub row: usize,
    /// How far it is.
    pub reached: Reached,
    /// The figure, if there is one.
    pub figure: Option<Figure>,
    /// Why it is neither met nor missed.
    pub reason: Option<String>,
}

/// How far a row is with a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// The whole interval lies within the limit.
    Met,
    /// The whole interval lies beyond.
    Missed,
    /// The limit lies in the interval, or there is none.
    Inconclusive,
    /// There is no figure.
    NotMeasured,
}

impl Reached {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Met, Self::Missed, Self::Inconclusive, Self::NotMeasured];

    /// The words in reports.
    pub fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Inconclusive => "inconclusive",
            Self::NotMeasured => "not measured",
        }
    }
}

/// A figure of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The estimate.
    pub value: f64,
    /// Its 95 % interval; the value itself where it was counted, none where nothing can be said.
    pub interval: Option<Interval>,
}

/// Holds goals against the rows of the newest run. Does the pattern of this goal match this id? The matcher knows.
pub fn judge(goals: &[Goal], study: &Study, matches: &dyn Fn(usize, &str) -> bool) -> Vec<Judged> {
    judge_run(goals, study, study.runs.len().saturating_sub(1), matches)
}

/// The same of any of its runs.
pub fn judge_run(goals: &[Goal], study: &Study, run: usize, matches: &dyn Fn(usize, &str) -> bool) -> Vec<Judged> {
    let rows = |(number, goal): (usize, &Goal)| {
        let about = study.rows_of(run).filter(|(_, row)| matches(number, &row.case.id) && goal.is_about(study, row));
        Judged { goal: goal.clone(), rows: about.map(|(index, _)| goal.standing(study, index)).collect() }
    };
    goals.iter().enumerate().map(rows).collect()
}

/// `5 met, 1 missed, 2 without a case`: rows that are so far, over all goals.
pub fn tally(judged: &[Judged]) -> String {
    let counts = Reached::ALL.map(|reached| (all(judged, reached).len(), reached.words()));
    let without = (unmatched(judged).count(), "without a case");
    let parts = counts.into_iter().chain([without]).filter(|(count, _)| *count > 0);
    parts.map(|(count, words)| format!("{count} {words}")).collect::<Vec<_>>().join(", ")
}

/// Goals that no case of the run matches.
pub fn unmatched(judged: &[Judged]) -> impl Iterator<Item = &Goal> {
    judged.iter().filter(|judged| judged.rows.is_empty()).map(|judged| &judged.goal)
}

/// Rows that are so far, each with its goal; blockers first.
pub fn all(judged: &[Judged], reached: Reached) -> Vec<(&Goal, &Standing)> {
    let rows = judged.iter().flat_map(|judged| judged.rows.iter().map(move |standing| (&judged.goal, standing)));
    let mut rows: Vec<_> = rows.filter(|(_, standing)| standing.reached == reached).collect();
    rows.sort_by_key(|(goal, _)| !goal.blocker);
    rows
}

impl Goal {
    /// A ratio goal for everybody is not about those whom others are compared with.
    fn is_about(&self, study: &Study, row: &Row) -> bool {
        let compared = || study.runs[row.run].plan.reference_of(row.backend).is_some();
        let whose = match &self.backend {
            Some(alias) => *alias == row.alias,
            None => self.metric != Metric::Ratio || compared(),
        };
        whose && self.threads.is_none_or(|threads| threads == row.case.threads)
    }

    /// Whom it is about: `simd/matmul/512.*, pooled, 2 threads`.
    pub fn scope(&self) -> String {
        let threads = self.threads.map(|threads| format!("{threads} thread{}", if threads == 1 { "" } else { "s" }));
        [Some(self.case.clone()), self.backend.clone(), threads].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// What it is called: what it is for, else its limit and scope.
    pub fn name(&self) -> String {
        self.about.clone().unwrap_or_else(|| format!("{self} ({})", self.scope()))
    }

    /// How the limit is written, `at_most` or `at_least`, and what it is.
    pub fn written(&self) -> (&'static str, f64) {
        (self.limit.key(), self.limit.value())
    }

    /// Where a row stands: `1.04x (1.03x to 1.05x), and the goal is at most 1.00x`; or why that is not known.
    pub fn told(&self, standing: &Standing) -> String {
        let figure = standing.figure.map(|figure| figure.told(self.metric));
        let known =
            [figure.as_deref(), standing.reason.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(": ");
        format!("{known}, and the goal is {self}")
    }

    fn standing(&self, study: &Study, row: usize) -> Standing {
        let (figure, doubt) = match self.metric.of(study, row) {
            Ok(found) => found,
            Err(reason) => {
                return Standing { row, reached: Reached::NotMeasured, figure: None, reason: Some(reason) };
            }
        };
        let reached = figure.interval.map_or(Reached::Inconclusive, |interval| self.limit.reached(interval));
        let open =
            || if figure.interval.is_some() { "the limit lies in the interval" } else { "fewer than 6 launches" };
        let reason = doubt.or_else(|| (reached == Reached::Inconclusive).then(|| open().to_owned()));
        Standing { row, reached, figure: Some(figure), reason }
    }
}

/// A figure, and why nothing can be concluded from it, if so.
type Found = (Figure, Option<String>);

impl Metric {
    /// The figure of a row; else why there is none.
    fn of(self, study: &Study, index: usize) -> Result<Found, String> {
        let row = &study.rows[index];
        let time = row.time_ns.ok_or_else(|| row.outcome.to_string())?;
        let none = || format!("it has no {}", self.word());
        let rate = match self {
            Self::TimeNs => return Ok((Figure { value: time.median, interval: time.interval }, None)),
            Self::Ratio => return ratio(study, index),
            Self::Allocations => {
                let why = || row.allocations_missing.clone().unwrap_or_else(none);
                let value = row.allocations.ok_or_else(why)?.count;
                return Ok((Figure { value, interval: Some(Interval { low: value, high: value }) }, None));
            }
            Self::Gflops => row.rates.map(|rates| rates.gflops),
            Self::GbPerS => row.rates.map(|rates| rates.gb_per_s),
            Self::PeakPct => row.rates.and_then(|rates| rates.peak_pct),
            Self::TokensPerS => row.tokens.map(|tokens| tokens.per_s),
        };
        Ok((Figure::rate(rate.ok_or_else(none)?, time), None))
    }
}

impl Figure {
    /// `1.04x (1.03x to 1.05x)`
    pub fn told(self, metric: Metric) -> String {
        let interval = self.interval.filter(|interval| interval.low < interval.high);
        let interval = interval.map(|of| format!(" ({} to {})", metric.value(of.low), metric.value(of.high)));
        format!("{}{}", metric.value(self.value), interval.unwrap_or_default())
    }

    /// A rate goes as 1 / time, and its interval with it.
    fn rate(value: f64, time: Time) -> Self {
        let at = |ns: f64| value * time.median / ns;
        Self { value, interval: time.interval.map(|time| Interval { low: at(time.high), high: at(time.low) }) }
    }
}

fn ratio(study: &Study, index: usize) -> Result<Found, String> {
    let row = &study.rows[index];
    let alone = || match study.runs[row.run].plan.reference_of(row.backend) {
        None => "others are compared with it".to_owned(),
        Some(_) => "there is nothing to compare it with".to_owned(),
    };
    let comparison = study.comparison_of(index).ok_or_else(alone)?;
    let unreliable = comparison.verdict() == Some(Verdict::Unreliable);
    let doubt = comparison.reason().filter(|_| unreliable).map(str::to_owned);
    let interval = comparison.interval.filter(|_| !unreliable);
    Ok((Figure { value: comparison.ratio, interval }, doubt))
}
