//! Product of a vector and a number: `out[i] = factor · x[i]`.
//!
//! 1 flop and 8 bytes per element; bound by memory bandwidth.

use crate::elementwise::{Map, Unary};
use crate::kernels::Kernels;
use crate::simd::Simd;

/// The operation with its factor.
#[derive(Clone, Copy)]
pub(crate) struct Scale(pub f32);

impl Kernels {
    /// `out = factor · x`, element by element.
    pub fn scale(&self, factor: f32, x: &[f32], out: &mut [f32]) {
        // SAFETY: `Map::new` borrowed two slices of one length; the table was chosen for this CPU.
        unsafe { (self.scale)(Map::new(Scale(factor), x, out)) }
    }

    /// `x *= factor`, element by element.
    pub fn scale_in_place(&self, factor: f32, x: &mut [f32]) {
        // SAFETY: `Map::in_place` borrowed the slice; the table was chosen for this CPU.
        unsafe { (self.scale)(Map::in_place(Scale(factor), x)) }
    }
}

impl Unary for Scale {
    #[inline(always)]
    fn apply<S: Simd>(self, x: S) -> S {
        x * S::splat(self.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Tolerance, check_unary};
    use crate::{Kernels, reference};

    #[test]
    fn every_tier_scales_exactly() {
        check_unary(
            Tolerance::EXACT,
            |kernels, x, out| kernels.scale(-0.3, x, out),
            |kernels, x| kernels.scale_in_place(-0.3, x),
            |x, out| reference::scale(-0.3, x, out),
        );
    }

    #[test]
    fn a_factor_of_infinity_makes_nan_of_zero() {
        let mut x = [0.0, 1.0, -1.0];
        Kernels::best().scale_in_place(f32::INFINITY, &mut x);
        assert!(x[0].is_nan());
        assert_eq!(x[1..], [f32::INFINITY, f32::NEG_INFINITY]);
    }
}
