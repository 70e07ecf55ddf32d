//! Many comparisons at once: which p-values are worth believing when a run makes hundreds.
//!
//! With m p-values in ascending order, `q₍ᵢ₎ = min over j >= i of m·p₍ⱼ₎/j`, at most 1. Calling every
//! `q <= 0.05` a finding keeps the expected share of false ones among them at 5 %. Y. Benjamini and
//! Y. Hochberg, "Controlling the false discovery rate", J. R. Statist. Soc. B 57 (1995) 289–300; same
//! figures as SciPy's `false_discovery_control(method="bh")`.

/// No verdict rests on fewer launches (METHOD §2.6); also what a 95 % interval needs.
pub const LAUNCHES_MIN: u32 = 6;

/// The q-value of each p-value, in the order given.
///
/// A p-value that is not in 0..=1 (a comparison without enough data) has q NaN. It still counts as
/// planned, as if it were 1: data that went missing must not make the others look better.
pub fn q_values(p_values: &[f64]) -> Vec<f64> {
    let mut q: Vec<f64> = p_values.iter().map(|p| if (0.0..=1.0).contains(p) { 1.0 } else { f64::NAN }).collect();
    let mut order: Vec<usize> = (0..q.len()).filter(|&i| !q[i].is_nan()).collect();
    order.sort_unstable_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut smallest = 1.0f64;
    for (rank, &i) in order.iter().enumerate().rev() {
        smallest = smallest.min(p_values[i] * p_values.len() as f64 / (rank + 1) as f64);
        q[i] = smallest;
    }
    q
}

/// The fewest launches with which a lone finding among n comparisons can have `q <= alpha`.
///
/// L launches that all agree give the smallest exact two-sided p, `2/2^L`; alone among n it needs
/// `p <= alpha/n`, hence `L = 1 + ⌈log₂(n / alpha)⌉`, never under 6.
pub fn min_launches(comparisons: usize, alpha: f64) -> u32 {
    let halvings = (comparisons.max(1) as f64 / alpha).log2().ceil();
    LAUNCHES_MIN.max(1 + halvings as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_values_step_up() {
        #[track_caller]
        fn check(p: &[f64], want: &[f64]) {
            let got = q_values(p);
            assert_eq!(got.len(), want.len());
            for (got, want) in got.iter().zip(want) {
                assert!((got - want).abs() < 1e-15 || got.is_nan() && want.is_nan(), "{got} {want}");
            }
        }
        check(&[], &[]);
        check(&[0.03], &[0.03]);
        check(&[0.01, 0.04, 0.03, 0.9], &[0.04, 0.16 / 3.0, 0.16 / 3.0, 0.9]);
        check(&[0.5, 0.5, 0.0], &[0.5, 0.5, 0.0]);
        check(&[1.0, 1.0], &[1.0, 1.0]);
        check(&[0.01, f64::NAN], &[0.02, f64::NAN]);
        check(&[-0.1, 1.1, 0.2], &[f64::NAN, f64::NAN, 0.6]);
    }

    #[test]
    fn launches_for_comparisons() {
        #[track_caller]
        fn check(comparisons: usize, want: u32) {
            assert_eq!(min_launches(comparisons, 0.05), want);
        }
        check(0, 6);
        check(1, 6);
        check(2, 7);
        check(60, 12);
        check(102, 12);
        check(103, 13);
        check(200, 13);
        check(400, 14);
    }

    /// The formula against what it promises: enough launches find, one fewer cannot.
    #[test]
    fn the_fewest_launches_are_just_enough() {
        for comparisons in [2, 3, 60, 200, 400] {
            let q = |launches: u32| {
                let mut p = vec![1.0; comparisons];
                p[0] = 2.0 / 2f64.powi(launches as i32);
                q_values(&p)[0]
            };
            for alpha in [0.05, 0.05 / 3.0] {
                let fewest = min_launches(comparisons, alpha);
                assert!(q(fewest) <= alpha && q(fewest - 1) > alpha, "{comparisons}");
            }
        }
    }
}
