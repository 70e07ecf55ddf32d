//! Slow-downs of which the truth is known: each 20th call runs twice (5 %), or each 50th (2 %).

use super::{Experiment, SHORT};
use crate::answer::{Answer, reports};
use crate::finding::{Count, Finding};
use crate::report::{Bound, Report, Verdict};
use crate::step::{Effort, Run, Step, Subject};

pub struct ExactSlowDown;

/// A slow-down, its two subjects, and how many of hundred must be found: where arithmetic limits, where memory does.
struct Truth {
    percent: f64,
    every: u32,
    aliases: [&'static str; 2],
    found: [usize; 2],
}

const TRUTHS: [Truth; 2] = [
    Truth { percent: 5.0, every: 20, aliases: ["slow5a", "slow5b"], found: [100, 95] },
    Truth { percent: 2.0, every: 50, aliases: ["slow2a", "slow2b"], found: [95, 50] },
];

impl Experiment for ExactSlowDown {
    fn name(&self) -> &'static str {
        "exact-slow-down"
    }

    fn about(&self) -> &'static str {
        "copies that are slower by exactly 5 % and 2 %"
    }

    fn steps(&self, effort: Effort) -> Vec<Step> {
        let slow =
            TRUTHS.iter().flat_map(|truth| truth.aliases.map(|alias| Subject::plain(alias).with("every", truth.every)));
        let subjects = std::iter::once(Subject::plain("plain")).chain(slow).collect();
        effort.repeat(3, Step::Run(Run::of(SHORT, subjects)))
    }

    fn judge(&self, answers: &[Answer]) -> Vec<Finding> {
        let reports = reports(answers);
        TRUTHS.iter().flat_map(|truth| truth.judge(&reports)).collect()
    }
}

impl Truth {
    fn judge(&self, reports: &[&Report]) -> Vec<Finding> {
        let found = |bound| {
            let his =
                reports.iter().flat_map(|report| report.bound(bound)).filter(|c| self.aliases.contains(&&*c.backend));
            let verdicts: Vec<_> = his.map(|comparison| comparison.verdict).collect();
            let part = verdicts.iter().filter(|&&verdict| verdict == Some(Verdict::Regressed)).count();
            (part, verdicts.len())
        };
        let all: Vec<_> = reports
            .iter()
            .flat_map(|report| &report.comparisons)
            .filter(|c| self.aliases.contains(&&*c.backend))
            .collect();
        let wrong = Count { part: all.iter().filter(|c| c.verdict == Some(Verdict::Improved)).count(), of: all.len() };
        let inside = all.iter().filter(|comparison| comparison.holds(1.0 + 1.0 / f64::from(self.every))).count();
        let share =
            |what: &str, percent, (part, of)| Finding::share(&format!("{} % {what}", self.percent), percent, part, of);
        vec![
            share("found where arithmetic limits", self.found[0], found(Bound::Compute)),
            share("found where memory limits", self.found[1], found(Bound::Memory)),
            Finding::of(
                format_args!("{} % called faster: never", self.percent),
                &wrong,
                wrong.part == 0 && wrong.of > 0,
            ),
            share("inside the 95 % interval", 88, (inside, all.len())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{comparison, ran, report};

    /// Ten comparisons with slow5a at a case that arithmetic limits, ten where memory does; so many of them found.
    #[track_caller]
    fn check(found: [usize; 2], ratio: f64, missed: &str, want: [bool; 4]) {
        let comparisons: Vec<_> = ["matmul", "add"]
            .iter()
            .zip(found)
            .flat_map(|(case, found)| (0..10).map(move |i| (case, if i < found { "regressed" } else { missed })))
            .map(|(case, verdict)| crate::report::Comparison {
                backend: "slow5a".into(),
                ..comparison(case, verdict, ratio)
            })
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
