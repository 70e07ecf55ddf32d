//! The Wilcoxon–Mann–Whitney rank-sum test and its shift: do two samples lie at the same place?
//!
//! `U = #{(i, j): yⱼ > xᵢ}`, ties counted half. Under the null every order of the m + n values is equally
//! likely. H. B. Mann and D. R. Whitney, "On a test of whether one of two random variables is
//! stochastically larger than the other", Annals of Mathematical Statistics 18 (1947) 50–60. Same figures as SciPy's
//! `mannwhitneyu(x, y)`, exact to [`EXACT_MAX`] values in all, `use_continuity=False` beyond.

use super::signed_rank::{EXACT_MAX, NullDistribution};
use super::{normal, quantile, sorted};

/// By how much the second sample lies above the first: the Hodges–Lehmann shift, `median over all i, j of yⱼ - xᵢ`.
pub fn shift(first: &[f64], second: &[f64]) -> f64 {
    if sorted(first).is_none() || sorted(second).is_none() {
        return f64::NAN;
    }
    let differences = |y: &f64| first.iter().map(move |x| y - x).collect::<Vec<_>>();
    quantile::median(&second.iter().flat_map(differences).collect::<Vec<_>>())
}

/// The probability, did both samples come from one place, of an order at least this lopsided.
///
/// `2·min(P(U <= ⌈u⌉), P(U >= ⌊u⌋))`, at most 1: rounding u towards the middle keeps ties conservative.
pub fn p_value_two_sided(first: &[f64], second: &[f64]) -> f64 {
    let Some(pooled) = sorted(&[first, second].concat()) else { return f64::NAN };
    let (m, n) = (first.len(), second.len());
    if m == 0 || n == 0 {
        return f64::NAN;
    }
    let u = above(first, second);
    if pooled.len() <= EXACT_MAX { null(m, n).p_two_sided(u) } else { p_normal(u, m, n, &pooled) }
}

/// U.
fn above(first: &[f64], second: &[f64]) -> f64 {
    let half = |x: &f64, y: &f64| 0.5 * (f64::from(u8::from(y > x)) + f64::from(u8::from(y >= x)));
    second.iter().map(|y| first.iter().map(|x| half(x, y)).sum::<f64>()).sum()
}

/// How U is distributed without ties.
///
/// `P(u; m, n) = n/(m+n) · P(u - m; m, n-1) + m/(m+n) · P(u; m-1, n)`, `P(0; m, 0) = P(0; 0, n) = 1`: the largest of all
/// values is one of the second sample, above all m of the first, or one of the first. All terms are positive.
fn null(m: usize, n: usize) -> NullDistribution {
    let mut row: Vec<Vec<f64>> = vec![vec![1.0]; n + 1];
    for firsts in 1..=m {
        for seconds in 1..=n {
            row[seconds] = longer(&row[seconds - 1], &row[seconds], firsts, seconds);
        }
    }
    NullDistribution::of(row.swap_remove(n))
}

/// One step: from `P(·; m, n-1)` and `P(·; m-1, n)` to `P(·; m, n)`.
fn longer(fewer_seconds: &[f64], fewer_firsts: &[f64], m: usize, n: usize) -> Vec<f64> {
    let share = n as f64 / (m + n) as f64;
    let mut pmf = vec![0.0; m * n + 1];
    for (u, p) in fewer_seconds.iter().enumerate() {
        pmf[u + m] += share * p;
    }
    for (u, p) in fewer_firsts.iter().enumerate() {
        pmf[u] += (1.0 - share) * p;
    }
    pmf
}

/// Mean `mn/2`, variance `mn/12 · (N + 1 - Σ(t³ - t) / (N(N - 1)))` with N = m + n and t for each group of equal values.
fn p_normal(u: f64, m: usize, n: usize, pooled: &[f64]) -> f64 {
    let (all, pairs) = (pooled.len() as f64, (m * n) as f64);
    let tie = |group: &[f64]| (group.len() as f64).powi(3) - group.len() as f64;
    let ties: f64 = pooled.chunk_by(|a, b| a == b).map(tie).sum();
    let variance = pairs / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    if variance > 0.0 { 2.0 * normal::sf((u - 0.5 * pairs).abs() / variance.sqrt()) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts() {
        #[track_caller]
        fn check(first: &[f64], second: &[f64], want: f64) {
            assert_eq!((shift(first, second), shift(second, first)), (want, -want));
        }
        check(&[1.0], &[3.0], 2.0);
        check(&[1.0, 2.0, 3.0], &[2.0, 3.0, 4.0], 1.0);
        check(&[1.0, 2.0, 3.0], &[2.0, 3.0, 400.0], 1.0);
        check(&[5.0, 5.0], &[5.0, 5.0], 0.0);
    }

    #[test]
    fn p_values() {
        #[track_caller]
        fn check(first: &[f64], second: &[f64], want: f64) {
            for p in [p_value_two_sided(first, second), p_value_two_sided(second, first)] {
                assert!((p - want).abs() < 1e-15, "{p}");
            }
        }
        check(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0], 2.0 / 20.0);
        check(&[1.0, 2.0, 4.0], &[3.0, 5.0, 6.0], 4.0 / 20.0);
        check(&[1.0, 4.0], &[2.0, 3.0], 1.0);
        check(&[1.0; 6], &[1.0; 6], 1.0);
        check(&[1.0; 40], &[1.0; 40], 1.0);
        let twelve: Vec<f64> = (0..12).map(f64::from).collect();
        check(&twelve[..6], &twelve[6..], 2.0 / 924.0);
    }

    #[test]
    fn no_sample_has_no_statistic() {
        for (first, second) in [(&[][..], &[1.0][..]), (&[1.0], &[]), (&[f64::NAN], &[1.0])] {
            assert!(shift(first, second).is_nan() && p_value_two_sided(first, second).is_nan());
        }
    }

    #[test]
    fn the_distribution_is_whole_and_symmetric() {
        for (m, n) in [(1, 1), (3, 5), (10, 10), (32, 32)] {
            let null = null(m, n);
            assert!((null.cdf(m * n) - 1.0).abs() < 1e-13, "{m} {n}");
            assert!((null.cdf(0) - null.sf(m * n)).abs() < 1e-15);
        }
    }

    #[test]
    fn the_approximation_meets_the_exact_test_at_the_seam() {
        let values: Vec<f64> = (0..64).map(|i| f64::from(i * 29 % 64) + f64::from(i / 2)).collect();
        let (first, second) = values.split_at(32);
        let (exact, u) = (p_value_two_sided(first, second), above(first, second));
        assert!((exact - p_normal(u, 32, 32, &sorted(&values).unwrap())).abs() < 0.005, "{exact}");
    }
}
