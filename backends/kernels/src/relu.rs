//! Rectified linear unit: `out[i] = max(0, x[i])`; NaN stays NaN.
//!
//! 1 flop and 8 bytes per element; bound by memory bandwidth.

use crate::elementwise::{Map, Unary};
use crate::kernels::Kernels;
use crate::simd::Simd;

/// The operation, without operands.
#[derive(Clone, Copy)]
pub(crate) struct Relu;

impl Kernels {
    /// `out = max(0, x)`, element by element.
    pub fn relu(&self, x: &[f32], out: &mut [f32]) {
        // SAFETY: `Map::new` borrowed two slices of one length; the table was chosen for this CPU.
        unsafe { (self.relu)(Map::new(Relu, x, out)) }
    }

    /// `x = max(0, x)`, element by element.
    pub fn relu_in_place(&self, x: &mut [f32]) {
        // SAFETY: `Map::in_place` borrowed the slice; the table was chosen for this CPU.
        unsafe { (self.relu)(Map::in_place(Relu, x)) }
    }
}

impl Unary for Relu {
    #[inline(always)]
    fn apply<S: Simd>(self, x: S) -> S {
        S::splat(0.0).max(x)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Tolerance, check_unary};
    use crate::{Kernels, reference};

    #[test]
    fn every_tier_clips_exactly() {
        check_unary(Tolerance::EXACT, Kernels::relu, Kernels::relu_in_place, reference::relu);
    }
}
