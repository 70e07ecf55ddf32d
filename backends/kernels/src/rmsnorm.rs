//! Root-mean-square normalisation of every row: `out[i][j] = x[i][j] / √(Σ_j x[i][j]² / cols + eps) · gamma[j]` (Zhang and
//! Sennrich 2019, arXiv:1910.07467).
//!
//! Two passes over a row that stays in cache. Counted as 4 flops and 8 bytes per element; relative error within 1e-6.
//! Values above 1e19 overflow in the square.

use crate::kernels::{Kernel, Kernels};
use crate::rows::{RowShape, SquaresAround, fold};
use crate::simd::{Simd, Step, Width, sweep};

/// The operation with its operands; `x` and `out` are the same memory or disjoint.
pub(crate) struct Rmsnorm {
    shape: RowShape,
    x: *const f32,
    gamma: *const f32,
    eps: f32,
    out: *mut f32,
}

impl Kernels {
    /// `out[i] = rmsnorm(x[i])`, row by row.
    pub fn rmsnorm(&self, shape: RowShape, x: &[f32], gamma: &[f32], eps: f32, out: &mut [f32]) {
        shape.check(&[x, out], &[gamma]);
        let (x, gamma, out) = (x.as_ptr(), gamma.as_ptr(), out.as_mut_ptr());
        // SAFETY: the lengths are checked; the table was chosen for this CPU.
        unsafe { (self.rmsnorm)(Rmsnorm { shape, x, gamma, eps, out }) }
    }

    /// `x[i] = rmsnorm(x[i])`, row by row.
    pub fn rmsnorm_in_place(&self, shape: RowShape, x: &mut [f32], gamma: &[f32], eps: f32) {
        shape.check(&[x], &[gamma]);
        let out = x.as_mut_ptr();
        // SAFETY: the lengths are checked; the table was chosen for this CPU.
        unsafe { (self.rmsnorm)(Rmsnorm { shape, x: out, gamma: gamma.as_ptr(), eps, out }) }
    }
}

impl Kernel for Rmsnorm {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let RowShape { rows, cols } = self.shape;
        for i in 0..rows {
            // SAFETY: the caller's matrices hold rows·cols elements, and gamma cols.
            unsafe {
                let (x, out) = (self.x.add(i * cols), self.out.add(i * cols));
                let mean_square = fold::<S, _>(SquaresAround(0.0), x, cols) / cols as f32;
                let scale = S::splat(1.0 / (mean_square + self.eps).sqrt());
                sweep::<S>(cols, &mut ScaleColumns { x, scale, gamma: self.gamma, out });
            }
        }
    }
}

/// `out[j] = x[j] · scale · gamma[j]`.
struct ScaleColumns<S> {
    x: *const f32,
    scale: S,
    gamma: *const f32,
    out: *mut f32,
}

impl<S: Simd> Step<S> for ScaleColumns<S> {
    #[inline(always)]
    unsafe fn step<W: Width>(&mut self, at: usize, width: W) {
        // SAFETY: `sweep` stays inside the row.
        unsafe {
            let x: S = width.load(self.x.add(at), 0.0);
            let gamma: S = width.load(self.gamma.add(at), 0.0);
            width.store(x * self.scale * gamma, self.out.add(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{ROW_SHAPES, Tolerance, check_close, each_tier, ordinary};
    use crate::{Kernels, RowShape, reference};

    #[track_caller]
    fn check(kernels: &Kernels, shape: RowShape, x: &[f32]) {
        let tolerance = Tolerance { absolute: 0.0, relative: 1e-6 };
        let gamma = ordinary(shape.cols, 2);
        let (mut got, mut want) = (vec![f32::NAN; x.len()], vec![0.0; x.len()]);
        reference::rmsnorm(shape, x, &gamma, 1e-6, &mut want);
        kernels.rmsnorm(shape, x, &gamma, 1e-6, &mut got);
        check_close(&got, &want, tolerance, (kernels.tier, shape));
        got.copy_from_slice(x);
        kernels.rmsnorm_in_place(shape, &mut got, &gamma, 1e-6);
        check_close(&got, &want, tolerance, (kernels.tier, shape, "in place"));
    }

    #[test]
    fn every_tier_equals_the_formula() {
        for (kernels, shape) in each_tier(ROW_SHAPES) {
            check(kernels, shape, &ordinary(shape.len(), 1));
        }
    }

    #[test]
    fn a_row_survives_a_huge_first_element_and_zeroes() {
        for (kernels, shape) in each_tier(&[RowShape { rows: 1, cols: 127 }]) {
            let mut x = ordinary(127, 1);
            x[0] = 1e9;
            check(kernels, shape, &x);
            check(kernels, shape, &[0.0; 127]);
            x[126] = f32::NAN;
            check(kernels, shape, &x);
        }
    }
}
