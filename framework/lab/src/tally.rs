//! How often each verdict was given, and how far estimates are off.

use std::collections::BTreeMap;
use std::fmt;

use smbench_core::stats::quantile::quantile;

use crate::report::{Comparison, Verdict};

/// Verdicts, counted.
pub struct Tally(BTreeMap<Verdict, usize>);

impl Tally {
    pub fn of<'a>(comparisons: impl IntoIterator<Item = &'a Comparison>) -> Self {
        let mut counts = BTreeMap::new();
        for verdict in comparisons.into_iter().filter_map(|comparison| comparison.verdict) {
            *counts.entry(verdict).or_default() += 1;
        }
        Self(counts)
    }

    pub fn count(&self, verdict: Verdict) -> usize {
        self.0.get(&verdict).copied().unwrap_or(0)
    }

    /// Improved or regressed.
    pub fn different(&self) -> usize {
        self.count(Verdict::Improved) + self.count(Verdict::Regressed)
    }

    pub fn all(&self) -> usize {
        self.0.values().sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.0.iter().map(|(verdict, count)| format!("{count} {}", word(*verdict)));
        f.write_str(&words.collect::<Vec<_>>().join(", "))
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Equivalent => "equivalent",
        Verdict::Improved => "faster",
        Verdict::Regressed => "slower",
        Verdict::Inconclusive => "undecided",
        Verdict::Unreliable => "unreliable",
    }
}

/// What 95 % of estimates are nearer to the truth than, in percent, where the truth is "no difference".
pub fn error_pct_p95(ratios: impl IntoIterator<Item = f64>) -> f64 {
    let errors: Vec<f64> = ratios.into_iter().map(|ratio| ratio.ln().abs()).collect();
    100.0 * quantile(&errors, 0.95).exp_m1()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::comparison;

    #[test]
    fn verdicts_are_counted() {
        let comparisons =
            ["equivalent", "regressed", "equivalent", "unreliable"].map(|verdict| comparison("x", verdict, 1.0));
        let tally = Tally::of(&comparisons);
        assert_eq!((tally.different(), tally.all()), (1, 4));
        assert_eq!(tally.to_string(), "2 equivalent, 1 slower, 1 unreliable");
    }

    #[test]
    fn errors_have_no_sign() {
        let ratios =
            (0..=20).map(|i| if i % 2 == 0 { 1.0 + f64::from(i) / 100.0 } else { 1.0 / (1.0 + f64::from(i) / 100.0) });
        assert!((error_pct_p95(ratios) - 19.0).abs() < 1e-9);
        assert!(error_pct_p95([]).is_nan());
    }
}
