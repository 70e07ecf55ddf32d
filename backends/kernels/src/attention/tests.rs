//! Every tier against the plain loops: shapes, strides, masks, shared heads, and what must not leak.

use proptest::prelude::*;

use super::*;
use crate::check::{Tolerance, check_close, each_tier, ordinary};
use crate::reference;

const fn shape(
    batch: usize,
    [queries, keys]: [usize; 2],
    [heads, kv_heads]: [usize; 2],
    head_dim: usize,
) -> AttentionShape {
    AttentionShape { batch, queries, keys, heads, kv_heads, head_dim }
}

const SHAPES: &[AttentionShape] = &[
    shape(1, [1, 1], [1, 1], 1),
    shape(1, [1, 33], [3, 3], 16),
    shape(3, [1, 130], [2, 1], 64),
    shape(2, [4, 67], [4, 2], 33),
    shape(2, [5, 5], [2, 2], 7),
    shape(1, [12, 12], [1, 1], 32),
    shape(2, [13, 40], [6, 2], 20),
    shape(1, [34, 34], [2, 2], 48),
    shape(1, [25, 100], [1, 1], 64),
    shape(1, [9, 3], [2, 2], 31),
];

/// Room after each position and each sequence, as in a slice of a wider matrix with room for more positions.
#[derive(Clone, Copy)]
struct Gaps {
    position: usize,
    batch: usize,
}

/// Dense, and not.
const GAPS: [Gaps; 2] = [Gaps { position: 0, batch: 0 }, Gaps { position: 5, batch: 37 }];

struct Operand {
    data: Vec<f32>,
    strides: HeadStrides,
}

impl Operand {
    fn new(batch: usize, positions: usize, heads: usize, head_dim: usize, gaps: Gaps) -> Operand {
        let position = heads * head_dim + gaps.position;
        let strides = HeadStrides { batch: positions * position + gaps.batch, position, head: head_dim };
        Operand { data: vec![77.0; batch * strides.batch], strides }
    }

    fn filled(self, seed: u32) -> Operand {
        Operand { data: ordinary(self.data.len(), seed), ..self }
    }

    fn heads(&self) -> Heads<'_> {
        Heads { data: &self.data, strides: self.strides }
    }
}

/// Sums of `head_dim` and of `keys` terms of about ten; an error of a score is one of the weight.
fn tolerance(shape: AttentionShape) -> Tolerance {
    Tolerance { absolute: 4e-6 * (shape.head_dim + 8) as f32, relative: 0.0 }
}

#[track_caller]
fn check(kernels: &Kernels, shape: AttentionShape, past_len: Option<usize>, gaps: Gaps) {
    let AttentionShape { batch, queries, keys, heads, kv_heads, head_dim } = shape;
    let q = Operand::new(batch, queries, heads, head_dim, gaps).filled(1);
    let k = Operand::new(batch, keys, kv_heads, head_dim, gaps).filled(2);
    let v = Operand::new(batch, keys, kv_heads, head_dim, gaps).filled(3);
    let mut got = Operand::new(batch, queries, heads, head_dim, gaps);
    let mut want = Operand::new(batch, queries, heads, head_dim, gaps);
    let scale = 0.5 / (head_dim as f32).sqrt();
    let problem = Attention { shape, q: q.heads(), k: k.heads(), v: v.heads(), scale, past_len };
    reference::attention(&problem, &mut want.data, want.strides);
    kernels.attention(&problem, &mut got.data, got.strides, &mut AttentionScratch::new());
    // The gaps of both still hold what they did.
    check_close(&got.data, &want.data, tolerance(shape), (kernels.tier, shape, past_len));
}

#[test]
fn every_tier_equals_the_formula() {
    for (kernels, shape) in each_tier(SHAPES) {
        for gaps in GAPS {
            check(kernels, shape, None, gaps);
            check(kernels, shape, Some(shape.keys.saturating_sub(shape.queries)), gaps);
            check(kernels, shape, Some(0), gaps);
            check(kernels, shape, Some(usize::MAX), gaps);
        }
    }
}

#[test]
fn a_sequence_that_all_share_may_have_no_strides() {
    let shape = shape(3, [6, 20], [4, 4], 16);
    let (q, kv) = (ordinary(3 * 6 * 4 * 16, 1), ordinary(20 * 16, 2));
    let strides = HeadStrides { batch: 0, position: 16, head: 0 };
    let (one, dense) = (Heads { data: &kv, strides }, HeadStrides::dense(6, 4, 16));
    let q = Heads { data: &q, strides: dense };
    let problem = Attention { shape, q, k: one, v: one, scale: 0.1, past_len: None };
    for (kernels, ()) in each_tier(&[()]) {
        let [mut got, mut want] = [(); 2].map(|()| vec![0.0; 3 * 6 * 4 * 16]);
        reference::attention(&problem, &mut want, dense);
        kernels.attention(&problem, &mut got, dense, &mut AttentionScratch::new());
        check_close(&got, &want, tolerance(shape), kernels.tier);
    }
}

#[test]
fn a_used_scratch_does_not_show_and_grows_no_more() {
    let mut scratch = AttentionScratch::new();
    for (kernels, large) in each_tier(&[shape(1, [20, 90], [1, 1], 40), shape(1, [1, 90], [1, 1], 40)]) {
        let nan = vec![f32::NAN; 90 * 40];
        let heads = Heads { data: &nan, strides: HeadStrides::dense(90, 1, 40) };
        let mut ignored = vec![0.0; 90 * 40];
        let problem = Attention { shape: large, q: heads, k: heads, v: heads, scale: 1.0, past_len: None };
        kernels.attention(&problem, &mut ignored, heads.strides, &mut scratch);
        let held = scratch.bytes();
        for small in [shape(1, [1, 30], [2, 2], 12), shape(1, [13, 30], [2, 2], 12)] {
            let x = ordinary(30 * 24, 1);
            let heads = Heads { data: &x, strides: HeadStrides::dense(30, 2, 12) };
            let problem = Attention { shape: small, q: heads, k: heads, v: heads, scale: 0.3, past_len: Some(0) };
            let [mut got, mut want] = [(); 2].map(|()| vec![0.0; 30 * 24]);
            reference::attention(&problem, &mut want, heads.strides);
            kernels.attention(&problem, &mut got, heads.strides, &mut scratch);
            check_close(&got, &want, tolerance(small), (kernels.tier, small));
        }
        assert_eq!(scratch.bytes(), held);
    }
}

#[test]
fn keys_that_are_not_seen_leave_no_trace() {
    for (kernels, queries) in each_tier(&[1, 3, 14]) {
        let shape = shape(1, [queries, 20], [1, 1], 8);
        let (q, mut k, mut v) = (ordinary(queries * 8, 1), ordinary(160, 2), ordinary(160, 3));
        k[(queries + 2) * 8..].fill(f32::NAN);
        v[(queries + 2) * 8..].fill(0.0);
        let dense = |data, positions| Heads { data, strides: HeadStrides::dense(positions, 1, 8) };
        let (q, k, v) = (dense(&q, queries), dense(&k, 20), dense(&v, 20));
        let problem = Attention { shape, q, k, v, scale: 1.0, past_len: Some(2) };
        let [mut got, mut want] = [(); 2].map(|()| vec![0.0; queries * 8]);
        reference::attention(&problem, &mut want, q.strides);
        kernels.attention(&problem, &mut got, q.strides, &mut AttentionScratch::new());
        check_close(&got, &want, tolerance(shape), (kernels.tier, queries));
    }
}

#[test]
#[should_panic(expected = "v is shorter")]
fn a_short_operand_is_refused() {
    let shape = shape(1, [1, 3], [1, 1], 4);
    let strides = HeadStrides::dense(3, 1, 4);
    let (heads, short) = (Heads { data: &[0.0; 12], strides }, Heads { data: &[0.0; 11], strides });
    let problem = Attention { shape, q: heads, k: heads, v: short, scale: 1.0, past_len: None };
    Kernels::best().attention(&problem, &mut [0.0; 12], strides, &mut AttentionScratch::new());
}

#[test]
#[should_panic(expected = "3 heads do not share 2")]
fn heads_that_do_not_go_round_are_refused() {
    let shape = shape(1, [1, 1], [3, 2], 1);
    let heads = Heads { data: &[0.0; 3], strides: HeadStrides::dense(1, 3, 1) };
    let problem = Attention { shape, q: heads, k: heads, v: heads, scale: 1.0, past_len: None };
    Kernels::best().attention(&problem, &mut [0.0; 3], heads.strides, &mut AttentionScratch::new());
}

proptest! {
    #[test]
    fn any_shape_equals_the_formula(
        batch in 1_usize..3, queries in 1_usize..30, keys in 1_usize..70, group in 1_usize..3, kv_heads in 1_usize..3,
        head_dim in 1_usize..70, past_len in proptest::option::of(0_usize..50),
    ) {
        let shape = shape(batch, [queries, keys], [group * kv_heads, kv_heads], head_dim);
        for (kernels, gaps) in each_tier(&GAPS) {
            check(kernels, shape, past_len, gaps);
        }
    }
}
