//! Sample quantiles, and percentiles that are refused when the sample cannot carry them.
//!
//! Type 7 of Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50
//! (1996) 361–365; the default of NumPy and R. With the sample in ascending order x₀ … xₙ₋₁:
//!
//! `h = p·(n - 1)`, `Q(p) = x⌊h⌋ + (h - ⌊h⌋)·(x⌊h⌋₊₁ - x⌊h⌋)`

use super::sorted;

/// How many samples must lie, on average, beyond a percentile before it is worth printing.
/// Five gives METHOD §2.8 its figures: p50 needs 10 samples, p90 50, p99 500.
const BEYOND: f64 = 5.0;

/// The middle of an unsorted sample: the mean of the two middle values when their number is even.
pub fn median(sample: &[f64]) -> f64 {
    quantile(sample, 0.5)
}

/// The value that a fraction `p` of an unsorted sample lies below. NaN unless `0 <= p <= 1`.
pub fn quantile(sample: &[f64], p: f64) -> f64 {
    sorted(sample).map_or(f64::NAN, |x| of_sorted(&x, p))
}

/// What a tail is seen by: 1 of an even sample, more where a few values lie far above the others. A median below `least`,
/// what a clock can tell, counts as that.
pub fn mean_over_median(sample: &[f64], least: f64) -> f64 {
    let (mean, median) = (sample.iter().sum::<f64>() / sample.len() as f64, median(sample));
    mean / if median < least { least } else { median } // `max` would make a number of NaN
}

/// [`quantile`], or `None` with fewer samples than [`samples_needed`]. For tails of pooled latencies,
/// where too few samples print the worst one seen; the p10–p90 spread of launches is a plain `quantile`.
pub fn percentile(sample: &[f64], p: f64) -> Option<f64> {
    let enough = samples_needed(p).is_some_and(|needed| sample.len() >= needed);
    let sample = sorted(sample).filter(|_| enough)?;
    Some(of_sorted(&sample, p))
}

/// The smallest sample [`percentile`] accepts, `5 / min(p, 1 - p)`; `None` if no sample is large enough.
pub fn samples_needed(p: f64) -> Option<usize> {
    let tail = p.min(1.0 - p);
    // 5 / (1 - 0.9) is a hair above 50.
    (tail > 0.0).then(|| (BEYOND / tail - 1e-9).ceil() as usize)
}

/// [`quantile`] of a sample already in ascending order; NaN if it is empty.
pub(super) fn of_sorted(x: &[f64], p: f64) -> f64 {
    if x.is_empty() || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let h = p * (x.len() - 1) as f64;
    let (below, above) = (x[h.floor() as usize], x[h.ceil() as usize]);
    below + (h - h.floor()) * (above - below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        #[track_caller]
        fn check(sample: &[f64], want: f64) {
            assert_eq!(median(sample), want);
        }
        check(&[7.0], 7.0);
        check(&[3.0, 1.0], 2.0);
        check(&[3.0, 1.0, 2.0], 2.0);
        check(&[4.0, 1.0, 3.0, 2.0], 2.5);
        check(&[-0.0, 0.0, -5.0], -0.0);
    }

    #[test]
    fn a_tail_lifts_the_mean_and_not_the_median() {
        #[track_caller]
        fn check(sample: &[f64], least: f64, want: f64) {
            assert_eq!(mean_over_median(sample, least), want);
        }
        check(&[300.0; 128], 1.0, 1.0);
        check(&[1.0, 1.0, 1.0, 5.0], 0.0, 2.0);
        check(&[0.5, 0.5, 2.0], 0.0, 2.0);
        check(&[0.0, 0.0, 9.0], 1.0, 3.0);
        check(&[0.0, 0.0], 1.0, 0.0);
    }

    #[test]
    fn quantiles_interpolate() {
        #[track_caller]
        fn check(p: f64, want: f64) {
            assert_eq!(quantile(&[50.0, 20.0, 40.0, 10.0, 30.0], p), want);
        }
        check(0.0, 10.0);
        check(0.1, 14.0);
        check(0.25, 20.0);
        check(0.9, 46.0);
        check(1.0, 50.0);
    }

    #[test]
    fn a_quantile_outside_the_sample_is_nan() {
        for p in [-0.1, 1.1, f64::NAN] {
            assert!(quantile(&[1.0, 2.0], p).is_nan());
            assert_eq!(percentile(&[1.0, 2.0], p), None);
        }
    }

    #[test]
    fn percentiles_need_samples() {
        #[track_caller]
        fn check(p: f64, needed: Option<usize>) {
            assert_eq!(samples_needed(p), needed);
            let Some(needed) = needed else { return };
            let sample = vec![1.0; needed];
            assert_eq!(percentile(&sample, p), Some(1.0));
            assert_eq!(percentile(&sample[1..], p), None);
        }
        check(0.5, Some(10));
        check(0.9, Some(50));
        check(0.1, Some(50));
        check(0.99, Some(500));
        check(0.999, Some(5000));
        check(1.0, None);
    }
}
