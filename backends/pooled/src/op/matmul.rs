//! matmul: packed tiles, packed before where the weights were prepared; columns, or rows where there are few columns, shared among the threads.

use smbench_kernels::{Kernels, Matmul as Problem, MatmulScratch, MatmulShape, MatrixMut};
use smbench_sdk::Result;
use smbench_sdk::op::{Matmul, MatmulArgs};

use crate::Pooled;
use crate::weights::PackedB;

/// Fewer multiply-adds stay on one thread: 2²⁰ take 10 µs at 100 a nanosecond, about what waking a thread costs; the
/// break-even is still to be measured.
const MULTIPLY_ADDS: usize = 1 << 20;

/// Columns are cut at multiples of this, the widest tile and packed strip. More would leave halves unequal: with 96, two
/// threads had 96 and 160 columns of 256.
const COLS: usize = 32;

/// Rows are cut at multiples of this, the tallest tile.
const ROWS: usize = 12;

impl Matmul for Pooled {
    fn matmul(&mut self, args: MatmulArgs<'_>) -> Result {
        let parallel = args.shape.multiply_adds() >= MULTIPLY_ADDS;
        let MatmulArgs { shape, a, b, trans_b, bias, b_prepared, mut c } = args;
        let shape = MatmulShape { m: shape.m, n: shape.n, k: shape.k };
        let prepared = b_prepared.and_then(|prepared| prepared.downcast_ref::<PackedB>());
        let problem = Problem {
            shape,
            a: a.data(),
            a_row_stride: a.row_stride(),
            b: b.data(),
            b_row_stride: b.row_stride(),
            trans_b,
            bias,
            packed_b: prepared.map(|prepared| prepared.strips(shape, trans_b)).transpose()?,
        };
        let row_stride = c.row_stride();
        let c = MatrixMut::new(c.data(), shape.m, shape.n, row_stride);
        self.used = if parallel { self.threads.threads() } else { 1 };
        let (kernels, scratch) = (self.kernels, &mut self.scratch[..self.used]);
        match scratch {
            [one] => kernels.matmul(&problem, c, one),
            several => self.threads.install(|| share(kernels, problem, c, several)),
        }
        Ok(())
    }
}

/// Halves the problem until there is one part per scratch, or until it is too small to cut.
fn share(kernels: &Kernels, problem: Problem<'_>, c: MatrixMut<'_>, scratch: &mut [MatmulScratch]) {
    let MatmulShape { m, n, .. } = problem.shape;
    let (left, right) = scratch.split_at_mut(scratch.len() / 2);
    let cut = |size: usize, unit: usize| size * left.len() / (left.len() + right.len()) / unit * unit;
    let (row, col) = (cut(m, ROWS), cut(n, COLS));
    if left.is_empty() || row.max(col) == 0 {
        return kernels.matmul(&problem, c, &mut right[0]);
    }
    // Columns first: each thread then packs its own part of `b`, which rows would have them all do.
    let ((c_left, c_right), p_left, p_right) = if col > 0 {
        (c.split_cols(col), problem.cols(0..col), problem.cols(col..n))
    } else {
        (c.split_rows(row), problem.rows(0..row), problem.rows(row..m))
    };
    rayon::join(|| share(kernels, p_left, c_left, left), || share(kernels, p_right, c_right, right));
}
