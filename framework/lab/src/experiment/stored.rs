//! The same plugins in two runs, the second under noise, compared from the store: evidence that allows no verdict.

use super::{DIFFERENT, Experiment};
use crate::answer::{Answer, reports};
use crate::finding::{Count, Finding};
use crate::neighbour::Neighbour;
use crate::step::{Effort, Run, Step, Subject};
use crate::tally::error_pct_p95;

pub struct Stored;

impl Experiment for Stored {
    fn name(&self) -> &'static str {
        "stored-runs"
    }

    fn about(&self) -> &'static str {
        "two stored runs of the same plugins, the second beside a noisy neighbour, compared"
    }

    fn steps(&self, _effort: Effort) -> Vec<Step> {
        let run = Run::of(DIFFERENT, ["plain", "copy1"].map(Subject::plain).into()).preset("quick");
        vec![Step::Run(run.clone()), Step::Run(run.beside(Neighbour::SameCore)), Step::Compare(0, 1)]
    }

    fn judge(&self, answers: &[Answer]) -> Vec<Finding> {
        let compared = &reports(answers).pop().map(|report| report.comparisons.clone()).unwrap_or_default();
        let count =
            Count { part: compared.iter().filter(|comparison| comparison.differs()).count(), of: compared.len() };
        let apart = error_pct_p95(compared.iter().map(|comparison| comparison.ratio));
        vec![
            Finding::of("called faster or slower: none", &count, count.part == 0 && count.of > 0),
            Finding::told("times of the two runs apart, 95 % within", format_args!("{apart:.1} %")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{comparison, ran, report};

    #[test]
    fn one_verdict_is_one_too_many() {
        let passed = |comparisons: &[_]| Stored.judge(&[ran(report(&[], comparisons))])[0].passed;
        let unjudged = comparison("x", None, 1.1);
        assert_eq!(passed(&[unjudged.clone(), unjudged.clone()]), Some(true));
        assert_eq!(passed(&[unjudged, comparison("x", Some("regressed"), 1.4)]), Some(false));
        assert_eq!(passed(&[]), Some(false), "nothing was compared");
    }
}
