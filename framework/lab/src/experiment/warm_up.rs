//! A fake warm-up: the first 200 calls run five times. It once made "GELU 1K slower than 10K".

use super::Experiment;
use super::same_code::called;
use crate::answer::{Answer, reports};
use crate::finding::Finding;
use crate::step::{Case, Effort, Run, Step, Subject};

pub struct WarmUp;

const SIZES: &[Case] = &[("gelu_tanh", "1000"), ("gelu_tanh", "10000"), ("gelu_tanh", "100000")];

impl Experiment for WarmUp {
    fn name(&self) -> &'static str {
        "fake-warm-up"
    }

    fn about(&self) -> &'static str {
        "a copy whose first 200 calls take five times as long, at GELU 1K, 10K, 100K"
    }

    fn steps(&self, _effort: Effort) -> Vec<Step> {
        let cold = Subject::plain("warms").with("warm_up", 200);
        vec![Step::Run(Run::of(SIZES, vec![Subject::plain("plain"), cold]))]
    }

    fn judge(&self, answers: &[Answer]) -> Vec<Finding> {
        let [report] = reports(answers)[..] else { return Vec::new() };
        let times = SIZES.iter().filter_map(|(op, size)| report.median_ns(&format!("{op}/{size}/"), "warms"));
        let times: Vec<f64> = times.collect();
        let found: Vec<String> = times.iter().map(|ns| format!("{ns:.0} ns")).collect();
        let ascending = times.len() > 1 && times.is_sorted();
        vec![
            Finding::of("times in the order of the sizes", found.join(", "), ascending),
            Finding { asked: "called faster or slower: never".to_owned(), ..called(&[report]) },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Time;
    use crate::report::samples::{comparison, ran, report};

    #[track_caller]
    fn check(times: [f64; 3], verdict: &str, want: [bool; 2]) {
        let comparisons = SIZES.iter().map(|(_, size)| comparison(&format!("lab/gelu_tanh/{size}/f32"), verdict, 1.0));
        let mut report = report(&[], &comparisons.collect::<Vec<_>>());
        for (row, median) in report.cases.iter_mut().zip(times) {
            (row.backend, row.time_ns) = ("warms".to_owned(), Some(Time { median }));
        }
        let findings = WarmUp.judge(&[ran(report)]);
        assert_eq!(findings.iter().map(|finding| finding.passed.unwrap()).collect::<Vec<_>>(), want, "{findings:?}");
    }

    #[test]
    fn a_larger_gelu_takes_longer() {
        check([180.0, 1700.0, 17000.0], "equivalent", [true, true]);
        check([1800.0, 1700.0, 17000.0], "equivalent", [false, true]);
        check([180.0, 1700.0, 17000.0], "regressed", [true, false]);
    }
}
