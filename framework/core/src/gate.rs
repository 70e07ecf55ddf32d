//! What a run must not have, for CI: `--fail-on regression[=PCT]|goal|undecided`.
//!
//! A gate reads verdicts, and makes none: neither a filter nor a view changes what it says.

use std::fmt;
use std::str::FromStr;

use crate::goal;
use crate::study::{Comparison, Row, Study};
use crate::verdict::{Evidence, Verdict};

/// What a run must not have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gate {
    /// A comparison judged `regressed`, whose estimate is at least so many percent slower; any, without a number. And what
    /// has become too slow to be measured.
    Regression(Option<f64>),
    /// A goal that is missed.
    Goal,
    /// A comparison that could not be judged, or not be made though its reference was measured.
    Undecided,
}

impl FromStr for Gate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("`{text}` is none of regression, regression=5%, goal, undecided");
        match text.split_once('=') {
            None if text == "regression" => Ok(Self::Regression(None)),
            None if text == "goal" => Ok(Self::Goal),
            None if text == "undecided" => Ok(Self::Undecided),
            Some(("regression", percent)) => {
                let percent = percent.trim_end_matches('%').trim().parse().ok();
                let percent = percent.filter(|percent: &f64| percent.is_finite() && *percent >= 0.0);
                percent.map(|percent| Self::Regression(Some(percent))).ok_or_else(unknown)
            }
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regression(None) => f.write_str("regression"),
            Self::Regression(Some(percent)) => write!(f, "regression={percent}%"),
            Self::Goal => f.write_str("goal"),
            Self::Undecided => f.write_str("undecided"),
        }
    }
}

impl Gate {
    /// Is it about comparisons?
    pub fn judges(self) -> bool {
        self != Self::Goal
    }
}

/// What the gates found in a study.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    /// What was asked.
    pub gates: Vec<Gate>,
    /// Comparisons with a verdict: improved, regressed or equivalent.
    pub judged: usize,
    /// Comparisons that were planned.
    pub planned: usize,
    /// Comparisons that a regression gate does not let pass, the worst first; indices into the study's.
    pub regressed: Vec<usize>,
    /// Rows that a regression gate does not let pass, because a call takes longer than is worth measuring and the
    /// reference's does not; the worst first, indices into the study's.
    pub too_slow: Vec<usize>,
    /// Comparisons that could not be judged, where that was asked for.
    pub undecided: Vec<usize>,
    /// Rows without a comparison for another reason, though their reference was measured; where that was asked for.
    pub unmeasured: Vec<usize>,
    /// Why the runs cannot be judged at all, if so.
    pub incomparable: Option<String>,
    /// Where the newest run stands with each goal, if there are goals.
    pub goals: Vec<goal::Judged>,
}

impl Ruling {
    /// What the gates say of a study: of its one run, or of its newest against the one before.
    ///
    /// Runs that were not measured together have no verdicts. With `accept_raw` a claim that the newer is slower counts as a
    /// regression all the same; without it they are not comparable. Goals are about the newest run alone.
    pub fn of(study: &Study, gates: &[Gate], goals: Vec<goal::Judged>, accept_raw: bool) -> Self {
        let newest = study.runs.len().saturating_sub(1);
        let asked: Vec<usize> = (0..study.comparisons.len())
            .filter(|&index| study.rows[study.comparisons[index].row].run == newest)
            .filter(|&index| study.comparisons[index].evidence.is_together() == (newest == 0))
            .collect();
        let of = |is: &dyn Fn(&Comparison) -> bool| -> Vec<usize> {
            asked.iter().copied().filter(|&index| is(&study.comparisons[index])).collect()
        };
        let mut regressed = of(&|comparison| gates.iter().any(|gate| gate.stops(comparison, accept_raw)));
        regressed.sort_by(|&a, &b| study.comparisons[b].ratio.total_cmp(&study.comparisons[a].ratio));
        let judged = of(&is_judged).len();
        let planned = if newest == 0 { planned(study) } else { asked.len() };
        let undecided =
            if gates.contains(&Gate::Undecided) { of(&|comparison| !is_judged(comparison)) } else { vec![] };
        let too_slow = if newest == 0 { too_slow(study, gates) } else { vec![] };
        let lost = study.lost(newest).map(|(row, _)| row).filter(|row| !too_slow.contains(row));
        let unmeasured = if newest == 0 && gates.contains(&Gate::Undecided) { lost.collect() } else { vec![] };
        let apart = newest > 0 && (!accept_raw || asked.is_empty());
        let judges = gates.iter().any(|gate| gate.judges());
        let incomparable = (apart && judges).then(|| why(study, &asked));
        Self { gates: gates.to_vec(), judged, planned, regressed, too_slow, undecided, unmeasured, incomparable, goals }
    }
}

impl Gate {
    fn stops(self, comparison: &Comparison, accept_raw: bool) -> bool {
        let Self::Regression(percent) = self else { return false };
        let slower = comparison.verdict() == Some(Verdict::Regressed) || accept_raw && comparison.is_claimed_slower();
        slower && percent.is_none_or(|percent| comparison.ratio >= 1.0 + percent / 100.0)
    }

    /// No verdict says how much slower it is, so without a number it is the margin that counts.
    fn stops_at(self, ratio: f64, margin: f64) -> bool {
        let Self::Regression(percent) = self else { return false };
        ratio >= 1.0 + percent.map_or(margin, |percent| margin.max(percent / 100.0))
    }
}

/// Rows of the one run that are too slow for their case, the worst first.
fn too_slow(study: &Study, gates: &[Gate]) -> Vec<usize> {
    let ratios = study.lost(0).filter_map(|(row, reference)| Some((row, ratio_of_calls(study, row, reference)?)));
    let margin = |row: usize| study.runs[0].plan.margin_of(&study.rows[row].case);
    let stopped = ratios.filter(|&(row, ratio)| gates.iter().any(|gate| gate.stops_at(ratio, margin(row))));
    let mut stopped: Vec<(usize, f64)> = stopped.collect();
    stopped.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    stopped.into_iter().map(|(row, _)| row).collect()
}

/// The fastest call of a row's check over a call of the reference, if the former takes longer than is worth measuring.
fn ratio_of_calls(study: &Study, row: usize, reference: usize) -> Option<f64> {
    let (run, row) = (&study.runs[study.rows[row].run], &study.rows[row]);
    let case = run.plan.cases.iter().position(|case| *case == row.case)?;
    let call_ns = run.check(case, row.backend)?.call_ns;
    let is_too_long = call_ns > run.plan.longest_call_ns(&row.case);
    is_too_long.then_some(call_ns as f64 / study.rows[reference].time_ns?.median)
}

/// Rows of the one run that have somebody to be compared with, whatever became of them.
fn planned(study: &Study) -> usize {
    let compared = |row: &Row| study.runs[row.run].plan.reference_of(row.backend).is_some();
    study.rows.iter().filter(|row| compared(row)).count()
}

fn is_judged(comparison: &Comparison) -> bool {
    comparison.verdict().is_some_and(|verdict| verdict.is_difference() || verdict == Verdict::Equivalent)
}

fn why(study: &Study, asked: &[usize]) -> String {
    match asked.first().map(|&index| study.comparisons[index].evidence) {
        None => "no case was measured by the same backend in both runs".to_owned(),
        Some(Evidence::Imported) => "the runs come from two machines".to_owned(),
        Some(evidence) => format!("the runs were not measured together (evidence {})", evidence.word()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_written_as_they_are_read() {
        #[track_caller]
        fn check(text: &str, want: Option<Gate>) {
            let gate: Option<Gate> = text.parse().ok();
            assert_eq!(gate, want, "{text}");
            assert!(gate.is_none_or(|gate| gate.to_string().parse() == Ok(gate)), "{text}");
        }
        check("regression", Some(Gate::Regression(None)));
        check("regression=5%", Some(Gate::Regression(Some(5.0))));
        check("regression=2.5", Some(Gate::Regression(Some(2.5))));
        check("goal", Some(Gate::Goal));
        check("undecided", Some(Gate::Undecided));
        for text in ["", "regressions", "regression=", "regression=-5%", "regression=x", "goal=1", "regression=inf"] {
            check(text, None);
        }
    }
}
