//! attention: `out = softmax(q·kᵀ / √head_dim) · v` per head (Vaswani et al. 2017, arXiv:1706.03762).

use core::ffi::CStr;

use smbench_abi::op::AttentionArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Cost, Expected, Fill, InPlace, Op, Operand, Problem};

/// Attention over the keys of every head; a size is `batch×queries×keys×heads×head_dim`.
pub struct Attention {
    /// Query `i` sees keys `j <= i + keys - queries`: the last query sees all.
    pub causal: bool,
}

/// Where kernels stop caring how small a weight is: `e^-69`, long before f32 ends at `e^-87`.
const NEGLIGIBLE: f64 = 1e-30;

/// One rounding to nearest, relative.
const HALF_EPSILON: f64 = f32::EPSILON as f64 / 2.0;

impl Op for Attention {
    fn name(&self) -> &'static str {
        if self.causal { "attention" } else { "attention_full" }
    }

    fn id(&self) -> &'static CStr {
        AttentionArgs::ID
    }

    fn formula(&self) -> &'static str {
        match self.causal {
            true => "out[b,i,h] = Σ_j softmax_j(q[b,i,h]·k[b,j,h] / √head_dim) · v[b,j,h] over j ≤ i + keys - queries",
            false => "out[b,i,h] = Σ_j softmax_j(q[b,i,h]·k[b,j,h] / √head_dim) · v[b,j,h]",
        }
    }

    fn dims(&self) -> &'static [&'static str] {
        &["batch", "queries", "keys", "heads", "head_dim"]
    }

    /// No causal size has more queries than keys: they are the last positions of one sequence.
    fn check_sizes(&self) -> &'static [&'static [usize]] {
        match self.causal {
            true => &[
                &[1, 1, 1, 1, 1],
                &[3, 5, 9, 2, 7],
                &[1, 1, 33, 3, 16],
                &[1, 16, 16, 1, 64],
                &[2, 7, 20, 4, 20],
                &[1, 34, 34, 2, 32],
                &[3, 13, 17, 1, 33],
                &[1, 1, 130, 2, 64],
                &[1, 2, 67, 1, 100],
            ],
            false => &[
                &[1, 1, 1, 1, 1],
                &[3, 9, 5, 2, 7],
                &[1, 1, 33, 3, 16],
                &[1, 16, 16, 1, 64],
                &[2, 20, 7, 4, 20],
                &[1, 34, 1, 2, 32],
                &[3, 13, 17, 1, 33],
                &[1, 25, 70, 1, 48],
            ],
        }
    }

    fn problem(&self, size: &[usize]) -> Problem {
        let &[batch, queries, keys, heads, head_dim] = size else {
            unreachable!("sizes have as many numbers as `dims`")
        };
        // ±2: scores then deviate by 4/3, and the likeliest key weighs a dozen times an average one.
        let operand = |name, len| Operand::new(name, &[batch, len, heads, head_dim]);
        let (q, k) = (operand("q", queries).filled(Fill::Range(2.0)), operand("k", keys).filled(Fill::Range(2.0)));
        // Two products of 2·head_dim for every key that is seen; scale, and softmax as by itself.
        let each = 4 * head_dim as u64 + 1 + Cost::TRANSCENDENTAL + 4;
        let flops = each * self.seen_by_all(queries, keys) * (batch * heads) as u64;
        Problem::new(size, vec![q, k, operand("v", keys)], vec![operand("out", queries)], flops)
    }

    /// With exact weights `p[j]` and a relative error of at most `ε[j]` in what a kernel has for `e^score[j]`, the weighted
    /// mean moves by at most `Σ p·(e^ε - 1)·|v - out| / Σ p·e^-ε`: what all weights have in common cancels, and so does
    /// everything where one key has all the weight. In roundings (half epsilons), `ε[j]` is `head_dim + 2` of `Σ |q||k|` for the
    /// scaled score (Higham 2002, §3.1), `4·(max - score)` for the difference and its reduction, once more if a later maximum
    /// rescales it, and 16 for the exponentials. The two sums add `2·keys + 8` of what they add up: an addition and a
    /// rescaling for each key.
    fn element(&self, problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let &[_, queries, keys, heads, head_dim] = problem.size.as_slice() else {
            unreachable!("sizes have as many numbers as `dims`")
        };
        let (column, vector) = (index % head_dim, index / head_dim);
        let (head, i, batch) = (vector % heads, vector / heads % queries, vector / heads / queries);
        let q = &inputs[0][vector * head_dim..][..head_dim];
        let key = |j: usize| ((batch * keys + j) * heads + head) * head_dim;
        let scores: Vec<Score> =
            (0..self.seen_by(i, queries, keys)).map(|j| Score::of(q, &inputs[1][key(j)..][..head_dim])).collect();
        let values = (0..scores.len()).map(|j| f64::from(inputs[2][key(j) + column]));
        weighted_mean(&scores, &values.collect::<Vec<_>>())
    }

    fn element_work(&self, problem: &Problem) -> usize {
        // Three exponentials in f64 beside the dot product.
        problem.size[2] * (problem.size[4] + 12)
    }

    fn bind(&self, problem: &Problem, tensors: &[Tensor]) -> Args {
        let &[_, queries, keys, heads, head_dim] = problem.size.as_slice() else {
            unreachable!("sizes have as many numbers as `dims`")
        };
        Args::from(AttentionArgs {
            header: ArgsHeader::of::<AttentionArgs>(),
            heads: heads as u32,
            causal: u32::from(self.causal),
            past_len: keys.saturating_sub(queries) as u64,
            scale: scale(head_dim),
            reserved: 0,
            q: tensors[0],
            k: tensors[1],
            v: tensors[2],
            out: tensors[3],
        })
    }

    /// `out` has the shape of `q`, but a query's keys are read after its neighbour's result is written.
    fn in_place(&self) -> InPlace {
        InPlace::Never
    }
}

impl Attention {
    /// How many keys query `i` sees.
    fn seen_by(&self, i: usize, queries: usize, keys: usize) -> usize {
        if self.causal { (i + 1 + keys.saturating_sub(queries)).min(keys) } else { keys }
    }

    /// How many keys all queries of one head see: in the causal form all but a triangle.
    fn seen_by_all(&self, queries: usize, keys: usize) -> u64 {
        let (short, all) = (queries.min(keys) as u64, (queries * keys) as u64);
        if self.causal { all - short * (short - 1) / 2 } else { all }
    }
}

/// `1/√head_dim`, as the plugin gets it.
fn scale(head_dim: usize) -> f32 {
    (1.0 / (head_dim as f64).sqrt()) as f32
}

/// A query's scaled product with a key.
struct Score {
    value: f64,
    /// The same over magnitudes.
    magnitude: f64,
    head_dim: usize,
}

impl Score {
    fn of(q: &[f32], k: &[f32]) -> Self {
        let scale = f64::from(scale(q.len()));
        let products = q.iter().zip(k).map(|(&q, &k)| scale * f64::from(q) * f64::from(k));
        let (value, magnitude) = products.fold((0.0, 0.0), |(sum, all), x: f64| (sum + x, all + x.abs()));
        Self { value, magnitude, head_dim: q.len() }
    }

    /// The relative error `ε` of a kernel's `e^(score - max)`.
    fn error(&self, max: f64) -> f64 {
        HALF_EPSILON * ((self.head_dim + 2) as f64 * self.magnitude + 4.0 * (max - self.value) + 16.0)
    }
}

/// The mean of `values` by softmax of `scores`; see [`Attention::element`] for the tolerance.
fn weighted_mean(scores: &[Score], values: &[f64]) -> Expected {
    let max = scores.iter().map(|score| score.value).fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = scores.iter().map(|score| (score.value - max).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let mean = |f: &dyn Fn(usize) -> f64| (0..values.len()).map(|j| weights[j] / sum * f(j)).sum::<f64>();

    let value = mean(&|j| values[j]);
    let moved = mean(&|j| scores[j].error(max).exp_m1() * (values[j] - value).abs());
    let moved = moved / mean(&|j| (-scores[j].error(max)).exp());
    let added = (2 * values.len() + 8) as f64 * HALF_EPSILON * (mean(&|j| values[j].abs()) + value.abs());
    let lost = NEGLIGIBLE * values.iter().map(|v| v.abs()).sum::<f64>();
    Expected::new(value, (moved + added + lost) / f64::from(f32::EPSILON), 1.0)
}
