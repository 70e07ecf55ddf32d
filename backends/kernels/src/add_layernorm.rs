//! A residual added, then layer normalisation: `sum[i] = x[i] + residual[i]`, `out[i] = layernorm(sum[i])`.
//!
//! Row by row, so that the sum is still in cache when it is normalised. Counted as 9 flops and 16 bytes per element;
//! the sum is exact to one rounding, the rest as in `layernorm`.

use crate::add::Add;
use crate::elementwise::Zip;
use crate::kernels::{Kernel, Kernels};
use crate::layernorm::{Layernorm, Norm};
use crate::rows::RowShape;
use crate::simd::Simd;

/// The operation with its operands; `norm` reads what the addition wrote. `x` and the sum are the same memory or disjoint.
pub(crate) struct AddLayernorm {
    x: *const f32,
    residual: *const f32,
    sum: *mut f32,
    norm: Layernorm,
}

impl Kernels {
    /// `sum = x + residual` and `out[i] = layernorm(sum[i])`, row by row.
    pub fn add_layernorm(
        &self,
        shape: RowShape,
        [x, residual]: [&[f32]; 2],
        norm: Norm<'_>,
        sum: &mut [f32],
        out: &mut [f32],
    ) {
        shape.check(&[x, residual, sum, out], &[norm.gamma, norm.beta]);
        let (x, residual, sum) = (x.as_ptr(), residual.as_ptr(), sum.as_mut_ptr());
        let norm = Layernorm::new(shape, sum, norm, out.as_mut_ptr());
        // SAFETY: the lengths are checked; the table was chosen for this CPU.
        unsafe { (self.add_layernorm)(AddLayernorm { x, residual, sum, norm }) }
    }

    /// `sum += residual` and `out[i] = layernorm(sum[i])`, row by row.
    pub fn add_layernorm_in_place(
        &self,
        shape: RowShape,
        sum: &mut [f32],
        residual: &[f32],
        norm: Norm<'_>,
        out: &mut [f32],
    ) {
        shape.check(&[sum, residual, out], &[norm.gamma, norm.beta]);
        let sum = sum.as_mut_ptr();
        let norm = Layernorm::new(shape, sum, norm, out.as_mut_ptr());
        // SAFETY: the lengths are checked; the table was chosen for this CPU.
        unsafe { (self.add_layernorm)(AddLayernorm { x: sum, residual: residual.as_ptr(), sum, norm }) }
    }
}

impl Kernel for AddLayernorm {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let RowShape { rows, cols } = self.norm.shape;
        for i in 0..rows {
            let start = i * cols;
            // SAFETY: the caller's matrices hold rows·cols elements.
            unsafe {
                let (a, b, out) = (self.x.add(start), self.residual.add(start), self.sum.add(start));
                Zip { op: Add, a, b, out, len: cols }.run::<S>();
                self.norm.row::<S>(i);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{ROW_SHAPES, Tolerance, check_close, each_tier, ordinary};
    use crate::{Norm, reference};

    #[test]
    fn every_tier_equals_the_formula() {
        for (kernels, shape) in each_tier(ROW_SHAPES) {
            let (x, residual) = (ordinary(shape.len(), 1), ordinary(shape.len(), 2));
            let (gamma, beta) = (ordinary(shape.cols, 3), ordinary(shape.cols, 4));
            let norm = Norm { gamma: &gamma, beta: &beta, eps: 1e-5 };
            let [mut want_sum, mut want, mut sum, mut got] = [(); 4].map(|()| vec![0.0; x.len()]);
            reference::add(&x, &residual, &mut want_sum);
            reference::layernorm(shape, &want_sum, norm, &mut want);
            let tolerance = Tolerance::of_largest(4e-6, &want);

            kernels.add_layernorm(shape, [&x, &residual], norm, &mut sum, &mut got);
            check_close(&sum, &want_sum, Tolerance::EXACT, (kernels.tier, shape));
            check_close(&got, &want, tolerance, (kernels.tier, shape));

            sum.copy_from_slice(&x);
            kernels.add_layernorm_in_place(shape, &mut sum, &residual, norm, &mut got);
            check_close(&sum, &want_sum, Tolerance::EXACT, (kernels.tier, shape, "in place"));
            check_close(&got, &want, tolerance, (kernels.tier, shape, "in place"));
        }
    }
}
