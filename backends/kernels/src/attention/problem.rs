//! What attends to what: sizes, and where the vectors of each operand lie.

/// Sizes of the operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttentionShape {
    /// Sequences.
    pub batch: usize,
    /// Positions of `q` and of the output.
    pub queries: usize,
    /// Positions of `k` and `v`.
    pub keys: usize,
    /// Heads of `q` and of the output, a multiple of `kv_heads`.
    pub heads: usize,
    /// Heads of `k` and `v`; neighbours among the heads of `q` share one.
    pub kv_heads: usize,
    /// Elements of each vector.
    pub head_dim: usize,
}

/// Where vectors lie: in elements from one to the next. Any may be 0 for operands that are only read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadStrides {
    /// From one sequence to the next.
    pub batch: usize,
    /// From one position to the next.
    pub position: usize,
    /// From one head to the next.
    pub head: usize,
}

/// Vectors to read, each of them contiguous: a slice of a fused QKV matrix, or of a KV cache.
#[derive(Clone, Copy, Debug)]
pub struct Heads<'a> {
    /// From the first element of the first vector.
    pub data: &'a [f32],
    /// Where the others are.
    pub strides: HeadStrides,
}

/// What attends to what.
#[derive(Clone, Copy, Debug)]
pub struct Attention<'a> {
    /// The sizes.
    pub shape: AttentionShape,
    /// Queries, `heads` of them at each of `queries` positions.
    pub q: Heads<'a>,
    /// Keys, `kv_heads` of them at each of `keys` positions.
    pub k: Heads<'a>,
    /// A value for each key.
    pub v: Heads<'a>,
    /// Factor of the products of queries and keys.
    pub scale: f32,
    /// Causal, so many keys preceding the first query: query `i` sees keys `j <= past_len + i`. `None`: all.
    pub past_len: Option<usize>,
}

impl AttentionShape {
    /// How many query heads look at each head of the keys.
    pub fn group(self) -> usize {
        self.heads / self.kv_heads
    }
}

impl HeadStrides {
    /// `[batch × position × head × element]` without gaps.
    pub fn dense(positions: usize, heads: usize, head_dim: usize) -> Self {
        HeadStrides { batch: positions * heads * head_dim, position: heads * head_dim, head: head_dim }
    }

    /// Elements before a vector.
    pub fn offset(self, batch: usize, position: usize, head: usize) -> usize {
        batch * self.batch + position * self.position + head * self.head
    }

    /// Elements from the first to the last; 0 where there is none, and more than any slice has where the sizes overflow.
    fn needed(self, batch: usize, positions: usize, heads: usize, head_dim: usize) -> usize {
        if [batch, positions, heads, head_dim].contains(&0) {
            return 0;
        }
        let steps = [(batch, self.batch), (positions, self.position), (heads, self.head)];
        steps.iter().fold(head_dim, |span, &(size, stride)| span.saturating_add((size - 1).saturating_mul(stride)))
    }
}

impl Attention<'_> {
    /// How many keys query `i` sees.
    pub fn visible(&self, i: usize) -> usize {
        visible(self.shape.keys, self.past_len, i)
    }

    /// Panics unless all operands hold what the shape says.
    #[track_caller]
    pub(super) fn check(&self, out: &[f32], out_strides: HeadStrides) {
        let AttentionShape { batch, queries, keys, heads, kv_heads, head_dim } = self.shape;
        assert!(kv_heads > 0 && heads.is_multiple_of(kv_heads), "{heads} heads do not share {kv_heads}");
        let needed = |strides: HeadStrides| strides.needed(batch, queries, heads, head_dim);
        let needed_kv = |strides: HeadStrides| strides.needed(batch, keys, kv_heads, head_dim);
        assert!(self.q.data.len() >= needed(self.q.strides), "q is shorter than {:?}", self.shape);
        assert!(self.k.data.len() >= needed_kv(self.k.strides), "k is shorter than {:?}", self.shape);
        assert!(self.v.data.len() >= needed_kv(self.v.strides), "v is shorter than {:?}", self.shape);
        assert!(out.len() >= needed(out_strides), "the output is shorter than {:?}", self.shape);
    }
}

/// How many keys query `i` sees.
#[inline(always)]
pub(super) fn visible(keys: usize, past_len: Option<usize>, i: usize) -> usize {
    match past_len {
        Some(past_len) => past_len.saturating_add(i + 1).min(keys),
        None => keys,
    }
}
