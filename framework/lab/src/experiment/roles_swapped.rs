//! One backend against another and the other against the one: the same answer, mirrored.

use super::{Experiment, SHORT};
use crate::answer::{Answer, reports};
use crate::finding::{Count, Finding};
use crate::report::{Comparison, Report, Verdict};
use crate::step::{Effort, Run, Step, Subject};

pub struct RolesSwapped;

impl Experiment for RolesSwapped {
    fn name(&self) -> &'static str {
        "roles-swapped"
    }

    fn about(&self) -> &'static str {
        "a copy slower by 5 % against the plain one, and the other way round"
    }

    /// The second answer is from the first one's samples, the third from samples of its own.
    fn steps(&self, _effort: Effort) -> Vec<Step> {
        let (plain, slow) = (Subject::plain("plain"), Subject::plain("slow5").with("every", 20));
        let [there, back] =
            [[plain.clone(), slow.clone()], [slow, plain]].map(|both| Step::Run(Run::of(SHORT, both.into())));
        vec![there, Step::Pair(0, "slow5,plain"), back]
    }

    fn judge(&self, answers: &[Answer]) -> Vec<Finding> {
        let [there, pair, back] = reports(answers)[..] else { return Vec::new() };
        let (same, again) = (pairs(there, pair), pairs(there, back));
        let exact = count(&same, |one, other| is_mirror(one, other) && mirrored(one.verdict) == other.verdict);
        let (intervals, verdicts) =
            (count(&again, overlap), count(&again, |one, other| mirrored(one.verdict) == other.verdict));
        vec![
            Finding::of("the same samples, mirrored to 1e-9: all", &exact, exact.part == exact.of && exact.of > 0),
            Finding::of(
                "another run, intervals overlap: all",
                &intervals,
                intervals.part == intervals.of && intervals.of > 0,
            ),
            Finding::share("another run, the opposite verdict", 90, verdicts.part, verdicts.of),
        ]
    }
}

type Pair<'a> = (&'a Comparison, &'a Comparison);

/// Case by case.
fn pairs<'a>(one: &'a Report, other: &'a Report) -> Vec<Pair<'a>> {
    let of =
        |one: &'a Comparison| other.comparisons.iter().find(|other| other.case == one.case).map(|other| (one, other));
    one.comparisons.iter().filter_map(of).collect()
}

fn count(pairs: &[Pair<'_>], is_so: impl Fn(&Comparison, &Comparison) -> bool) -> Count {
    Count { part: pairs.iter().filter(|(one, other)| is_so(one, other)).count(), of: pairs.len() }
}

/// Are estimate and interval of the one the inverse of the other's?
fn is_mirror(one: &Comparison, other: &Comparison) -> bool {
    let ones = [Some((one.ratio, other.ratio)), one.low.zip(other.high), one.high.zip(other.low)];
    ones.iter().all(|pair| pair.is_some_and(|(one, other)| (one * other - 1.0).abs() < 1e-9))
}

fn mirrored(verdict: Option<Verdict>) -> Option<Verdict> {
    match verdict {
        Some(Verdict::Improved) => Some(Verdict::Regressed),
        Some(Verdict::Regressed) => Some(Verdict::Improved),
        other => other,
    }
}

/// Do the interval of the one and the inverse of the other's have a ratio in common?
fn overlap(one: &Comparison, other: &Comparison) -> bool {
    let both = one.low.zip(one.high).zip(other.low.zip(other.high));
    both.is_some_and(|((low, high), (other_low, other_high))| low * other_low <= 1.0 && 1.0 <= high * other_high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{comparison, ran, report};

    #[track_caller]
    fn check(there: (&str, f64), pair: (&str, f64), back: (&str, f64), want: [bool; 3]) {
        let one = |(verdict, ratio)| ran(report(&[], &[comparison("matmul", verdict, ratio)]));
        let findings = RolesSwapped.judge(&[one(there), one(pair), one(back)]);
        assert_eq!(findings.iter().map(|finding| finding.passed.unwrap()).collect::<Vec<_>>(), want, "{findings:?}");
    }

    #[test]
    fn slower_by_5_percent_is_faster_by_5_percent() {
        let (slower, faster) = (("regressed", 1.05), ("improved", 1.0 / 1.05));
        check(slower, faster, faster, [true, true, true]);
        check(slower, faster, ("inconclusive", 1.0 / 1.05), [true, true, false]);
        check(slower, faster, slower, [true, false, false]);
        check(slower, faster, ("improved", 0.90), [true, false, true]);
        check(slower, ("improved", 0.9523), faster, [false, true, true]);
        check(slower, ("inconclusive", 1.0 / 1.05), faster, [false, true, true]);
    }
}
