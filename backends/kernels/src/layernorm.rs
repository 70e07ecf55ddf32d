//! Layer normalisation of every row: `out[i][j] = (x[i][j] - μ) / √(σ² + eps) · gamma[j] + beta[j]` (Ba et al. 2016,
//! arXiv:1607.06450), where `μ` is the row's mean and `σ²` its variance, divided by `cols`.
//!
//! Three passes over a row that stays in cache: mean, variance around that mean, result. A single pass would be quicker and
//! would lose every digit to one outlier. Counted as 8 flops and 8 bytes per element; error within 4e-6 of the largest
//! result. Deviations above 1e19 overflow in the square.

use crate::kernels::{Kernel, Kernels};
use crate::rows::{RowShape, SquaresAround, Sum, fold};
use crate::simd::{Simd, Step, Width, sweep};

/// What a layer normalisation learned.
#[derive(Clone, Copy, Debug)]
pub struct Norm<'a> {
    /// Factor of each column.
    pub gamma: &'a [f32],
    /// Offset of each column.
    pub beta: &'a [f32],
    /// Added to the variance, so that a constant row divides by something.
    pub eps: f32,
}

/// The operation with its operands; `x` and `out` are the same memory or disjoint.
#[derive(Clone, Copy)]
pub(crate) struct Layernorm {
    pub shape: RowShape,
    pub x: *const f32,
    pub gamma: *const f32,
    pub beta: *const f32,
    pub eps: f32,
    pub out: *mut f32,
}

impl Kernels {
    /// `out[i] = layernorm(x[i])`, row by row.
    pub fn layernorm(&self, shape: RowShape, x: &[f32], norm: Norm<'_>, out: &mut [f32]) {
        shape.check(&[x, out], &[norm.gamma, norm.beta]);
        // SAFETY: the lengths are checked; the table was chosen for this CPU.
        unsafe { (self.layernorm)(Layernorm::new(shape, x.as_ptr(), norm, out.as_mut_ptr())) }
    }

    /// `x[i] = layernorm(x[i])`, row by row.
    pub fn layernorm_in_place(&self, shape: RowShape, x: &mut [f32], norm: Norm<'_>) {
        shape.check(&[x], &[norm.gamma, norm.beta]);
        let out = x.as_mut_ptr();
        // SAFETY: the lengths are checked; the table was chosen for this CPU.
        unsafe { (self.layernorm)(Layernorm::new(shape, out, norm, out)) }
    }
}

impl Layernorm {
    pub fn new(shape: RowShape, x: *const f32, norm: Norm<'_>, out: *mut f32) -> Self {
        Layernorm { shape, x, gamma: norm.gamma.as_ptr(), beta: norm.beta.as_ptr(), eps: norm.eps, out }
    }

    /// Normalises row `i`.
    ///
    /// # Safety
    /// As [`Kernel::run`], and `i < rows`.
    #[inline(always)]
    pub unsafe fn row<S: Simd>(self, i: usize) {
        let cols = self.shape.cols;
        // SAFETY: the caller's matrices hold rows·cols elements, and gamma and beta cols.
        unsafe {
            let (x, out) = (self.x.add(i * cols), self.out.add(i * cols));
            let mean = fold::<S, _>(Sum, x, cols) / cols as f32;
            let variance = fold::<S, _>(SquaresAround(mean), x, cols) / cols as f32;
            let scale = 1.0 / (variance + self.eps).sqrt();
            let (mean, scale) = (S::splat(mean), S::splat(scale));
            sweep::<S>(cols, &mut Normalise { x, mean, scale, gamma: self.gamma, beta: self.beta, out });
        }
    }
}

impl Kernel for Layernorm {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        for i in 0..self.shape.rows {
            // SAFETY: the caller's promise, and i < rows.
            unsafe { self.row::<S>(i) }
        }
    }
}

/// `out[j] = (x[j] - mean) · scale · gamma[j] + beta[j]`.
struct Normalise<S> {
    x: *const f32,
    mean: S,
    scale: S,
    gamma: *const f32,
    beta: *const f32,
    out: *mut f32,
}

impl<S: Simd> Step<S> for Normalise<S> {
    #[inline(always)]
    unsafe fn step<W: Width>(&mut self, at: usize, width: W) {
        // SAFETY: `sweep` stays inside the row.
        unsafe {
            let x: S = width.load(self.x.add(at), 0.0);
            let gamma: S = width.load(self.gamma.add(at), 0.0);
            let beta: S = width.load(self.beta.add(at), 0.0);
            width.store(((x - self.mean) * self.scale).mul_add(gamma, beta), self.out.add(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{ROW_SHAPES, Tolerance, check_close, each_tier, ordinary};
    use crate::{Kernels, Norm, RowShape, reference};

    #[track_caller]
    fn check(kernels: &Kernels, shape: RowShape, x: &[f32]) {
        let (gamma, beta) = (ordinary(shape.cols, 2), ordinary(shape.cols, 3));
        let norm = Norm { gamma: &gamma, beta: &beta, eps: 1e-5 };
        let (mut got, mut want) = (vec![f32::NAN; x.len()], vec![0.0; x.len()]);
        reference::layernorm(shape, x, norm, &mut want);
        let tolerance = Tolerance::of_largest(4e-6, &want);
        kernels.layernorm(shape, x, norm, &mut got);
        check_close(&got, &want, tolerance, (kernels.tier, shape));
        got.copy_from_slice(x);
        kernels.layernorm_in_place(shape, &mut got, norm);
        check_close(&got, &want, tolerance, (kernels.tier, shape, "in place"));
    }

    #[test]
    fn every_tier_equals_the_formula() {
        for (kernels, shape) in each_tier(ROW_SHAPES) {
            check(kernels, shape, &ordinary(shape.len(), 1));
        }
    }

    #[test]
    fn a_row_survives_a_huge_first_element() {
        for (kernels, shape) in each_tier(&[RowShape { rows: 2, cols: 767 }]) {
            for outlier in [1e3, -1e4, 1e6, 1e9] {
                let mut x = ordinary(shape.len(), 1);
                x[0] = outlier;
                check(kernels, shape, &x);
            }
        }
    }

    #[test]
    fn a_constant_row_becomes_beta() {
        for (kernels, shape) in each_tier(&[RowShape { rows: 1, cols: 33 }]) {
            check(kernels, shape, &[2.5; 33]);
        }
    }

    #[test]
    fn nan_stays_in_its_row() {
        for (kernels, shape) in each_tier(&[RowShape { rows: 3, cols: 17 }]) {
            let mut x = ordinary(shape.len(), 1);
            x[17 + 16] = f32::NAN;
            check(kernels, shape, &x);
        }
    }
}
