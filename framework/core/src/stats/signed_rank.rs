//! The Wilcoxon signed-rank test: do these differences lie symmetrically round zero?
//!
//! Zeros are dropped, the rest ranked by size; `W⁺` is the sum of the ranks of the positive ones. Under
//! the null every sign is a fair coin, so `W⁺` of n differences has an exact distribution over
//! 0 … n(n+1)/2. F. Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1 (1945)
//! 80–83. Same figures as SciPy's `wilcoxon(x, zero_method="wilcox", correction=False)`.

use super::{FUZZ, normal};

/// The most differences judged by the exact distribution. `thorough` asks for 48 launches; at 64 the
/// normal approximation is off by 0.005 at most, and by 0.0004 round p = 0.05.
pub const EXACT_MAX: usize = 64;

/// How `W⁺` is distributed when every sign is a fair coin, without ties; or another symmetric sum of ranks from 0.
pub struct NullDistribution {
    /// `pmf[w] = P(W⁺ = w)`.
    pmf: Vec<f64>,
}

impl NullDistribution {
    /// For n differences, by adding one rank at a time: it goes to the positive side or it does not.
    ///
    /// `P_k(w) = (P_{k-1}(w) + P_{k-1}(w - k)) / 2`, `P_0(0) = 1`. Halving is exact and all terms are
    /// positive, so each probability is good to n rounding errors.
    pub fn exact(n: usize) -> Self {
        let mut pmf = vec![0.0; n * (n + 1) / 2 + 1];
        pmf[0] = 1.0;
        for rank in 1..=n {
            for w in (0..=rank * (rank + 1) / 2).rev() {
                let moved = if w >= rank { pmf[w - rank] } else { 0.0 };
                pmf[w] = 0.5 * (pmf[w] + moved);
            }
        }
        Self { pmf }
    }

    /// Of any symmetric probabilities of 0, 1, 2 …
    pub(super) fn of(pmf: Vec<f64>) -> Self {
        Self { pmf }
    }

    /// `2·min(P(W⁺ <= ⌈w⌉), P(W⁺ >= ⌊w⌋))`, at most 1.
    pub(super) fn p_two_sided(&self, w: f64) -> f64 {
        (2.0 * self.cdf(w.ceil() as usize).min(self.sf(w.floor() as usize))).min(1.0)
    }

    /// `P(W⁺ <= w)`.
    pub fn cdf(&self, w: usize) -> f64 {
        self.pmf.iter().take(w + 1).sum::<f64>().min(1.0)
    }

    /// `P(W⁺ >= w)`, which is `P(W⁺ <= max - w)` by symmetry.
    pub fn sf(&self, w: usize) -> f64 {
        (self.pmf.len() - 1).checked_sub(w).map_or(0.0, |mirror| self.cdf(mirror))
    }

    /// The smallest `w` with `P(W⁺ <= w) >= tail`, as R's `qsignrank`.
    pub fn quantile(&self, tail: f64) -> usize {
        let mut below = 0.0;
        let reaches = |p: &f64| {
            below += p;
            below >= tail - FUZZ
        };
        self.pmf.iter().position(reaches).unwrap_or(self.pmf.len() - 1)
    }
}

/// The probability, were the differences symmetric round zero, of ranks at least this lopsided.
///
/// `2·min(P(W⁺ <= ⌈w⌉), P(W⁺ >= ⌊w⌋))`, at most 1. Ties share their mean rank, so w may end in one
/// half; rounding it towards the middle keeps the test conservative. All zeros: nothing speaks against
/// the null, p = 1. Beyond [`EXACT_MAX`] non-zero differences the normal approximation is used.
pub fn p_value_two_sided(differences: &[f64]) -> f64 {
    match Ranks::of(differences) {
        None => f64::NAN,
        Some(ranks) if ranks.n == 0 => 1.0,
        Some(ranks) if ranks.n <= EXACT_MAX => ranks.p_exact(),
        Some(ranks) => ranks.p_normal(),
    }
}

/// Mean and standard deviation of `W⁺` under the null: `n(n+1)/4` and `√((n(n+1)(2n+1) - ties) / 24)`,
/// where `ties` is half the sum of `t³ - t` over groups of t equal sizes.
pub(super) fn moments(n: usize, ties: f64) -> (f64, f64) {
    let n = n as f64;
    let (mean, spread) = (n * (n + 1.0) / 4.0, n * (n + 1.0) * (2.0 * n + 1.0) - ties);
    (mean, (spread / 24.0).sqrt())
}

/// What the test needs to know of a sample.
struct Ranks {
    /// Differences that are not zero.
    n: usize,
    /// `W⁺`, with mean ranks for ties.
    positive: f64,
    /// Half the sum of `t³ - t`.
    ties: f64,
}

impl Ranks {
    /// `None` for an empty sample or one that is not all finite.
    fn of(differences: &[f64]) -> Option<Self> {
        let mut nonzero = super::sorted(differences)?;
        nonzero.retain(|&d| d != 0.0);
        nonzero.sort_unstable_by(|a, b| a.abs().total_cmp(&b.abs()));
        let mut ranks = Self { n: 0, positive: 0.0, ties: 0.0 };
        for group in nonzero.chunk_by(|a, b| a.abs() == b.abs()) {
            ranks.add(group);
        }
        Some(ranks)
    }

    /// The next larger group of equal sizes: t ranks, of which each gets the mean.
    fn add(&mut self, group: &[f64]) {
        let t = group.len() as f64;
        let mean_rank = self.n as f64 + 0.5 * (t + 1.0);
        self.positive += mean_rank * group.iter().filter(|&&d| d > 0.0).count() as f64;
        self.ties += 0.5 * (t * t * t - t);
        self.n += group.len();
    }

    fn p_exact(&self) -> f64 {
        NullDistribution::exact(self.n).p_two_sided(self.positive)
    }

    fn p_normal(&self) -> f64 {
        let (mean, deviation) = moments(self.n, self.ties);
        2.0 * normal::sf(((self.positive - mean) / deviation).abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: every choice of signs counted.
    fn counted(n: usize, w: usize) -> f64 {
        let sum = |signs: u32| (1..=n).filter(|rank| signs >> (rank - 1) & 1 == 1).sum::<usize>();
        (0..1u32 << n).filter(|&signs| sum(signs) <= w).count() as f64 / f64::from(1u32 << n)
    }

    #[test]
    fn the_distribution_counts_signs() {
        for n in [0, 1, 2, 5, 10] {
            let null = NullDistribution::exact(n);
            for w in 0..=n * (n + 1) / 2 {
                assert_eq!(null.cdf(w), counted(n, w), "n = {n}, w = {w}");
            }
        }
    }

    #[test]
    fn the_distribution_is_whole_and_symmetric() {
        let null = NullDistribution::exact(EXACT_MAX);
        assert_eq!(null.cdf(0), 0.5f64.powi(64));
        assert!((null.cdf(2080) - 1.0).abs() < 1e-14);
        assert!((null.cdf(1039) + null.sf(1040) - 1.0).abs() < 1e-14);
        assert_eq!((null.sf(0), null.sf(2081)), (null.cdf(2080), 0.0));
    }

    #[test]
    fn quantiles_are_those_of_r() {
        #[track_caller]
        fn check(n: usize, tail: f64, want: usize) {
            assert_eq!(NullDistribution::exact(n).quantile(tail), want);
        }
        // One more than the critical values every textbook tables (none, 0, 8, 13, 52, 137).
        check(5, 0.025, 0);
        check(6, 0.025, 1);
        check(10, 0.025, 9);
        check(12, 0.025, 14);
        check(20, 0.025, 53);
        check(30, 0.025, 138);
        // A tail reached exactly: P(W <= 0) = 1/64.
        check(6, 1.0 / 64.0, 0);
    }

    #[test]
    fn p_values() {
        #[track_caller]
        fn check(differences: &[f64], want: f64) {
            assert!((p_value_two_sided(differences) - want).abs() < 1e-15);
        }
        check(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2.0 / 64.0);
        check(&[-1.0, -2.0, -3.0, -4.0, -5.0, -6.0], 2.0 / 64.0);
        check(&[-1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 4.0 / 64.0);
        check(&[1.0, -1.0], 1.0);
        check(&[0.0; 20], 1.0);
        check(&[0.0, 0.0, 3.0], 1.0);
        // Hollander and Wolfe (1973), the example of R's help page: V = 40, one-sided p 0.0195.
        let depression = [0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01];
        check(&depression, 0.0390625);
    }

    #[test]
    fn the_approximation_meets_the_exact_test_at_the_seam() {
        let sample: Vec<f64> = (1..=64).map(|i| f64::from(i) * if i % 3 == 0 { -1.0 } else { 1.0 }).collect();
        let ranks = Ranks::of(&sample).unwrap();
        assert!((ranks.p_exact() - ranks.p_normal()).abs() < 0.005);
    }
}
