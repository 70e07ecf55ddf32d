//! Product of two vectors, element by element: `out[i] = a[i] · b[i]`.
//!
//! 1 flop and 12 bytes per element; bound by memory bandwidth.

use crate::elementwise::{Binary, Zip};
use crate::kernels::Kernels;
use crate::simd::Simd;

/// The operation, without operands.
#[derive(Clone, Copy)]
pub(crate) struct Mul;

impl Kernels {
    /// `out = a · b`, element by element.
    pub fn mul(&self, a: &[f32], b: &[f32], out: &mut [f32]) {
        // SAFETY: `Zip::new` borrowed three slices of one length; the table was chosen for this CPU.
        unsafe { (self.mul)(Zip::new(Mul, a, b, out)) }
    }

    /// `a *= b`, element by element.
    pub fn mul_in_place(&self, a: &mut [f32], b: &[f32]) {
        // SAFETY: `Zip::in_place` borrowed two slices of one length; the table was chosen for this CPU.
        unsafe { (self.mul)(Zip::in_place(Mul, a, b)) }
    }
}

impl Binary for Mul {
    #[inline(always)]
    fn apply<S: Simd>(self, a: S, b: S) -> S {
        a * b
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Tolerance, check_binary};
    use crate::{Kernels, reference};

    #[test]
    fn every_tier_multiplies_exactly() {
        check_binary(Tolerance::EXACT, Kernels::mul, Kernels::mul_in_place, reference::mul);
    }
}
