//! Two calls of a hundred sleep 5 ms, of calls of 0.1 to 1 µs and of 10 µs and longer: the medians of the latter do not see it, and
//! samples of the former all have it in them. A flag must say it of both.

use super::{Experiment, LONG, SHORT};
use crate::answer::{Answer, reports};
use crate::finding::{Count, Finding};
use crate::step::{Effort, Run, Step, Subject};

pub struct Tail;

impl Experiment for Tail {
    fn name(&self) -> &'static str {
        "tail"
    }

    fn about(&self) -> &'static str {
        "a copy that sleeps 5 ms in 2 % of its calls"
    }

    fn steps(&self, _effort: Effort) -> Vec<Step> {
        let subjects = vec![Subject::plain("plain"), Subject::plain("sleeps").with("tail", 50)];
        [LONG, SHORT].map(|cases| Step::Run(Run::of(cases, subjects.clone()).preset("quick"))).into()
    }

    fn judge(&self, answers: &[Answer]) -> Vec<Finding> {
        let rows: Vec<_> = reports(answers).iter().flat_map(|report| &report.cases).collect();
        let flagged = |backend: &str| {
            let his: Vec<_> = rows.iter().filter(|row| row.backend == backend).collect();
            Count { part: his.iter().filter(|row| row.flags.iter().any(|flag| flag == "tail")).count(), of: his.len() }
        };
        let (sleeps, plain) = (flagged("sleeps"), flagged("plain"));
        vec![
            Finding::of("flagged `tail`: all that sleep", &sleeps, sleeps.part == sleeps.of && sleeps.of > 0),
            Finding::of("and none that does not", &plain, plain.part == 0 && plain.of > 0),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{case, ran, report};

    #[track_caller]
    fn check(flags: [&[&str]; 2], want: [bool; 2]) {
        let mut report = report(&[], &[]);
        for (backend, flags) in ["sleeps", "plain"].iter().zip(flags) {
            let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
            report.cases.push(crate::report::Case { backend: (*backend).to_owned(), flags, ..case("add", "memory") });
        }
        let findings = Tail.judge(&[ran(report)]);
        assert_eq!(findings.iter().map(|finding| finding.passed.unwrap()).collect::<Vec<_>>(), want, "{findings:?}");
    }

    #[test]
    fn who_sleeps_is_flagged_and_nobody_else() {
        check([&["tail"], &[]], [true, true]);
        check([&["leak"], &["leak"]], [false, true]);
        check([&["tail"], &["tail"]], [true, false]);
    }
}
