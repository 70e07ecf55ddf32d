//! The statistics smbench decides with, one file each. Pure functions of slices, `std` only.
//!
//! METHOD §3 says which of them is used where; every figure agrees with SciPy to 1e-9
//! (`tests/stats_scipy.rs`), so anyone can recompute a report from the stored samples.
//!
//! **No figure rather than a wrong one.** A sample that is empty or holds a NaN or an infinity has no
//! statistic. Estimates and p-values then are NaN, which every comparison treats as "no"; what can also
//! be refused for want of data (intervals, percentiles) is `None`. Nothing here panics.

pub mod benjamini_hochberg;
pub mod bimodal;
pub mod e_divisive;
pub mod geometric;
pub mod hodges_lehmann;
pub mod interval;
pub mod normal;
pub mod order_statistics;
pub mod quantile;
pub mod rank_sum;
pub mod signed_rank;

pub use interval::Interval;

/// The sample in ascending order; `None` if it is empty or not all finite.
fn sorted(sample: &[f64]) -> Option<Vec<f64>> {
    let usable = !sample.is_empty() && sample.iter().all(|x| x.is_finite());
    usable.then(|| ascending(sample.to_vec()))
}

fn ascending(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// What two tails of a two-sided interval may miss together; `None` unless `0 < confidence < 1`.
fn alpha(confidence: f64) -> Option<f64> {
    (confidence > 0.0 && confidence < 1.0).then_some(1.0 - confidence)
}

/// Slack for "this tail is small enough", so that 1 - 0.9 still equals a tail of exactly 0.1.
/// The figure is the one R's `qsignrank` and `qbinom` use.
const FUZZ: f64 = 10.0 * f64::EPSILON;

#[cfg(test)]
mod tests {
    use super::*;

    /// The promise of the module page, kept by every public function.
    #[test]
    fn an_unusable_sample_has_no_statistic() {
        for sample in [&[][..], &[1.0, f64::NAN, 2.0], &[f64::INFINITY, 1.0], &[f64::NAN; 80]] {
            assert!(quantile::median(sample).is_nan());
            assert!(quantile::quantile(sample, 0.5).is_nan());
            assert!(quantile::mean_over_median(sample, 1.0).is_nan());
            assert_eq!(quantile::percentile(sample, 0.5), None);
            assert!(signed_rank::p_value_two_sided(sample).is_nan());
            assert!(hodges_lehmann::estimate(sample).is_nan());
            assert_eq!(hodges_lehmann::interval(sample, 0.5), None);
            assert_eq!(order_statistics::median_interval(sample, 0.5), None);
            assert!(geometric::mean(sample).is_nan());
        }
    }

    #[test]
    fn a_senseless_confidence_has_no_interval() {
        let sample: Vec<f64> = (0..20).map(f64::from).collect();
        for confidence in [0.0, 1.0, -0.5, 1.5, 95.0, f64::NAN] {
            assert_eq!(hodges_lehmann::interval(&sample, confidence), None);
            assert_eq!(hodges_lehmann::achieved(20, confidence), None);
            assert_eq!(order_statistics::median_interval(&sample, confidence), None);
            assert_eq!(order_statistics::achieved(20, confidence), None);
        }
    }
}
