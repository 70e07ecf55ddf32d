//! The same row added to every row of a matrix, as a bias is: `out[i][j] = x[i][j] + row[j]`.
//!
//! 1 flop and 8 bytes per element, the row stays in cache; bound by memory bandwidth.

use crate::add::Add;
use crate::elementwise::Zip;
use crate::kernels::{Kernel, Kernels};
use crate::rows::RowShape;
use crate::simd::Simd;

/// The operation with its operands; `x` and `out` are the same memory or disjoint.
pub(crate) struct BroadcastAdd {
    shape: RowShape,
    x: *const f32,
    row: *const f32,
    out: *mut f32,
}

impl Kernels {
    /// `out[i] = x[i] + row`, row by row.
    pub fn broadcast_add(&self, shape: RowShape, x: &[f32], row: &[f32], out: &mut [f32]) {
        shape.check(&[x, out], &[row]);
        let task = BroadcastAdd { shape, x: x.as_ptr(), row: row.as_ptr(), out: out.as_mut_ptr() };
        // SAFETY: the lengths are checked; the table was chosen for this CPU.
        unsafe { (self.broadcast_add)(task) }
    }

    /// `x[i] += row`, row by row.
    pub fn broadcast_add_in_place(&self, shape: RowShape, x: &mut [f32], row: &[f32]) {
        shape.check(&[x], &[row]);
        let out = x.as_mut_ptr();
        // SAFETY: the lengths are checked; the table was chosen for this CPU.
        unsafe { (self.broadcast_add)(BroadcastAdd { shape, x: out, row: row.as_ptr(), out }) }
    }
}

impl Kernel for BroadcastAdd {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let RowShape { rows, cols } = self.shape;
        for i in 0..rows {
            let start = i * cols;
            // SAFETY: the caller's matrices hold rows·cols elements and `row` holds cols.
            unsafe {
                Zip { op: Add, a: self.x.add(start), b: self.row, out: self.out.add(start), len: cols }.run::<S>()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{ROW_SHAPES, Tolerance, check_close, each_tier, ordinary};
    use crate::reference;

    #[test]
    fn every_tier_adds_exactly() {
        for (kernels, shape) in each_tier(ROW_SHAPES) {
            let (x, row) = (ordinary(shape.len(), 1), ordinary(shape.cols, 2));
            let (mut got, mut want) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            reference::broadcast_add(shape, &x, &row, &mut want);
            kernels.broadcast_add(shape, &x, &row, &mut got);
            check_close(&got, &want, Tolerance::EXACT, (kernels.tier, shape));
            got.copy_from_slice(&x);
            kernels.broadcast_add_in_place(shape, &mut got, &row);
            check_close(&got, &want, Tolerance::EXACT, (kernels.tier, shape));
        }
    }
}
