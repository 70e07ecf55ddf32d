//! A kernel of about 20 ns, beside a loop of a million calls that has nothing of smbench in it.

use smbench_core::stats::quantile::median;

use super::Experiment;
use crate::answer::{Answer, reports};
use crate::finding::Finding;
use crate::step::{Case, Effort, Run, Step, Subject};

pub struct Tiny;

/// 19.5 ns on the machine it was chosen on, through the SDK's checks (2026-11-25).
const ELEMENTS: usize = 256;
const CASE: &[Case] = &[("add", "256")];

/// METHOD: within so many nanoseconds.
const APART_NS: f64 = 2.0;

impl Experiment for Tiny {
    fn name(&self) -> &'static str {
        "tiny"
    }

    fn about(&self) -> &'static str {
        "a 20 ns kernel against a loop of a million calls"
    }

    /// In turns, so that both see the same minute.
    fn steps(&self, effort: Effort) -> Vec<Step> {
        let run = Step::Run(Run::of(CASE, vec![Subject::plain("plain")]).preset("quick"));
        let turn = || effort.repeat(4, Step::Million(ELEMENTS)).into_iter().chain([run.clone()]);
        (0..effort.repeat(5, run.clone()).len()).flat_map(|_| turn()).collect()
    }

    fn judge(&self, answers: &[Answer]) -> Vec<Finding> {
        let loops: Vec<f64> = answers.iter().filter_map(Answer::million).collect();
        let ours = reports(answers).into_iter().filter_map(|report| report.median_ns("add/", "plain"));
        let (ours, loops) = (median(&ours.collect::<Vec<_>>()), median(&loops));
        let found = format!("{ours:.1} ns, a million calls {loops:.1} ns each");
        vec![Finding::of(format_args!("within {APART_NS} ns"), found, (ours - loops).abs() <= APART_NS)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Time;
    use crate::report::samples::{case, ran, report};

    #[track_caller]
    fn check(ours: f64, loops: &[f64], want: bool) {
        let mut report = report(&[], &[]);
        report
            .cases
            .push(crate::report::Case { time_ns: Some(Time { median: ours }), ..case("lab/add/256/f32", "memory") });
        let mut answers = vec![ran(report)];
        answers.extend(loops.iter().map(|ns| Answer::Million(*ns)));
        assert_eq!(Tiny.judge(&answers)[0].passed, Some(want));
    }

    #[test]
    fn two_nanoseconds_are_allowed() {
        check(20.0, &[21.0, 19.0, 90.0], true);
        check(20.0, &[18.5], true);
        check(20.0, &[22.5, 22.6], false);
        check(20.0, &[], false);
    }
}
