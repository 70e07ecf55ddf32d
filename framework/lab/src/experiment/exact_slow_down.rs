//! Slow-downs of which the truth is known: a call runs its kernel 105 times or 102 times, the reference's runs it 100 times.
//!
//! "Each 20th call twice" is not as exact: a sample of n calls then has n/20 more, rounded up or down, and a call that
//! breaks the rhythm costs a mispredicted branch (0.05 % of gelu, 2026-11-25, where the interval is ±0.02 %). Nor is it 5 %
//! of what the ABI costs.

use super::{Experiment, SHORT};
use crate::answer::{Answer, reports};
use crate::finding::{Count, Finding};
use crate::report::{Bound, Comparison, Report, Verdict};
use crate::step::{Effort, Run, Step, Subject};

pub struct ExactSlowDown;

/// What the reference's calls run.
const RUNS: u32 = 100;

/// A slow-down, and how many of hundred must be found: where arithmetic limits, where memory does.
struct Truth {
    alias: &'static str,
    percent: u32,
    found: [usize; 2],
}

const TRUTHS: [Truth; 2] =
    [Truth { alias: "slow5", percent: 5, found: [100, 95] }, Truth { alias: "slow2", percent: 2, found: [95, 50] }];

impl Experiment for ExactSlowDown {
    fn name(&self) -> &'static str {
        "exact-slow-down"
    }

    fn about(&self) -> &'static str {
        "copies that are slower by exactly 5 % and 2 %"
    }

    /// Each run has a reference of its own: comparisons that share one err together.
    fn steps(&self, effort: Effort) -> Vec<Step> {
        let subject = |alias, runs: u32| Subject::plain(alias).with("runs", runs);
        let run = |Truth { alias, percent, .. }: &Truth| {
            Run::of(SHORT, vec![subject("plain", RUNS), subject(alias, RUNS + RUNS * percent / 100)])
        };
        TRUTHS.iter().flat_map(|truth| effort.repeat(4, Step::Run(run(truth)))).collect()
    }

    fn judge(&self, answers: &[Answer]) -> Vec<Finding> {
        let reports = reports(answers);
        TRUTHS.iter().flat_map(|truth| truth.judge(&reports)).collect()
    }
}

impl Truth {
    fn judge(&self, reports: &[&Report]) -> Vec<Finding> {
        let Self { percent, found: [compute, memory], .. } = self;
        let all: Vec<&Comparison> = reports.iter().flat_map(|report| self.of(&report.comparisons)).collect();
        let wrong = Count { part: all.iter().filter(|c| c.verdict == Some(Verdict::Improved)).count(), of: all.len() };
        let inside = all.iter().filter(|comparison| comparison.holds(1.0 + f64::from(*percent) / 100.0)).count();
        let share =
            |what: &str, least, Count { part, of }| Finding::share(&format!("{percent} % {what}"), least, part, of);
        vec![
            share("found where arithmetic limits", *compute, self.found(reports, Bound::Compute)),
            share("found where memory limits", *memory, self.found(reports, Bound::Memory)),
            Finding::of(format_args!("{percent} % called faster: never"), &wrong, wrong.part == 0 && wrong.of > 0),
            share("inside the 95 % interval", 88, Count { part: inside, of: all.len() }),
        ]
    }

    fn found(&self, reports: &[&Report], bound: Bound) -> Count {
        let his: Vec<_> = reports.iter().flat_map(|report| self.of(report.bound(bound))).collect();
        Count { part: his.iter().filter(|c| c.verdict == Some(Verdict::Regressed)).count(), of: his.len() }
    }

    fn of<'a>(&self, comparisons: impl IntoIterator<Item = &'a Comparison>) -> impl Iterator<Item = &'a Comparison> {
        comparisons.into_iter().filter(|comparison| comparison.backend == self.alias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{comparison, ran, report};

    /// Ten comparisons with slow5 at a case that arithmetic limits, ten where memory does; so many of them found.
    #[track_caller]
    fn check(found: [usize; 2], ratio: f64, missed: &str, want: [bool; 4]) {
        let comparisons: Vec<_> = ["matmul", "add"]
            .iter()
            .zip(found)
            .flat_map(|(case, found)| (0..10).map(move |i| (case, if i < found { "regressed" } else { missed })))
            .map(|(case, verdict)| Comparison { backend: "slow5".into(), ..comparison(case, verdict, ratio) })
            .collect();
        let findings = ExactSlowDown.judge(&[ran(report(&[("matmul", "compute"), ("add", "memory")], &comparisons))]);
        assert_eq!(
            findings[..4].iter().map(|finding| finding.passed.unwrap()).collect::<Vec<_>>(),
            want,
            "{findings:#?}"
        );
    }

    #[test]
    fn all_of_compute_and_most_of_memory_must_be_found_with_the_right_sign() {
        check([10, 10], 1.05, "inconclusive", [true, true, true, true]);
        check([9, 10], 1.05, "inconclusive", [false, true, true, true]);
        check([10, 9], 1.05, "inconclusive", [true, false, true, true]);
        check([10, 9], 1.05, "improved", [true, false, false, true]);
        // The interval of the samples is ±1 %.
        check([10, 10], 1.065, "inconclusive", [true, true, true, false]);
    }
}
