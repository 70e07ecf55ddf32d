//! The one honest mean of ratios: twice as fast here and half as fast there is no change.
//!
//! `G = (r₁·r₂·…·rₙ)^(1/n) = e^(mean ln rᵢ)`. P. J. Fleming and J. J. Wallace, "How not to lie with
//! statistics: the correct way to summarize benchmark results", CACM 29 (1986) 218–221.

/// The geometric mean of positive ratios; NaN if one is not positive and finite.
pub fn mean(ratios: &[f64]) -> f64 {
    if ratios.iter().any(|r| !(*r > 0.0 && r.is_finite())) {
        return f64::NAN;
    }
    // An empty slice divides 0 by 0.
    (ratios.iter().map(|r| r.ln()).sum::<f64>() / ratios.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means() {
        #[track_caller]
        fn check(ratios: &[f64], want: f64) {
            assert!((mean(ratios) - want).abs() < 1e-12);
        }
        check(&[3.0], 3.0);
        check(&[2.0, 0.5], 1.0);
        check(&[1.0, 4.0, 16.0], 4.0);
        check(&[1e300, 1e300, 1e-300, 1e-300], 1.0);
    }

    #[test]
    fn a_ratio_that_is_none_spoils_the_mean() {
        for spoiled in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(mean(&[1.0, spoiled]).is_nan());
        }
    }
}
