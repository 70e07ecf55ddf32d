//! A copy that grows slower while the run lasts: no verdict on it would be true tomorrow. And two that do so alike: there
//! is no difference between them.

use std::time::{SystemTime, UNIX_EPOCH};

use super::same_code::called;
use super::{Experiment, SHORT};
use crate::answer::{Answer, reports};
use crate::finding::Finding;
use crate::report::Verdict;
use crate::step::{Effort, Run, Step, Subject};
use crate::tally::Tally;

pub struct Drift;

/// Percent a minute. The run takes 25 s (2026-11-25) and ends 8 % above where it began: its halves are 4 % apart, twice the
/// widest margin of these cases. By 10 % a minute they were 2 % apart, and 3 of 10 comparisons passed for steady.
const PERCENT_A_MINUTE: u32 = 20;

impl Experiment for Drift {
    fn name(&self) -> &'static str {
        "drift"
    }

    fn about(&self) -> &'static str {
        "copies that grow slower by 20 % a minute: one, and both alike"
    }

    fn steps(&self, _effort: Effort) -> Vec<Step> {
        let drifting = |alias| Subject::plain(alias).with("drift", PERCENT_A_MINUTE).with("since", now());
        let one = vec![Subject::plain("plain"), drifting("drift1")];
        let both = vec![drifting("drift1"), drifting("drift2")];
        [one, both].map(|subjects| Step::Run(Run::of(SHORT, subjects))).into()
    }

    fn judge(&self, answers: &[Answer]) -> Vec<Finding> {
        let [one, both] = reports(answers)[..] else { return Vec::new() };
        let tally = Tally::of(&one.comparisons);
        let faster = tally.count(Verdict::Improved);
        vec![
            Finding::of(
                "one drifts, called faster: never",
                format_args!("{faster} of {}; {tally}", tally.all()),
                faster == 0 && tally.all() > 0,
            ),
            Finding::share("one drifts, `unreliable`", 90, tally.count(Verdict::Unreliable), tally.all()),
            Finding { asked: "both drift, called faster or slower: 1 of 30 at most".to_owned(), ..called(&[both]) },
        ]
    }
}

/// Unix seconds: the plugin drifts from here on, whichever process it is in.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{many, ran};

    #[track_caller]
    fn check(one: &[(usize, &str)], both: &[(usize, &str)], want: [bool; 3]) {
        let findings = Drift.judge(&[ran(many("matmul", one)), ran(many("matmul", both))]);
        assert_eq!(findings.iter().map(|finding| finding.passed.unwrap()).collect::<Vec<_>>(), want, "{findings:?}");
    }

    #[test]
    fn a_drift_is_unreliable_and_a_common_one_is_nothing() {
        check(&[(9, "unreliable"), (1, "regressed")], &[(10, "equivalent")], [true, true, true]);
        check(&[(8, "unreliable"), (2, "regressed")], &[(10, "equivalent")], [true, false, true]);
        check(&[(9, "unreliable"), (1, "improved")], &[(9, "equivalent"), (1, "regressed")], [false, true, false]);
    }
}
