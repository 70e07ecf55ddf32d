//! What may be said of a difference, and why (METHOD §4). Asked in this order:
//!
//! 1. `unreliable`: too few launches or rounds, threads that waited for a core, an A/A control that told identical code
//!    apart, or a ratio that was not steady.
//! 2. `equivalent`: the 90 % interval inside `±ln(1 + margin)`, even if it excludes 0 (two one-sided tests at 5 %).
//! 3. `improved`, `regressed`: `q <= 0.05`, the 95 % interval excludes 0, and `|theta| >= ln(1 + margin)`.
//! 4. `inconclusive`: anything else.
//!
//! Whoever looks three times and stops when something shows ([`LOOKS`]) asks for a third of that 5 % at each look.
//!
//! A backend whose check failed in a launch is `rejected` and is compared with nobody, so no rule speaks of it.

use serde::{Deserialize, Serialize};

use crate::stats::benjamini_hochberg::{LAUNCHES_MIN, min_launches};
use crate::stats::{Interval, hodges_lehmann, normal, rank_sum};
use crate::units::{Change, Deviation, Percent, significant};

/// What may be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Really faster, by at least the margin.
    Improved,
    /// Really slower, by at least the margin.
    Regressed,
    /// No difference worth the margin.
    Equivalent,
    /// Cannot tell yet.
    Inconclusive,
    /// Measured under conditions that allow no statement.
    Unreliable,
}

impl Verdict {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 5] =
        [Self::Equivalent, Self::Improved, Self::Regressed, Self::Inconclusive, Self::Unreliable];

    /// Does it say that there is a difference?
    pub fn is_difference(self) -> bool {
        matches!(self, Self::Improved | Self::Regressed)
    }
}

/// A verdict and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What may be said.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: String,
}

/// How two figures came to stand beside each other (METHOD §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Measured in the same run, interleaved.
    Paired,
    /// Stored plugins, run again interleaved.
    Replayed,
    /// Both runs hold the same anchor plugin.
    Anchored,
    /// Two runs on the same machine.
    Raw,
    /// From another tool or machine.
    Imported,
}

impl Evidence {
    /// Were both sides measured in one run? Only then is there a verdict.
    pub fn is_together(self) -> bool {
        matches!(self, Self::Paired | Self::Replayed)
    }

    /// The word in reports and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Paired => "paired",
            Self::Replayed => "replayed",
            Self::Anchored => "anchored",
            Self::Raw => "raw",
            Self::Imported => "imported",
        }
    }
}

/// False findings that a verdict may rest on, in parts of 1.
pub const ALPHA: f64 = 0.05;

/// Launches after which `--until-decided` looks whether a case is decided, at a third of [`ALPHA`] each time: stopping at
/// the first "significant" look gave 24 % false alarms (METHOD §4).
pub const LOOKS: [u32; 3] = [12, 24, 48];

/// Nothing smaller is ever called real: it is what identical code differs by between two files on disk.
pub const REAL: f64 = 0.002;

/// Where threads were ready and had no core for more than this part of the time, others decided how long things took.
const WAITED_MAX: f64 = 0.3;

/// How unlikely a step must be. Twelve launches (`quick`) that part cleanly half-way are at 2/924 = 0.0022; nothing can
/// be seen with fewer. On launches that do not depend on each other it fires in at most 0.25 % of comparisons (0.22 %
/// with 12, 0.21 % with 20, 0.24 % with 48), however they scatter. A step must also matter: where normal launches
/// scatter by half the margin, 12 of them fire in 0.015 %; by 0.4 of it, in 0.001 % (2 million simulated, 2026-11-25).
const STEP_P: f64 = 0.0025;

/// A step that matters is this part of the whole difference, at least. Smaller ones leave a sevenfold difference what it is.
const STEP_PART: f64 = 0.5;

/// More launches than this are not worth naming.
pub(crate) const LAUNCHES_MAX: f64 = 1000.0;

/// What a verdict on one paired comparison follows from. Logarithms throughout: 0 is "no difference".
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Hodges–Lehmann estimate of the log ratio.
    pub theta: f64,
    /// False findings that are allowed: [`ALPHA`], or a part of it.
    pub alpha: f64,
    /// Interval of confidence 1 - alpha: 95 %.
    pub interval: Option<Interval>,
    /// Interval of confidence 1 - 2·alpha: 90 %, two one-sided tests.
    pub interval_90: Option<Interval>,
    /// Benjamini–Hochberg over every comparison of the run.
    pub q: f64,
    /// How many those are.
    pub comparisons: usize,
    /// Relative change that would matter.
    pub margin: f64,
    /// Launches that both sides took part in.
    pub launches: usize,
    /// Rounds in the shortest of them.
    pub rounds: usize,
    /// And the fewest that METHOD §2.2 allows.
    pub rounds_min: usize,
    /// What [`step`] found in them.
    pub step: Option<f64>,
    /// Run-queue wait of all threads, as a part of the launches' wall time times the threads of the case; `None` where the
    /// system does not tell.
    pub waited: Option<f64>,
    /// Time of the A/A control over the reference's, if identical code was told apart.
    pub control: Option<f64>,
}

/// The verdict, and what it rests on.
pub fn judge(facts: &Facts) -> Judged {
    if let Some(reason) = doubt(facts) {
        return Judged { verdict: Verdict::Unreliable, reason };
    }
    if facts.is_equivalent() {
        let level = percent(1.0 - 2.0 * facts.alpha);
        let reason = format!("the {level} % interval lies inside ±{} %", percent(facts.margin));
        return Judged { verdict: Verdict::Equivalent, reason };
    }
    if !facts.is_real() {
        return Judged { verdict: Verdict::Inconclusive, reason: undecided(facts) };
    }
    let verdict = if facts.theta < 0.0 { Verdict::Improved } else { Verdict::Regressed };
    let (change, margin, q) = (Change(facts.theta.exp()), percent(facts.margin), probability(facts.q));
    Judged { verdict, reason: format!("{change}, beyond the margin of {margin} %, q {q}") }
}

impl Facts {
    /// Two one-sided tests at 5 %: R. J. Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15 (1987) 657–680.
    fn is_equivalent(&self) -> bool {
        let bound = self.margin.ln_1p();
        self.interval_90.is_some_and(|interval| interval.is_within(&Interval { low: -bound, high: bound }))
    }

    fn is_real(&self) -> bool {
        self.q <= self.alpha && self.excludes_0() && self.theta.abs() >= self.smallest()
    }

    fn excludes_0(&self) -> bool {
        self.interval.is_some_and(|interval| !interval.contains(0.0))
    }

    /// Nothing below it is called a difference. As a log ratio, as theta is: a time exactly the margin longer reaches it.
    fn smallest(&self) -> f64 {
        self.margin.max(REAL).ln_1p()
    }
}

/// Why nothing can be said, if so.
fn doubt(facts: &Facts) -> Option<String> {
    let Facts { launches, rounds, rounds_min, .. } = *facts;
    let waited = facts.waited.filter(|&part| part > WAITED_MAX);
    if launches < LAUNCHES_MIN as usize {
        Some(format!("launches measured: {launches}, of at least {LAUNCHES_MIN}"))
    } else if rounds < rounds_min {
        Some(format!("rounds in the shortest launch: {rounds}, of at least {rounds_min}"))
    } else if let Some(part) = waited {
        let (part, most) = (Percent(100.0 * part), Percent(100.0 * WAITED_MAX));
        Some(format!("threads waited for a core for {part} of the launches' time, more than {most}"))
    } else if let Some(ratio) = facts.control {
        Some(format!("the reference was {} from a copy of its own file", Change(ratio)))
    } else {
        facts
            .step
            .map(|step| format!("not steady: {} from the first half of the launches to the second", Change(step.exp())))
    }
}

/// Why it is neither equivalent nor a difference, and what would help.
fn undecided(facts: &Facts) -> String {
    if facts.excludes_0() && (facts.margin..REAL).contains(&facts.theta.abs()) {
        return format!("under {} %, by which identical code differs too", percent(REAL));
    }
    let fewest = min_launches(facts.comparisons, facts.alpha);
    let unreachable = match facts.launches < fewest as usize {
        true => format!("no difference can be shown: {} comparisons need {fewest} launches; ", facts.comparisons),
        false => String::new(),
    };
    match launches_needed(facts) {
        Some(needed) => {
            let more = needed as usize - facts.launches;
            format!("{unreachable}about {more} more launch{} would decide", if more == 1 { "" } else { "es" })
        }
        None => format!("{unreachable}more than 1,000 launches would be needed"),
    }
}

/// Launches in all that would decide an undecided comparison, should its estimate and scatter stay what they are; `None` beyond 1,000.
///
/// An interval's half-width h shrinks as 1/√launches, so from n launches it takes `n·(h/gap)²` to shrink into a gap:
/// of the 90 % interval to the margin, `ln(1 + margin) - |theta|`, or of the 95 % one to 0, `|theta|`. The latter must
/// be significant alone among all k comparisons, which widens h by `z(alpha/2k) / z(alpha/2)`.
pub fn launches_needed(facts: &Facts) -> Option<u32> {
    let half = |interval: Option<Interval>| interval.map(|interval| 0.5 * interval.width());
    let (bound, theta) = (facts.margin.ln_1p(), facts.theta.abs());
    let (shrink, fewest) = if theta < bound {
        (half(facts.interval_90)? / (bound - theta), LAUNCHES_MIN)
    } else if theta >= facts.smallest() {
        let tail = 0.5 * facts.alpha;
        let alone = normal::quantile(tail / facts.comparisons.max(1) as f64) / normal::quantile(tail);
        (alone * half(facts.interval)? / theta, min_launches(facts.comparisons, facts.alpha))
    } else {
        return None;
    };
    let needed =
        (facts.launches as f64 * shrink * shrink).ceil().max(f64::from(fewest)).max(facts.launches as f64 + 1.0);
    (needed <= LAUNCHES_MAX).then_some(needed as u32)
}

/// The smallest relative change that so wide an interval of a log ratio can tell from none, and that would matter: `e^h - 1`
/// of half its width h, or the margin where that is larger; never under [`REAL`].
///
/// A true change of that size is seen about every other time; many comparisons ask for more.
pub fn detectable(interval: Interval, margin: f64) -> f64 {
    (0.5 * interval.width()).exp_m1().max(margin).max(REAL)
}

/// How far the second half of the launches lies from the first, if that is neither chance nor too little to matter.
///
/// Launches stand in the order they ran in. The shift between the halves (Hodges–Lehmann, [`rank_sum::shift`]) must reach the margin and half of the
/// estimate itself, and the rank-sum test must have `p <= 0.0025`. It sees a step near the middle and a drift alike.
pub fn step(d_launch: &[f64], margin: f64) -> Option<f64> {
    let (first, second) = d_launch.split_at(d_launch.len() / 2);
    let shift = rank_sum::shift(first, second);
    let matters = shift.abs() >= margin.max(STEP_PART * hodges_lehmann::estimate(d_launch).abs());
    (matters && rank_sum::p_value_two_sided(first, second) <= STEP_P).then_some(shift)
}

/// `1`, `2.5`, `0.2`.
fn percent(part: f64) -> String {
    trimmed(significant(100.0 * part))
}

/// `0.0004`, `2.1e-7`.
fn probability(p: f64) -> String {
    if p < 1e-4 { Deviation(p).to_string() } else { trimmed(significant(p)) }
}

/// Without digits that say nothing.
fn trimmed(digits: String) -> String {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.').to_owned() } else { digits }
}

#[cfg(test)]
mod tests;
