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

/// Sizes of `[batch × len × heads × head_dim]`: the vectors of a batch of sequences, one for each head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeadsShape {
    /// Sequences.
    pub batch: usize,
    /// Positions of each.
    pub len: usize,
    /// Vectors at each position.
    pub heads: usize,
    /// Elements of a vector, which are contiguous.
    pub head_dim: usize,
}

/// Where the vectors of a [`HeadsShape`] lie, in elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeadsStrides {
    /// From one sequence to the next; 0 where there is one, or all are the same.
    pub batch: usize,
    /// From one position to the next; 0 where there is one.
    pub position: usize,
    /// From one head to the next; 0 where there is one, or all are the same.
    pub head: usize,
}

impl HeadsStrides {
    /// Elements before the vector of head `h` at position `i` of sequence `b`.
    pub fn offset(self, b: usize, i: usize, h: usize) -> usize {
        b * self.batch + i * self.position + h * self.head
    }

    /// From the first element of all to the last, unless that is more than there are numbers.
    pub(crate) fn span(self, shape: HeadsShape) -> Option<usize> {
        let HeadsShape { batch, len, heads, head_dim } = shape;
        let steps = [(batch, self.batch), (len, self.position), (heads, self.head)];
        steps
            .into_iter()
            .try_fold(head_dim, |span, (size, stride)| span.checked_add(size.checked_sub(1)?.checked_mul(stride)?))
    }

    /// Is no element part of two vectors? Each stride must clear all that smaller ones reach.
    pub(crate) fn keep_apart(self, shape: HeadsShape) -> bool {
        let mut steps = [(self.batch, shape.batch), (self.position, shape.len), (self.head, shape.heads)];
        steps.sort_unstable();
        let steps = steps.into_iter().filter(|&(_, size)| size > 1);
        let clear = steps.into_iter().try_fold(shape.head_dim, |reach, (stride, size)| {
            (stride >= reach).then(|| reach.saturating_add((size - 1).saturating_mul(stride)))
        });
        clear.is_some()
    }
}

/// Sizes of `out = softmax(scale · q·kᵀ) · v`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AttentionShape {
    /// Sequences.
    pub batch: usize,
    /// Positions of `q` and `out`.
    pub queries: usize,
    /// Positions of `k` and `v`.
    pub keys: usize,
    /// Heads of `q` and `out`, a multiple of `kv_heads`.
    pub heads: usize,
    /// Heads of `k` and `v`.
    pub kv_heads: usize,
    /// Elements of each vector.
    pub head_dim: usize,
}
