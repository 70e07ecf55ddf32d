//! Sum of two vectors: `out[i] = a[i] + b[i]`.
//!
//! 1 flop and 12 bytes per element; bound by memory bandwidth.

use crate::elementwise::{Binary, Zip};
use crate::kernels::Kernels;
use crate::simd::Simd;

/// The operation, without operands.
#[derive(Clone, Copy)]
pub(crate) struct Add;

impl Kernels {
    /// `out = a + b`, element by element.
    pub fn add(&self, a: &[f32], b: &[f32], out: &mut [f32]) {
        // SAFETY: `Zip::new` borrowed three slices of one length; the table was chosen for this CPU.
        unsafe { (self.add)(Zip::new(Add, a, b, out)) }
    }

    /// `a += b`, element by element.
    pub fn add_in_place(&self, a: &mut [f32], b: &[f32]) {
        // SAFETY: `Zip::in_place` borrowed two slices of one length; the table was chosen for this CPU.
        unsafe { (self.add)(Zip::in_place(Add, a, b)) }
    }
}

impl Binary for Add {
    #[inline(always)]
    fn apply<S: Simd>(self, a: S, b: S) -> S {
        a + b
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Tolerance, check_binary};
    use crate::{Kernels, reference};

    #[test]
    fn every_tier_adds_exactly() {
        check_binary(Tolerance::EXACT, Kernels::add, Kernels::add_in_place, reference::add);
    }
}
