//! The exponential: `exp(x) = 2^n · exp(r)`, where `n = round(x / ln 2)` and `r = x - n·ln 2`, so `|r| <= ln 2 / 2`.
//!
//! `exp(r)` is a polynomial of degree 6, minimax in relative error (Remez, 3e-9 before rounding); with rounding the whole
//! is within 2 units in the last place. NaN stays NaN and +inf gives +inf. Above 88.37 the result may be +inf and below
//! -87.68 it may be 0, a little early, so that 2^n is one multiplication: no kernel can tell 1e-38 from 0.

use crate::simd::{Simd, polynomial};

/// `1 + r + r²·(…)`: the first two are exact, so exp(0) is exactly 1.
const COEFFICIENTS: [f32; 7] = [1.0, 1.0, 0.49999994, 0.1666652, 0.04166839, 0.008368745, 0.0013814539];

/// Adding 1.5·2^23 leaves no fraction bits, so adding and subtracting it rounds to the nearest integer.
const ROUND: f32 = 12_582_912.0;

/// ln 2 in two parts; nine bits of the high one make `n · LN2_HIGH` exact (Cephes, expf.c).
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// From here on exp is +inf in every tier: 2^128 times at least 1.3.
const HIGHEST: f32 = 89.0;

/// e^x in every lane.
#[inline(always)]
pub(crate) fn exp<S: Simd>(x: S) -> S {
    let lowest = S::splat(S::LOWEST_POWER * std::f32::consts::LN_2);
    let x = S::splat(HIGHEST).min(lowest.max(x));
    let n = x.mul_add(S::splat(std::f32::consts::LOG2_E), S::splat(ROUND)) - S::splat(ROUND);
    let r = n.mul_add(S::splat(-LN2_LOW), n.mul_add(S::splat(-LN2_HIGH), x));
    polynomial(r, COEFFICIENTS).scale_by_power_of_two(n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elementwise::{Map, Unary};
    use crate::kernels::Kernel;

    #[derive(Clone, Copy)]
    struct Exp;

    impl Unary for Exp {
        #[inline(always)]
        fn apply<S: Simd>(self, x: S) -> S {
            exp(x)
        }
    }

    fn portable(x: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; x.len()];
        // SAFETY: `Map::new` borrows two slices of one length, and every CPU has the portable register.
        unsafe { Map::new(Exp, x, &mut out).run::<wide::f32x8>() };
        out
    }

    #[test]
    fn relative_error_is_within_two_units_in_the_last_place() {
        let x: Vec<f32> = (-87_500..88_300).map(|i| i as f32 / 1000.0).collect();
        for (x, y) in x.iter().zip(portable(&x)) {
            let want = f64::from(*x).exp();
            let error = (f64::from(y) - want).abs() / want;
            assert!(error <= 2.4e-7, "exp({x}) = {y}, want {want}, relative error {error:e}");
        }
    }

    #[test]
    fn the_ends_are_what_the_mathematics_says() {
        let x = [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 1e-40];
        assert_eq!(portable(&x), [1.0, 1.0, f32::INFINITY, 0.0, f32::INFINITY, 0.0, 1.0]);
        assert!(portable(&[f32::NAN])[0].is_nan());
    }
}
