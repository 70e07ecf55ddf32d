//! Sigmoid linear unit: `out[i] = x / (1 + exp(-x))` (Elfwing et al. 2017, arXiv:1702.03118).
//!
//! Counted as 4 flops and 8 bytes per element. Relative error within 5e-7, absolute error below -87 within 1e-36.

use crate::elementwise::{Map, Unary};
use crate::exp::exp;
use crate::kernels::Kernels;
use crate::simd::Simd;

/// The operation, without operands.
#[derive(Clone, Copy)]
pub(crate) struct Silu;

// Below this the denominator is +inf and the quotient -0, which -inf itself would miss (inf / inf is NaN).
const LOWEST: f32 = -128.0;

impl Kernels {
    /// `out = x / (1 + exp(-x))`, element by element.
    pub fn silu(&self, x: &[f32], out: &mut [f32]) {
        // SAFETY: `Map::new` borrowed two slices of one length; the table was chosen for this CPU.
        unsafe { (self.silu)(Map::new(Silu, x, out)) }
    }

    /// `x = x / (1 + exp(-x))`, element by element.
    pub fn silu_in_place(&self, x: &mut [f32]) {
        // SAFETY: `Map::in_place` borrowed the slice; the table was chosen for this CPU.
        unsafe { (self.silu)(Map::in_place(Silu, x)) }
    }
}

impl Unary for Silu {
    #[inline(always)]
    fn apply<S: Simd>(self, x: S) -> S {
        let x = S::splat(LOWEST).max(x);
        x / (S::splat(1.0) + exp(S::splat(0.0) - x))
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Tolerance, check_unary};
    use crate::{Kernels, reference};

    #[test]
    fn every_tier_equals_the_formula() {
        let tolerance = Tolerance { absolute: 1e-36, relative: 5e-7 };
        check_unary(tolerance, Kernels::silu, Kernels::silu_in_place, reference::silu);
    }
}
