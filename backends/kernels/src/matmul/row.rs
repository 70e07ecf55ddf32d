//! One row of `a` at a time: a product of vector and matrix, which reads each element of `b` once and is bound by that.

use super::{MatmulShape, MatmulTask};
use crate::simd::{First, Simd, Step, Whole, Width, sweep};

/// Rows of `b` read together. As dot products they are independent sums: an FMA takes 4 cycles and two can start in each.
/// As rows to combine they share a pass over `c`: measured as in matmul.rs at 1×512×2048, 42 GFLOPS against 38 with four,
/// and 32 with blocks of 128 columns held in registers, which lead only where `b` fits L2 (1×512×512: 53 to 48).
const ROWS_AT_ONCE: usize = 8;

impl MatmulTask {
    /// The whole product, row by row.
    ///
    /// # Safety
    /// As [`run`](crate::kernels::Kernel::run).
    #[inline(always)]
    pub(super) unsafe fn separate_rows<S: Simd>(self) {
        for i in 0..self.shape.m {
            // SAFETY: the caller's promise, and i < m.
            unsafe {
                let (a, c) = (self.a.add(i * self.a_row_stride), self.c.add(i * self.c_row_stride));
                let row = MatmulTask { a, c, ..self };
                if self.trans_b {
                    row.dots::<S>();
                } else {
                    row.combination::<S>();
                }
            }
        }
    }

    /// The first row, `c = bias + Σ_p a[p] · b[p]`: several rows of `b` at a time are read from end to end, so that prefetching
    /// follows them, while `c` stays in L1.
    ///
    /// # Safety
    /// As [`run`](crate::kernels::Kernel::run).
    #[inline(always)]
    unsafe fn combination<S: Simd>(self) {
        let MatmulShape { n, k, .. } = self.shape;
        let blocks = k - k % ROWS_AT_ONCE;
        // SAFETY: bias and c hold n elements, and each call stays below row k.
        unsafe {
            match self.bias {
                Some(bias) => bias.copy_to_nonoverlapping(self.c, n),
                None => self.c.write_bytes(0, n),
            }
            for p in (0..blocks).step_by(ROWS_AT_ONCE) {
                sweep::<S>(n, &mut AddRows::<S, ROWS_AT_ONCE>::new(self, p));
            }
            for p in blocks..k {
                sweep::<S>(n, &mut AddRows::<S, 1>::new(self, p));
            }
        }
    }

    /// The first row, `c[j] = a · b[j]`, `b` being given transposed: several rows of `b` at a time.
    ///
    /// # Safety
    /// As [`run`](crate::kernels::Kernel::run).
    #[inline(always)]
    unsafe fn dots<S: Simd>(self) {
        let n = self.shape.n;
        let blocks = n - n % ROWS_AT_ONCE;
        // SAFETY: each call stays below column n.
        unsafe {
            for col in (0..blocks).step_by(ROWS_AT_ONCE) {
                self.dots_of::<S, ROWS_AT_ONCE>(col);
            }
            for col in blocks..n {
                self.dots_of::<S, 1>(col);
            }
        }
    }

    /// `N` elements of `c` from column `col`.
    ///
    /// # Safety
    /// As [`run`](crate::kernels::Kernel::run); the columns lie inside `c`.
    #[inline(always)]
    unsafe fn dots_of<S: Simd, const N: usize>(self, col: usize) {
        let MatmulShape { k, .. } = self.shape;
        let whole = k - k % S::LANES;
        let mut sums = [S::splat(0.0); N];
        // SAFETY: reads stay below depth k in rows col.. of b.
        unsafe {
            let b = self.b.add(col * self.b_row_stride);
            for p in (0..whole).step_by(S::LANES) {
                self.dots_step(&mut sums, b, p, Whole);
            }
            if whole < k {
                self.dots_step(&mut sums, b, whole, First(k - whole));
            }
            for (i, sum) in sums.into_iter().enumerate() {
                let bias = if let Some(bias) = self.bias { *bias.add(col + i) } else { 0.0 };
                *self.c.add(col + i) = sum.sum() + bias;
            }
        }
    }

    /// # Safety
    /// `width` elements from `p` lie inside `a` and each of the `N` rows at `b`.
    #[inline(always)]
    unsafe fn dots_step<S: Simd, const N: usize>(self, sums: &mut [S; N], b: *const f32, p: usize, width: impl Width) {
        // SAFETY: the caller says so.
        unsafe {
            let a: S = width.load(self.a.add(p), 0.0);
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = a.mul_add(width.load(b.add(i * self.b_row_stride + p), 0.0), *sum);
            }
        }
    }
}

/// `c += Σ_i factors[i] · b[i]`.
struct AddRows<S, const N: usize> {
    factors: [S; N],
    b: *const f32,
    b_row_stride: usize,
    c: *mut f32,
}

impl<S: Simd, const N: usize> AddRows<S, N> {
    /// `N` rows of the task's `b` from row `p`.
    ///
    /// # Safety
    /// The rows lie inside `b`.
    #[inline(always)]
    unsafe fn new(task: MatmulTask, p: usize) -> Self {
        let mut factors = [S::splat(0.0); N];
        for (i, factor) in factors.iter_mut().enumerate() {
            // SAFETY: a is as long as b is deep.
            *factor = S::splat(unsafe { *task.a.add(p + i) });
        }
        // SAFETY: row p lies inside b.
        let b = unsafe { task.b.add(p * task.b_row_stride) };
        AddRows { factors, b, b_row_stride: task.b_row_stride, c: task.c }
    }
}

impl<S: Simd, const N: usize> Step<S> for AddRows<S, N> {
    #[inline(always)]
    unsafe fn step<W: Width>(&mut self, at: usize, width: W) {
        // SAFETY: `sweep` stays inside the row of c and those of b.
        unsafe {
            let mut sum: S = width.load(self.c.add(at), 0.0);
            for (i, factor) in self.factors.iter().enumerate() {
                sum = factor.mul_add(width.load(self.b.add(i * self.b_row_stride + at), 0.0), sum);
            }
            width.store(sum, self.c.add(at));
        }
    }
}
