//! Softmax of every row: `out[i][j] = exp(x[i][j] - m) / Σ_j exp(x[i][j] - m)`, where `m` is the row's maximum.
//!
//! Three passes over a row that stays in cache: maximum, exponentials with their sum, division. In the causal form row `i`
//! sees the columns `j <= i + cols - rows` only, the others get 0; a row that sees none becomes 0. Counted as 5 flops and
//! 8 bytes per element; relative error within 1e-6. NaN anywhere in a row makes what the row sees NaN, as does +inf.

use crate::elementwise::Map;
use crate::exp::exp;
use crate::kernels::{Kernel, Kernels};
use crate::rows::{Largest, RowShape, fold};
use crate::scale::Scale;
use crate::simd::{First, Simd, Step, Width, sweep};

/// The operation with its operands; `x` and `out` are the same memory or disjoint.
pub(crate) struct Softmax {
    shape: RowShape,
    causal: bool,
    x: *const f32,
    out: *mut f32,
}

impl Kernels {
    /// `out[i] = softmax(x[i])`, row by row.
    pub fn softmax(&self, shape: RowShape, x: &[f32], out: &mut [f32]) {
        self.softmax_rows(shape, false, x, out);
    }

    /// `x[i] = softmax(x[i])`, row by row.
    pub fn softmax_in_place(&self, shape: RowShape, x: &mut [f32]) {
        self.softmax_rows_in_place(shape, false, x);
    }

    /// `out[i] = softmax(x[i])` over the columns `j <= i + cols - rows`, and 0 in the others.
    pub fn softmax_causal(&self, shape: RowShape, x: &[f32], out: &mut [f32]) {
        self.softmax_rows(shape, true, x, out);
    }

    /// `x[i] = softmax(x[i])` over the columns `j <= i + cols - rows`, and 0 in the others.
    pub fn softmax_causal_in_place(&self, shape: RowShape, x: &mut [f32]) {
        self.softmax_rows_in_place(shape, true, x);
    }

    fn softmax_rows(&self, shape: RowShape, causal: bool, x: &[f32], out: &mut [f32]) {
        shape.check(&[x, out], &[]);
        // SAFETY: both lengths are checked; the table was chosen for this CPU.
        unsafe { (self.softmax)(Softmax { shape, causal, x: x.as_ptr(), out: out.as_mut_ptr() }) }
    }

    fn softmax_rows_in_place(&self, shape: RowShape, causal: bool, x: &mut [f32]) {
        shape.check(&[x], &[]);
        let out = x.as_mut_ptr();
        // SAFETY: the length is checked; the table was chosen for this CPU.
        unsafe { (self.softmax)(Softmax { shape, causal, x: out, out }) }
    }
}

impl Kernel for Softmax {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let RowShape { rows, cols } = self.shape;
        for i in 0..rows {
            let visible = if self.causal { (i + 1 + cols).saturating_sub(rows).min(cols) } else { cols };
            // SAFETY: the caller's matrices hold rows·cols elements, and visible <= cols.
            unsafe {
                let (x, out) = (self.x.add(i * cols), self.out.add(i * cols));
                softmax_row::<S>(x, out, visible);
                out.add(visible).write_bytes(0, cols - visible);
            }
        }
    }
}

/// What does not fill a register stays in one until it is divided: a masked store cannot be forwarded to a load, which then
/// waits for all that came before it to retire.
///
/// # Safety
/// `x` and `out` are valid for `len` elements, and the same memory or disjoint.
#[inline(always)]
unsafe fn softmax_row<S: Simd>(x: *const f32, out: *mut f32, len: usize) {
    let whole = len - len % S::LANES;
    // SAFETY: the caller's promise covers the three passes.
    unsafe {
        let largest = S::splat(fold::<S, _>(Largest, x, len));
        let mut pass = Exponentials { x, out, largest, sum: S::splat(0.0) };
        sweep::<S>(whole, &mut pass);
        let rest = First(len - whole);
        // Lanes beyond hold exp(-inf - largest) = 0 and leave the sum alone.
        let end: S =
            if whole < len { exp(rest.load::<S>(x.add(whole), f32::NEG_INFINITY) - largest) } else { S::splat(0.0) };
        let scale = 1.0 / (pass.sum + end).sum();
        Map { op: Scale(scale), x: out, out, len: whole }.run::<S>();
        if whole < len {
            rest.store(end * S::splat(scale), out.add(whole));
        }
    }
}

/// `out[j] = exp(x[j] - largest)`, and their sum.
struct Exponentials<S> {
    x: *const f32,
    out: *mut f32,
    largest: S,
    sum: S,
}

impl<S: Simd> Step<S> for Exponentials<S> {
    #[inline(always)]
    unsafe fn step<W: Width>(&mut self, at: usize, width: W) {
        // SAFETY: `sweep` stays inside the row.
        unsafe {
            let x: S = width.load(self.x.add(at), f32::NEG_INFINITY);
            let e = exp(x - self.largest);
            self.sum = self.sum + e;
            width.store(e, self.out.add(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{ROW_SHAPES, Tolerance, check_close, each_tier, ordinary};
    use crate::{Kernels, RowShape, reference};

    const TOLERANCE: Tolerance = Tolerance { absolute: 1e-37, relative: 1e-6 };

    #[track_caller]
    fn check(kernels: &Kernels, shape: RowShape, x: &[f32]) {
        let (mut got, mut want) = (vec![f32::NAN; x.len()], vec![0.0; x.len()]);
        reference::softmax(shape, x, &mut want);
        kernels.softmax(shape, x, &mut got);
        check_close(&got, &want, TOLERANCE, (kernels.tier, shape));
        got.copy_from_slice(x);
        kernels.softmax_in_place(shape, &mut got);
        check_close(&got, &want, TOLERANCE, (kernels.tier, shape, "in place"));

        reference::softmax_causal(shape, x, &mut want);
        kernels.softmax_causal(shape, x, &mut got);
        check_close(&got, &want, TOLERANCE, (kernels.tier, shape, "causal"));
        got.copy_from_slice(x);
        kernels.softmax_causal_in_place(shape, &mut got);
        check_close(&got, &want, TOLERANCE, (kernels.tier, shape, "causal in place"));
    }

    #[test]
    fn every_tier_equals_the_formula() {
        for (kernels, shape) in each_tier(ROW_SHAPES) {
            check(kernels, shape, &ordinary(shape.len(), 1));
        }
    }

    #[test]
    fn large_values_do_not_overflow() {
        for (kernels, shape) in each_tier(&[RowShape { rows: 1, cols: 17 }]) {
            check(kernels, shape, &ordinary(17, 1).iter().map(|x| 1e4 + x).collect::<Vec<_>>());
            check(kernels, shape, &ordinary(17, 1).iter().map(|x| 1e37 * x).collect::<Vec<_>>());
        }
    }

    #[test]
    fn masked_nan_and_infinite_values_do_as_the_formula_says() {
        for (kernels, shape) in each_tier(&[RowShape { rows: 1, cols: 19 }]) {
            for special in [f32::NEG_INFINITY, f32::NAN, f32::INFINITY] {
                for at in [0, 5, 16, 18] {
                    let mut x = ordinary(19, 1);
                    x[at] = special;
                    check(kernels, shape, &x);
                }
            }
            check(kernels, shape, &[f32::NEG_INFINITY; 19]);
        }
    }
}
