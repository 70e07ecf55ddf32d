//! Sizes of operands, by name.

/// Row-major sizes of `c[m×n] = a[m×k] · b[k×n]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MatmulShape {
    /// Rows of `a` and `c`.
    pub m: usize,
    /// Columns of `a`, rows of `b`: the length of each dot product.
    pub k: usize,
    /// Columns of `b` and `c`.
    pub n: usize,
}

impl MatmulShape {
    /// Multiply-adds: `m · k · n`.
    pub fn multiply_adds(self) -> usize {
        self.m.saturating_mul(self.k).saturating_mul(self.n)
    }
}

/// `rows` rows of `cols` elements, one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowShape {
    /// How many rows.
    pub rows: usize,
    /// Elements in each.
    pub cols: usize,
}

impl RowShape {
    /// `rows · cols`.
    pub fn elements(self) -> usize {
        self.rows * self.cols
    }
}
