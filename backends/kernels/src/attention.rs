//! Attention: `out[i] = Σ_j p[i][j] · v[j]` for every head, where `p[i] = softmax_j(scale · q[i]·k[j])` over the keys that
//! query `i` sees (Vaswani et al. 2017, arXiv:1706.03762).
//!
//! 4·head_dim flops and an exponential for each key that a query sees; error within `head_dim + keys` roundings, those of the
//! scores magnified by their size. A few queries, as in decoding, go one by one: keys and values are read where they lie.
//! More of them share the work of bringing keys into the tile's form, and go through the matmul's tile; a NaN among values
//! that only later ones of a tile see then shows in the earlier, too, since 0 · NaN is NaN:
//!
//! ```text
//! for sequences, for heads of keys              pack the keys into strips, and what is ragged of the values
//!   for heads of queries that look at it
//!     for queries, as many as the tile has      scores = queries · keys       as far as the last of them sees
//!                                               scores = softmax(scale · scores), each as far as it sees, then 0
//!                                               out = scores · values
//! ```

mod problem;

use crate::elementwise::Map;
use crate::exp::exp;
use crate::kernels::{Kernel, Kernels};
use crate::matmul::{
    Corner, Start, Strip, WIDEST_STRIP, pack_columns, pack_rows, row_times, row_times_pairs, row_times_transposed, tile,
};
use crate::rows::{Largest, fold};
use crate::scale::Scale;
use crate::scratch::Scratch;
use crate::simd::{Simd, Step, Width, sweep};

pub use problem::{Attention, AttentionShape, HeadStrides, Heads};

use problem::visible;

impl Kernels {
    /// Attention of every head. `out` has the shape of `q`; with `out_strides` no two of its vectors may share an element.
    /// `scratch` grows with the keys; afterwards nothing is allocated.
    pub fn attention(
        &self,
        problem: &Attention<'_>,
        out: &mut [f32],
        out_strides: HeadStrides,
        scratch: &mut AttentionScratch,
    ) {
        problem.check(out, out_strides);
        let place = |heads: &Heads<'_>| (heads.data.as_ptr(), heads.strides);
        let task = AttentionTask {
            shape: problem.shape,
            q: place(&problem.q),
            k: place(&problem.k),
            v: place(&problem.v),
            scale: problem.scale,
            past_len: problem.past_len,
            out: (out.as_mut_ptr(), out_strides),
            room: scratch.reserve(problem.shape),
        };
        // SAFETY: the sizes are checked, `out` is exclusive, and there is room; the table was chosen for this CPU.
        unsafe { (self.attention)(task) }
    }
}

/// Memory for scores and packed keys, kept between calls; one per thread.
#[derive(Default)]
pub struct AttentionScratch {
    scratch: Scratch,
}

/// Up to so many queries go one by one: to pack the keys must pay by the queries that share them. Measured 2026-11-25 on Zen 5
/// with AVX-512, 8 heads of 64, one by one against packed: 4 queries of 256 keys 35 to 27 µs, of 34 keys 4.7 to 4.5.
const SEPARATE_QUERIES: usize = 3;

/// The most rows that the tile of any tier has.
const MOST_ROWS: usize = 12;

impl AttentionScratch {
    /// Empty; the first call fills it.
    pub fn new() -> Self {
        AttentionScratch::default()
    }

    /// Bytes held now.
    pub fn bytes(&self) -> usize {
        self.scratch.bytes()
    }

    fn reserve(&mut self, shape: AttentionShape) -> Room {
        let [keys, head_dim] = [shape.keys, shape.head_dim].map(|size| size.next_multiple_of(WIDEST_STRIP));
        let (rows, packed) = if shape.queries > SEPARATE_QUERIES { (MOST_ROWS, keys) } else { (1, 0) };
        let of_rows = rows * (keys + head_dim);
        let scores = self.scratch.reserve(of_rows + packed * (shape.head_dim + WIDEST_STRIP));
        // Offsets within what was reserved, or at its end where nothing is packed.
        let (q, packed_k) = (scores.wrapping_add(rows * keys), scores.wrapping_add(of_rows));
        let packed_v = packed_k.wrapping_add(packed * shape.head_dim);
        Room { scores, scores_stride: keys, q, q_stride: head_dim, packed_k, packed_v }
    }
}

/// Parts of the scratch. Their rows are as long as the strips of the widest tier, so that whole registers may be written.
#[derive(Clone, Copy)]
struct Room {
    /// A row for each query of a tile.
    scores: *mut f32,
    scores_stride: usize,
    /// Scaled queries.
    q: *mut f32,
    q_stride: usize,
    /// All keys of a head, in strips.
    packed_k: *mut f32,
    /// The last columns of the values, where they do not fill a strip.
    packed_v: *mut f32,
}

/// The operation with its operands, checked.
#[derive(Clone, Copy)]
pub(crate) struct AttentionTask {
    shape: AttentionShape,
    q: (*const f32, HeadStrides),
    k: (*const f32, HeadStrides),
    v: (*const f32, HeadStrides),
    scale: f32,
    past_len: Option<usize>,
    out: (*mut f32, HeadStrides),
    room: Room,
}

/// One head of queries with the keys it looks at; the pointers are at position 0.
#[derive(Clone, Copy)]
struct Head {
    q: *const f32,
    k: *const f32,
    v: *const f32,
    out: *mut f32,
}

impl Kernel for AttentionTask {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let AttentionShape { batch, heads, queries, .. } = self.shape;
        let group = self.shape.group();
        for b in 0..batch {
            for h in 0..heads {
                // SAFETY: sequence b and head h are there, and keys are packed when their first head of queries comes.
                unsafe {
                    let head = self.head(b, h, h / group);
                    if queries <= SEPARATE_QUERIES {
                        self.separate_queries::<S>(head);
                        continue;
                    }
                    if h % group == 0 {
                        self.pack::<S>(head);
                    }
                    self.blocks::<S>(head);
                }
            }
        }
    }
}

impl AttentionTask {
    /// # Safety
    /// The sequence and both heads are there.
    #[inline(always)]
    unsafe fn head(self, batch: usize, head: usize, kv_head: usize) -> Head {
        let (q, k, v, out) = (self.q.1, self.k.1, self.v.1, self.out.1);
        // SAFETY: the caller says so.
        unsafe {
            Head {
                q: self.q.0.add(q.offset(batch, 0, head)),
                k: self.k.0.add(k.offset(batch, 0, kv_head)),
                v: self.v.0.add(v.offset(batch, 0, kv_head)),
                out: self.out.0.add(out.offset(batch, 0, head)),
            }
        }
    }

    /// Query by query, from keys and values as they lie.
    ///
    /// # Safety
    /// As [`Kernel::run`], for this head.
    #[inline(always)]
    unsafe fn separate_queries<S: Simd>(self, head: Head) {
        let AttentionShape { queries, keys, head_dim, .. } = self.shape;
        let scores = self.room.scores;
        for i in 0..queries {
            let seen = visible(keys, self.past_len, i);
            // SAFETY: query i is there, as are the keys it sees, and there is a score for each.
            unsafe {
                self.scale_queries::<S>(head.q.add(i * self.q.1.position), 1);
                row_times_transposed::<S>(seen, head_dim, self.room.q, (head.k, self.k.1.position), scores);
                weigh::<S>(scores, seen, seen);
                self.mean::<S>(head.v, seen, head.out.add(i * self.out.1.position));
            }
        }
    }

    /// `out = scores · v` for one query and the first `seen` keys. The values are read as they lie, as many columns at a time
    /// as there are sums for: what lies at a power of two from the next does not stay in L1 for a second time.
    ///
    /// # Safety
    /// The values from `v` on are there, with a score for each, and `out` is a vector to write.
    #[inline(always)]
    unsafe fn mean<S: Simd>(self, v: *const f32, seen: usize, out: *mut f32) {
        let (head_dim, width, row_stride) = (self.shape.head_dim, 2 * S::LANES, self.v.1.position);
        let scores = self.room.scores;
        let mut col = 0;
        while col < head_dim {
            let cols = head_dim - col;
            // SAFETY: so many columns are left of each value and of `out`.
            unsafe {
                let strip = Strip { data: v.add(col), row_stride, streams: false };
                let corner = Corner { c: out.add(col), row_stride: 0, cols, start: Start::Zero };
                col += if cols < width {
                    row_times::<S>(cols, seen, scores, (strip.data, row_stride), corner.c);
                    cols
                } else {
                    row_times_pairs::<S>(seen, scores, strip, corner)
                };
            }
        }
    }

    /// Packs the head's keys, and of its values the columns that fill no strip.
    ///
    /// # Safety
    /// As [`Kernel::run`], for this head.
    #[inline(always)]
    unsafe fn pack<S: Simd>(self, head: Head) {
        let AttentionShape { keys, head_dim, .. } = self.shape;
        let width = 2 * S::LANES;
        let ragged = head_dim % width;
        // SAFETY: keys and values are there, and there is room for whole strips of both.
        unsafe {
            for j in (0..keys).step_by(width) {
                let (rows, strip) = (width.min(keys - j), self.room.packed_k.add(j * head_dim));
                pack_rows::<S>(head.k.add(j * self.k.1.position), self.k.1.position, head_dim, rows, strip);
            }
            if ragged > 0 {
                let v = head.v.add(head_dim - ragged);
                pack_columns::<S>(v, self.v.1.position, keys, ragged, self.room.packed_v);
            }
        }
    }

    /// As many queries at a time as the tile has rows, from packed keys.
    ///
    /// # Safety
    /// As [`Kernel::run`], for this head, whose keys are packed.
    #[inline(always)]
    unsafe fn blocks<S: Simd>(self, head: Head) {
        let AttentionShape { queries, keys, .. } = self.shape;
        for first in (0..queries).step_by(S::TILE_ROWS) {
            let rows = S::TILE_ROWS.min(queries - first);
            let seen = visible(keys, self.past_len, first + rows - 1);
            // SAFETY: the queries are there, and there is a row of scores for each.
            unsafe {
                let (q, out) = (head.q.add(first * self.q.1.position), head.out.add(first * self.out.1.position));
                let block = Head { q, out, ..head };
                self.scale_queries::<S>(q, rows);
                self.products::<S>(rows, seen);
                for i in 0..rows {
                    let row = self.room.scores.add(i * self.room.scores_stride);
                    weigh::<S>(row, visible(keys, self.past_len, first + i), seen);
                }
                self.means::<S>(block, rows, seen);
            }
        }
    }

    /// Copies `rows` queries, times the scale.
    ///
    /// # Safety
    /// The queries from `q` on are there, and there is a row for each.
    #[inline(always)]
    unsafe fn scale_queries<S: Simd>(self, q: *const f32, rows: usize) {
        for i in 0..rows {
            // SAFETY: the caller says so.
            unsafe {
                let (x, out) = (q.add(i * self.q.1.position), self.room.q.add(i * self.room.q_stride));
                sweep::<S>(self.shape.head_dim, &mut ScaledInto { scale: S::splat(self.scale), x, out });
            }
        }
    }

    /// `scores = q · kᵀ` for the scaled queries, `rows` of them, and the first `seen` keys, in whole strips.
    ///
    /// # Safety
    /// As [`blocks`](Self::blocks).
    #[inline(always)]
    unsafe fn products<S: Simd>(self, rows: usize, seen: usize) {
        let (head_dim, width) = (self.shape.head_dim, 2 * S::LANES);
        let row_stride = self.room.scores_stride;
        for j in (0..seen).step_by(width) {
            // SAFETY: strips are whole, as are rows of scores.
            unsafe {
                let strip = Strip { data: self.room.packed_k.add(j * head_dim), row_stride: width, streams: false };
                let corner = Corner { c: self.room.scores.add(j), row_stride, cols: width, start: Start::Zero };
                tile::<S>(rows, head_dim, self.room.q, self.room.q_stride, strip, corner);
            }
        }
    }

    /// `out = scores · v` for a block of `rows` queries and the first `seen` keys.
    ///
    /// # Safety
    /// As [`blocks`](Self::blocks), for this block, whose scores are weights.
    #[inline(always)]
    unsafe fn means<S: Simd>(self, block: Head, rows: usize, seen: usize) {
        let (head_dim, width) = (self.shape.head_dim, 2 * S::LANES);
        for col in (0..head_dim).step_by(width) {
            let cols = width.min(head_dim - col);
            // SAFETY: a whole strip lies inside each value, and a ragged one is packed.
            unsafe {
                let (data, row_stride) = match cols == width {
                    true => (block.v.add(col), self.v.1.position),
                    false => (self.room.packed_v.cast_const(), width),
                };
                let corner =
                    Corner { c: block.out.add(col), row_stride: self.out.1.position, cols, start: Start::Zero };
                let strip = Strip { data, row_stride, streams: false };
                tile::<S>(rows, seen, self.room.scores, self.room.scores_stride, strip, corner);
            }
        }
    }
}

/// Turns the first `seen` scores of a row into weights, and those up to `of` into 0.
///
/// All stores are of whole registers: one that is masked cannot be forwarded to a load, which then waits for all that came
/// before it to retire, and the next row with it.
///
/// # Safety
/// `scores` is valid up to the end of the register that holds the last of `of`, which is at least `seen`.
#[inline(always)]
unsafe fn weigh<S: Simd>(scores: *mut f32, seen: usize, of: usize) {
    // SAFETY: the caller says so.
    unsafe {
        let largest = fold::<S, _>(Largest, scores, seen);
        let mut pass = Exponentials { scores, largest: S::splat(largest), sum: S::splat(0.0) };
        sweep::<S>(seen, &mut pass);
        let weighed = seen.next_multiple_of(S::LANES);
        Map { op: Scale(1.0 / pass.sum.sum()), x: scores, out: scores, len: weighed }.run::<S>();
        for at in (weighed..of).step_by(S::LANES) {
            S::splat(0.0).store(scores.add(at));
        }
    }
}

/// `scores[j] = exp(scores[j] - largest)`, and their sum; 0 in the rest of the last register.
struct Exponentials<S> {
    scores: *mut f32,
    largest: S,
    sum: S,
}

impl<S: Simd> Step<S> for Exponentials<S> {
    #[inline(always)]
    unsafe fn step<W: Width>(&mut self, at: usize, width: W) {
        // SAFETY: `sweep` begins inside the row, whose last register is whole. Lanes beyond hold exp(-inf - largest) = 0.
        unsafe {
            let x: S = width.load(self.scores.add(at), f32::NEG_INFINITY);
            let e = exp(x - self.largest);
            self.sum = self.sum + e;
            e.store(self.scores.add(at));
        }
    }
}

/// `out[d] = scale · x[d]`; 0 in the rest of the last register.
struct ScaledInto<S> {
    scale: S,
    x: *const f32,
    out: *mut f32,
}

impl<S: Simd> Step<S> for ScaledInto<S> {
    #[inline(always)]
    unsafe fn step<W: Width>(&mut self, at: usize, width: W) {
        // SAFETY: `sweep` stays inside `x`, and begins inside the row at `out`, whose last register is whole.
        unsafe {
            let x: S = width.load(self.x.add(at), 0.0);
            (x * self.scale).store(self.out.add(at));
        }
    }
}

#[cfg(test)]
mod tests;
