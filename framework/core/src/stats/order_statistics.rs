//! An interval for a median that assumes nothing of the distribution.
//!
//! How many of n values lie below the true median is a matter of n fair coins, so the k-th smallest and
//! the k-th largest enclose it with probability `1 - 2·P(Binomial(n, ½) <= k - 1)`. W. R. Thompson, Annals of
//! Mathematical Statistics 7 (1936) 122–128; H. A. David and H. N. Nagaraja, "Order Statistics" (2003) §7.1.

use super::{Interval, alpha, sorted};

/// From the k-th smallest to the k-th largest value, for the largest k that keeps the confidence.
///
/// `None` when even the extremes fall short of it (95 % needs 6 values, 90 % five).
pub fn median_interval(sample: &[f64], confidence: f64) -> Option<Interval> {
    let x = sorted(sample)?;
    let cut = Cut::of(x.len(), alpha(confidence)?)?;
    Some(Interval { low: x[cut.rank - 1], high: x[x.len() - cut.rank] })
}

/// The confidence a [`median_interval`] of n values really has, at least the one asked.
pub fn achieved(n: usize, confidence: f64) -> Option<f64> {
    Some(1.0 - 2.0 * Cut::of(n, alpha(confidence)?)?.missed)
}

/// Which value becomes the end, and how often the median lies beyond it.
struct Cut {
    /// From 1.
    rank: usize,
    /// `P(Binomial(n, ½) <= rank - 1)`.
    missed: f64,
}

impl Cut {
    /// Adds up `C(n, k) / 2ⁿ` from k = 0 while the tail is small enough. In logarithms, because 2⁻ⁿ is 0
    /// in f64 from n = 1075.
    fn of(n: usize, alpha: f64) -> Option<Self> {
        // The logarithms round; 1e-12 is below any confidence worth telling apart.
        let allowed = 0.5 * alpha + 1e-12;
        let mut ln_term = -(n as f64) * std::f64::consts::LN_2;
        let mut cut = Self { rank: 0, missed: 0.0 };
        while cut.rank < n && cut.missed + ln_term.exp() <= allowed {
            cut.missed += ln_term.exp();
            ln_term += ((n - cut.rank) as f64 / (cut.rank + 1) as f64).ln();
            cut.rank += 1;
        }
        (cut.rank > 0).then_some(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1, 2, … n, so that an end is its own rank; backwards, since samples come unsorted.
    fn ranks(n: u32) -> Vec<f64> {
        (1..=n).rev().map(f64::from).collect()
    }

    #[test]
    fn ends_are_tabled_ranks() {
        #[track_caller]
        fn check(n: u32, confidence: f64, want: Option<(f64, f64)>) {
            let got = median_interval(&ranks(n), confidence);
            assert_eq!(got.map(|i| (i.low, i.high)), want);
        }
        check(4, 0.90, None);
        check(5, 0.90, Some((1.0, 5.0)));
        check(5, 0.95, None);
        check(6, 0.95, Some((1.0, 6.0)));
        check(6, 1.0 - 2.0 / 64.0, Some((1.0, 6.0)));
        // The ranks of the sign test: 1 + its critical values 1, 2, 5, 16.
        check(10, 0.95, Some((2.0, 9.0)));
        check(12, 0.95, Some((3.0, 10.0)));
        check(20, 0.95, Some((6.0, 15.0)));
        check(48, 0.95, Some((17.0, 32.0)));
        check(2, 0.01, Some((1.0, 2.0)));
    }

    #[test]
    fn the_level_is_at_least_the_one_asked() {
        for n in 6..200 {
            let level = achieved(n, 0.95).unwrap();
            assert!((0.95..1.0).contains(&level), "{n}: {level}");
        }
        assert!((achieved(10, 0.95).unwrap() - (1.0 - 22.0 / 1024.0)).abs() < 1e-12);
    }

    #[test]
    fn thousands_of_values_do_not_underflow() {
        let level = achieved(5_000, 0.95).unwrap();
        assert!((0.95..0.953).contains(&level), "{level}");
    }
}
