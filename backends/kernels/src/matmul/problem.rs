//! What to multiply: sizes, operands, and the parts of it that several threads can compute.

use std::ops::Range;

use super::matrix::{MatrixMut, needed};
use super::pack::WIDEST_STRIP;

/// Sizes of `c[m×n] = a[m×k] · b[k×n]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatmulShape {
    /// Rows of `a` and `c`.
    pub m: usize,
    /// Columns of `b` and `c`.
    pub n: usize,
    /// Columns of `a`, rows of `b`.
    pub k: usize,
}

/// What to multiply. Row strides are in elements and may exceed the row, so that operands can be views of wider matrices.
#[derive(Clone, Copy, Debug)]
pub struct Matmul<'a> {
    /// The sizes.
    pub shape: MatmulShape,
    /// The left matrix, m×k.
    pub a: &'a [f32],
    /// From one row of `a` to the next, at least `k`.
    pub a_row_stride: usize,
    /// The right matrix, k×n, or n×k with `trans_b`.
    pub b: &'a [f32],
    /// From one row of `b` to the next, at least `n`, or `k` with `trans_b`.
    pub b_row_stride: usize,
    /// Whether `b` is given transposed.
    pub trans_b: bool,
    /// A row of `n` to add to every row of the product.
    pub bias: Option<&'a [f32]>,
    /// What [`Kernels::pack_b`](crate::Kernels::pack_b) of the same tier made of `b`.
    pub packed_b: Option<&'a [f32]>,
}

impl<'a> Matmul<'a> {
    /// `a · b`, both dense.
    pub fn new(shape: MatmulShape, a: &'a [f32], b: &'a [f32]) -> Self {
        Matmul { shape, a, a_row_stride: shape.k, b, b_row_stride: shape.n, trans_b: false, bias: None, packed_b: None }
    }

    /// `a · bᵀ`, both dense, `b` being n×k.
    pub fn transposed(shape: MatmulShape, a: &'a [f32], b: &'a [f32]) -> Self {
        Matmul { b_row_stride: shape.k, trans_b: true, ..Matmul::new(shape, a, b) }
    }

    /// The part that computes these rows of `c`.
    #[track_caller]
    pub fn rows(self, rows: Range<usize>) -> Self {
        assert!(rows.end <= self.shape.m, "rows {rows:?} of {}", self.shape.m);
        let shape = MatmulShape { m: rows.len(), ..self.shape };
        Matmul { shape, a: from(self.a, rows.start * self.a_row_stride), ..self }
    }

    /// The part that computes these columns of `c`. Of a packed `b` it begins with one of 32 columns: a whole strip of any
    /// tier.
    #[track_caller]
    pub fn cols(self, cols: Range<usize>) -> Self {
        assert!(cols.end <= self.shape.n, "columns {cols:?} of {}", self.shape.n);
        let shape = MatmulShape { n: cols.len(), ..self.shape };
        let start = if self.trans_b { cols.start * self.b_row_stride } else { cols.start };
        let strips = |packed: &'a [f32]| {
            assert!(cols.start.is_multiple_of(WIDEST_STRIP), "column {} is within a strip", cols.start);
            &from(packed, cols.start * shape.k)[..shape.packed_len()]
        };
        let packed_b = self.packed_b.map(strips);
        Matmul { shape, b: from(self.b, start), bias: self.bias.map(|bias| &bias[cols]), packed_b, ..self }
    }

    /// `a[i][p]`.
    pub(crate) fn a_at(&self, i: usize, p: usize) -> f32 {
        self.a[i * self.a_row_stride + p]
    }

    /// `b[p][j]`, or `b[j][p]` with `trans_b`.
    pub(crate) fn b_at(&self, p: usize, j: usize) -> f32 {
        let (row, col) = if self.trans_b { (j, p) } else { (p, j) };
        self.b[row * self.b_row_stride + col]
    }

    #[track_caller]
    pub(super) fn check(&self, c: &MatrixMut<'_>) {
        let MatmulShape { m, n, k } = self.shape;
        assert!(self.a_row_stride >= k, "a row stride is below its row");
        assert!(self.a.len() >= needed(m, k, self.a_row_stride), "a is shorter than {m}×{k}");
        self.check_b();
        assert!(self.packed_b.is_none_or(|packed| packed.len() == self.shape.packed_len()), "the packed b is another");
        assert!(self.bias.is_none_or(|bias| bias.len() == n), "the bias is not {n} long");
        assert!((c.rows(), c.cols()) == (m, n), "c is {}×{}, not {m}×{n}", c.rows(), c.cols());
    }

    #[track_caller]
    pub(super) fn check_b(&self) {
        let MatmulShape { n, k, .. } = self.shape;
        let (rows, cols) = if self.trans_b { (n, k) } else { (k, n) };
        assert!(self.b_row_stride >= cols, "a row stride is below its row");
        assert!(self.b.len() >= needed(rows, cols, self.b_row_stride), "b is shorter than {rows}×{cols}");
    }
}

/// The elements from `start` on; none where an empty part begins past the end of a view's last row.
fn from(data: &[f32], start: usize) -> &[f32] {
    data.get(start..).unwrap_or_default()
}
