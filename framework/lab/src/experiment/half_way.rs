//! Identical code, and a neighbour who comes in the middle of the run: a step in everybody's time, none in the ratio.

use super::same_code::called;
use super::{DIFFERENT, Experiment, copies};
use crate::answer::{Answer, reports};
use crate::finding::Finding;
use crate::neighbour::Neighbour;
use crate::step::{Effort, Run, Step};

pub struct HalfWay;

impl Experiment for HalfWay {
    fn name(&self) -> &'static str {
        "noise-half-way"
    }

    fn about(&self) -> &'static str {
        "byte copies, a noisy neighbour on the same core from the middle of the run"
    }

    fn steps(&self, _effort: Effort) -> Vec<Step> {
        vec![Step::Run(Run::of(DIFFERENT, copies()).beside(Neighbour::SameCoreFromHalfWay))]
    }

    fn judge(&self, answers: &[Answer]) -> Vec<Finding> {
        vec![called(&reports(answers))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{many, ran};

    #[test]
    fn what_is_called_unreliable_is_not_called_different() {
        let passed = |verdicts: &[(usize, &str)]| HalfWay.judge(&[ran(many("add", verdicts))])[0].passed;
        assert_eq!(passed(&[(30, "unreliable"), (9, "equivalent"), (1, "regressed")]), Some(true));
        assert_eq!(passed(&[(30, "unreliable"), (8, "equivalent"), (2, "regressed")]), Some(false));
    }
}
