//! matmul: `faer::linalg::matmul::matmul` on views of the operands as they lie; the bias is added afterwards.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use smbench_sdk::op::{Matmul, MatmulArgs};
use smbench_sdk::{Matrix, MatrixMut, Result};

use crate::Faer;

/// Fewer multiply-adds stay on one thread. Inside its pool faer's second thread loses at 128³ (171 against 220 GFLOPS)
/// and wins at 256³ (375 against 223); measured on Zen 5 with faer 0.24, see PERFORMANCE.md. This lies between.
const MULTIPLY_ADDS: usize = 1 << 23;

impl Matmul for Faer {
    fn matmul(&mut self, args: MatmulArgs<'_>) -> Result {
        self.matmul_used = if args.shape.multiply_adds() < MULTIPLY_ADDS { 1 } else { self.threads.threads() };
        match self.matmul_used {
            1 => multiply(args, Par::Seq),
            threads => self.threads.install(|| multiply(args, Par::rayon(threads))),
        }
        Ok(())
    }
}

fn multiply(args: MatmulArgs<'_>, par: Par) {
    let MatmulArgs { a, b, trans_b, bias, mut c, .. } = args;
    let b = if trans_b { view(&b).transpose() } else { view(&b) };
    matmul(view_mut(&mut c), Accum::Replace, view(&a), b, 1.0, par);
    if let Some(bias) = bias {
        c.add_to_rows(bias);
    }
}

/// A product on this thread, of a size that is packed.
pub fn warm_up() {
    const SIDE: usize = 64;
    let (ones, mut product) = (vec![1.0_f32; SIDE * SIDE], vec![0.0_f32; SIDE * SIDE]);
    let ones = MatRef::from_column_major_slice(&ones, SIDE, SIDE);
    let product = MatMut::from_column_major_slice_mut(&mut product, SIDE, SIDE);
    matmul(product, Accum::Replace, ones, ones, 1.0, Par::Seq);
}

fn view<'a>(matrix: &Matrix<'a>) -> MatRef<'a, f32> {
    MatRef::from_row_major_slice_with_stride(matrix.data(), matrix.rows(), matrix.cols(), matrix.row_stride())
}

/// As the transpose of a column-major view: faer 0.24.4's `from_row_major_slice_with_stride_mut` swaps the two strides and
/// writes past the end (conformance found it).
fn view_mut<'a>(matrix: &'a mut MatrixMut<'_>) -> MatMut<'a, f32> {
    let (rows, cols, row_stride) = (matrix.rows(), matrix.cols(), matrix.row_stride());
    MatMut::from_column_major_slice_with_stride_mut(matrix.data(), cols, rows, row_stride).transpose_mut()
}
