//! criterion and smbench on the same kernels for the same time, in turns: identical code, how often is it called different?
//! criterion measures a baseline, and the same binary again in another process, as its users do.

use super::{DIFFERENT, Experiment, copies};
use crate::answer::{Answer, reports};
use crate::finding::{Count, Finding};
use crate::neighbour::Neighbour;
use crate::step::{Effort, Run, Step};
use crate::tally::{Tally, error_pct_p95};

pub struct Criterion {
    name: &'static str,
    about: &'static str,
    beside: Neighbour,
}

impl Criterion {
    pub const QUIET: Self = Self {
        name: "criterion",
        about: "criterion beside smbench: same kernels, same time, identical code",
        beside: Neighbour::None,
    };
    pub const NOISE_SAME_CORE: Self = Self {
        name: "criterion-noise-same-core",
        about: "the same, a noisy neighbour on the same core",
        beside: Neighbour::SameCore,
    };
}

impl Experiment for Criterion {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    /// It downloads and builds criterion.
    fn asks_to_be_named(&self) -> bool {
        true
    }

    /// A run makes 40 comparisons, a trial 10.
    fn steps(&self, effort: Effort) -> Vec<Step> {
        let run = Step::Run(Run::of(DIFFERENT, copies()).beside(self.beside));
        let turns = effort.repeat(3, run).into_iter();
        turns.flat_map(|run| [run, Step::Criterion { trials: 4, beside: self.beside }]).collect()
    }

    fn judge(&self, answers: &[Answer]) -> Vec<Finding> {
        let theirs: Vec<_> = answers.iter().filter_map(Answer::criterion).flatten().collect();
        let ours: Vec<_> = reports(answers).iter().flat_map(|report| &report.comparisons).cloned().collect();
        let (ours_false, ours_all) = (Tally::of(&ours).different(), ours.len());
        let (theirs_false, theirs_all) =
            (theirs.iter().filter(|change| change.verdict.is_some()).count(), theirs.len());
        let ours_error = error_pct_p95(ours.iter().map(|comparison| comparison.ratio));
        let theirs_error = error_pct_p95(theirs.iter().map(|change| change.ratio));
        let found = format!(
            "{}, criterion {}",
            Count { part: ours_false, of: ours_all },
            Count { part: theirs_false, of: theirs_all }
        );
        let passed = ours_all > 0 && 10 * ours_false * theirs_all <= theirs_false * ours_all;
        let errors = format!("{ours_error:.2} %, criterion {theirs_error:.2} %");
        vec![
            Finding::of("identical code called different: a tenth of criterion's at most", found, passed),
            Finding::of(
                "95 % of estimates within: a fifth of criterion's at most",
                errors,
                5.0 * ours_error <= theirs_error,
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Change;
    use crate::report::Verdict;
    use crate::report::samples::{comparison, ran, report};

    #[track_caller]
    fn check(ours: (&str, f64), theirs: (bool, f64), want: [bool; 2]) {
        let ours = ran(report(&[], &[comparison("matmul", ours.0, ours.1)]));
        let verdict = theirs.0.then_some(Verdict::Regressed);
        let findings = Criterion::QUIET.judge(&[ours, Answer::Criterion(vec![Change { ratio: theirs.1, verdict }])]);
        assert_eq!(findings.iter().map(|finding| finding.passed.unwrap()).collect::<Vec<_>>(), want, "{findings:?}");
    }

    #[test]
    fn a_tenth_of_the_verdicts_and_a_fifth_of_the_error() {
        check(("equivalent", 1.001), (true, 1.05), [true, true]);
        check(("equivalent", 1.02), (false, 1.05), [true, false]);
        check(("regressed", 1.001), (true, 1.05), [false, true]);
    }
}
