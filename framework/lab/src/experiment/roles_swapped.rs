//! One backend against another and the other against the one: the same answer, mirrored.

use super::{Experiment, SHORT};
use crate::answer::{Answer, reports};
use crate::finding::{Count, Finding};
use crate::report::{Comparison, Verdict};
use crate::step::{Effort, Run, Step, Subject};

pub struct RolesSwapped;

impl Experiment for RolesSwapped {
    fn name(&self) -> &'static str {
        "roles-swapped"
    }

    fn about(&self) -> &'static str {
        "a copy slower by 5 % against the plain one, and the other way round"
    }

    fn steps(&self, _effort: Effort) -> Vec<Step> {
        let (plain, slow) = (Subject::plain("plain"), Subject::plain("slow5").with("every", 20));
        [vec![plain.clone(), slow.clone()], vec![slow, plain]].map(|both| Step::Run(Run::of(SHORT, both))).into()
    }

    fn judge(&self, answers: &[Answer]) -> Vec<Finding> {
        let [there, back] = reports(answers)[..] else { return Vec::new() };
        let pairs: Vec<(&Comparison, &Comparison)> = there
            .comparisons
            .iter()
            .filter_map(|one| back.comparisons.iter().find(|other| other.case == one.case).map(|other| (one, other)))
            .collect();
        let of = pairs.len();
        let verdicts = pairs.iter().filter(|(one, other)| mirrored(one.verdict) == other.verdict).count();
        let intervals = pairs.iter().filter(|(one, other)| overlap(one, other)).count();
        vec![
            Finding::share("the other verdict", 90, verdicts, of),
            Finding::of(
                "intervals overlap, one mirrored: all",
                Count { part: intervals, of },
                intervals == of && of > 0,
            ),
        ]
    }
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
    fn check(there: (&str, f64), back: (&str, f64), want: [bool; 2]) {
        let one = |(verdict, ratio)| ran(report(&[], &[comparison("matmul", verdict, ratio)]));
        let findings = RolesSwapped.judge(&[one(there), one(back)]);
        assert_eq!(findings.iter().map(|finding| finding.passed.unwrap()).collect::<Vec<_>>(), want, "{findings:?}");
    }

    #[test]
    fn slower_by_5_percent_is_faster_by_5_percent() {
        check(("regressed", 1.05), ("improved", 1.0 / 1.05), [true, true]);
        check(("regressed", 1.05), ("inconclusive", 1.0 / 1.05), [false, true]);
        check(("regressed", 1.05), ("regressed", 1.05), [false, false]);
        check(("equivalent", 1.005), ("equivalent", 1.005), [true, true]);
        check(("regressed", 1.05), ("improved", 0.90), [true, false]);
    }
}
