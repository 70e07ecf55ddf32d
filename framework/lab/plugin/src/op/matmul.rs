//! matmul: packed tiles; rows shared among the threads.

use smbench_kernels::{Kernels, Matmul as Problem, MatmulScratch, MatmulShape, MatrixMut};
use smbench_sdk::Result;
use smbench_sdk::op::{Matmul, MatmulArgs};

use crate::Subject;

impl Matmul for Subject {
    fn matmul(&mut self, args: MatmulArgs<'_>) -> Result {
        let MatmulArgs { shape, a, b, trans_b, bias, b_prepared: _, mut c } = args;
        let shape = MatmulShape { m: shape.m, n: shape.n, k: shape.k };
        let problem = Problem {
            shape,
            a: a.data(),
            a_row_stride: a.row_stride(),
            b: b.data(),
            b_row_stride: b.row_stride(),
            trans_b,
            bias,
            packed_b: None,
        };
        let Self { kernels, pace, threads, scratch } = self;
        let row_stride = c.row_stride();
        pace.call(|| {
            let c = MatrixMut::new(c.data(), shape.m, shape.n, row_stride);
            match &mut scratch[..] {
                [one] => kernels.matmul(&problem, c, one),
                several => threads.install(|| share(kernels, problem, c, several)),
            }
        });
        Ok(())
    }
}

/// Halves the rows until there is one part per scratch.
fn share(kernels: &Kernels, problem: Problem<'_>, c: MatrixMut<'_>, scratch: &mut [MatmulScratch]) {
    let (left, right) = scratch.split_at_mut(scratch.len() / 2);
    let (rows, m) = (problem.shape.m * left.len() / (left.len() + right.len()), problem.shape.m);
    if rows == 0 {
        return kernels.matmul(&problem, c, &mut right[0]);
    }
    let (top, bottom) = c.split_rows(rows);
    let (p_top, p_bottom) = (problem.rows(0..rows), problem.rows(rows..m));
    rayon::join(|| share(kernels, p_top, top, left), || share(kernels, p_bottom, bottom, right));
}
