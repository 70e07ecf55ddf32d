//! What every kernel computes, in plain loops: the formula, in f64, rounded to f32 at the end.
//!
//! Slow and easy to believe. The tests hold every tier equal to these within each kernel's stated error. Lengths are the
//! caller's business here: a wrong one panics at an index.

use crate::{Attention, HeadStrides, Matmul, Norm, RowShape};

/// `c[i][j] = Σ_p a[i][p]·b[p][j] + bias[j]`, `c` dense.
pub fn matmul(problem: &Matmul<'_>, c: &mut [f32]) {
    let shape = problem.shape;
    for i in 0..shape.m {
        for j in 0..shape.n {
            let products = (0..shape.k).map(|p| f64::from(problem.a_at(i, p)) * f64::from(problem.b_at(p, j)));
            let bias = problem.bias.map_or(0.0, |bias| bias[j]);
            c[i * shape.n + j] = (products.sum::<f64>() + f64::from(bias)) as f32;
        }
    }
}

/// `out[i] = a[i] + b[i]`.
pub fn add(a: &[f32], b: &[f32], out: &mut [f32]) {
    for i in 0..out.len() {
        out[i] = a[i] + b[i];
    }
}

/// `out[i] = a[i] · b[i]`.
pub fn mul(a: &[f32], b: &[f32], out: &mut [f32]) {
    for i in 0..out.len() {
        out[i] = a[i] * b[i];
    }
}

/// `out[i] = factor · x[i]`.
pub fn scale(factor: f32, x: &[f32], out: &mut [f32]) {
    for i in 0..out.len() {
        out[i] = factor * x[i];
    }
}

/// `out[i][j] = x[i][j] + row[j]`.
pub fn broadcast_add(shape: RowShape, x: &[f32], row: &[f32], out: &mut [f32]) {
    for i in 0..shape.len() {
        out[i] = x[i] + row[i % shape.cols];
    }
}

/// `out = x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))`, with `1 + tanh(u)` as `2 / (1 + exp(-2u))` to keep the negative tail.
pub fn gelu_tanh(x: &[f32], out: &mut [f32]) {
    for i in 0..out.len() {
        out[i] = gelu_tanh_of(f64::from(x[i])) as f32;
    }
}

/// One element of [`gelu_tanh`], not rounded.
pub fn gelu_tanh_of(x: f64) -> f64 {
    let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
    times_probability(x, 1.0 / (1.0 + (-2.0 * u).exp()))
}

/// `out = x/2 · (1 + erf(x/√2))`.
pub fn gelu_erf(x: &[f32], out: &mut [f32]) {
    for i in 0..out.len() {
        out[i] = gelu_erf_of(f64::from(x[i])) as f32;
    }
}

/// One element of [`gelu_erf`], not rounded.
pub fn gelu_erf_of(x: f64) -> f64 {
    times_probability(x, 0.5 * (1.0 + erf(x / std::f64::consts::SQRT_2)))
}

/// `out = x / (1 + exp(-x))`.
pub fn silu(x: &[f32], out: &mut [f32]) {
    for i in 0..out.len() {
        out[i] = silu_of(f64::from(x[i])) as f32;
    }
}

/// One element of [`silu`], not rounded.
pub fn silu_of(x: f64) -> f64 {
    times_probability(x, 1.0 / (1.0 + (-x).exp()))
}

/// `out = max(0, x)`, NaN where x is.
pub fn relu(x: &[f32], out: &mut [f32]) {
    for i in 0..out.len() {
        out[i] = if x[i] < 0.0 { 0.0 } else { x[i] };
    }
}

/// `out[i][j] = exp(x[i][j] - m) / Σ_j exp(x[i][j] - m)`, `m` the row's maximum.
pub fn softmax(shape: RowShape, x: &[f32], out: &mut [f32]) {
    for i in 0..shape.rows {
        let row = i * shape.cols..(i + 1) * shape.cols;
        softmax_row(&x[row.clone()], &mut out[row]);
    }
}

/// As [`softmax`] over the columns `j <= i + cols - rows`; 0 in the others.
pub fn softmax_causal(shape: RowShape, x: &[f32], out: &mut [f32]) {
    out.fill(0.0);
    for i in 0..shape.rows {
        let visible = (i + 1 + shape.cols).saturating_sub(shape.rows).min(shape.cols);
        let row = i * shape.cols..i * shape.cols + visible;
        softmax_row(&x[row.clone()], &mut out[row]);
    }
}

/// `out[i][j] = (x[i][j] - μ) / √(σ² + eps) · gamma[j] + beta[j]`.
pub fn layernorm(shape: RowShape, x: &[f32], norm: Norm<'_>, out: &mut [f32]) {
    for (x, out) in x.chunks_exact(shape.cols).zip(out.chunks_exact_mut(shape.cols)) {
        for (j, normal) in layernorm_of(&widened(x), norm.eps).into_iter().enumerate() {
            out[j] = (normal * f64::from(norm.gamma[j]) + f64::from(norm.beta[j])) as f32;
        }
    }
}

/// One row of [`layernorm`], not rounded, without gamma and beta.
pub fn layernorm_of(x: &[f64], eps: f32) -> Vec<f64> {
    let cols = x.len() as f64;
    let mean = x.iter().sum::<f64>() / cols;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / cols;
    let scale = 1.0 / (variance + f64::from(eps)).sqrt();
    x.iter().map(|x| (x - mean) * scale).collect()
}

/// `out[i][j] = x[i][j] / √(Σ_j x[i][j]² / cols + eps) · gamma[j]`.
pub fn rmsnorm(shape: RowShape, x: &[f32], gamma: &[f32], eps: f32, out: &mut [f32]) {
    for (x, out) in x.chunks_exact(shape.cols).zip(out.chunks_exact_mut(shape.cols)) {
        for (j, normal) in rmsnorm_of(&widened(x), eps).into_iter().enumerate() {
            out[j] = (normal * f64::from(gamma[j])) as f32;
        }
    }
}

/// One row of [`rmsnorm`], not rounded, without gamma.
pub fn rmsnorm_of(x: &[f64], eps: f32) -> Vec<f64> {
    let mean_square = x.iter().map(|x| x.powi(2)).sum::<f64>() / x.len() as f64;
    let scale = 1.0 / (mean_square + f64::from(eps)).sqrt();
    x.iter().map(|x| x * scale).collect()
}

/// `out[i] = Σ_j p[j] · v[j]`, `p = softmax_j(scale · q[i]·k[j])` over the keys that query `i` sees, for every head.
pub fn attention(problem: &Attention<'_>, out: &mut [f32], out_strides: HeadStrides) {
    let shape = problem.shape;
    for b in 0..shape.batch {
        for i in 0..shape.queries {
            for h in 0..shape.heads {
                let q = &problem.q.data[problem.q.strides.offset(b, i, h)..][..shape.head_dim];
                let out = &mut out[out_strides.offset(b, i, h)..][..shape.head_dim];
                attention_of_query(problem, b, h / shape.group(), problem.visible(i), q, out);
            }
        }
    }
}

fn attention_of_query(problem: &Attention<'_>, batch: usize, kv_head: usize, seen: usize, q: &[f32], out: &mut [f32]) {
    let key = |j: usize| &problem.k.data[problem.k.strides.offset(batch, j, kv_head)..];
    let value = |j: usize| &problem.v.data[problem.v.strides.offset(batch, j, kv_head)..];
    let dot = |k: &[f32]| q.iter().zip(k).map(|(&q, &k)| f64::from(q) * f64::from(k)).sum::<f64>();
    let scores: Vec<f64> = (0..seen).map(|j| f64::from(problem.scale) * dot(key(j))).collect();
    let weights = softmax_of(&scores);
    for (d, out) in out.iter_mut().enumerate() {
        *out = (0..seen).map(|j| weights[j] * f64::from(value(j)[d])).sum::<f64>() as f32;
    }
}

fn softmax_row(x: &[f32], out: &mut [f32]) {
    softmax_of(&widened(x)).into_iter().zip(out).for_each(|(p, out)| *out = p as f32);
}

/// One row of [`softmax`], not rounded.
pub fn softmax_of(x: &[f64]) -> Vec<f64> {
    let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let e: Vec<f64> = x.iter().map(|x| (x - largest).exp()).collect();
    let sum: f64 = e.iter().sum();
    e.iter().map(|e| e / sum).collect()
}

fn widened(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}

/// `x · p`, and its limit 0 where p has vanished before x = -inf.
fn times_probability(x: f64, p: f64) -> f64 {
    if p == 0.0 { 0.0 } else { x * p }
}

/// `erf(x) = 2/√π · exp(-x²) · Σ_n 2^n·x^(2n+1) / (1·3·…·(2n+1))` (Abramowitz and Stegun 7.1.6), every term of one sign.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum(); // 1 - erf(6) is 2e-17, below f64's resolution at 1
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..150 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
    }
    2.0 / std::f64::consts::PI.sqrt() * (-x * x).exp() * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Tolerance, check_close};

    #[test]
    fn erf_agrees_with_published_values() {
        // Abramowitz and Stegun, table 7.1, and erfc(4) from Wolfram Alpha.
        for (x, want) in [(0.0, 0.0), (0.5, 0.520_499_877_8), (1.0, 0.842_700_792_9), (2.0, 0.995_322_265_0)] {
            assert!((erf(x) - want).abs() < 1e-10, "erf({x}) = {}", erf(x));
            assert_eq!(erf(-x), -erf(x));
        }
        assert!((1.0 - erf(4.0) - 1.541_725_790e-8).abs() < 1e-15);
    }

    #[test]
    fn formulas_meet_known_points() {
        let check = |function: fn(&[f32], &mut [f32]), at_one: f32, at_minus_one: f32| {
            let mut out = [f32::NAN; 5];
            function(&[0.0, 1.0, -1.0, f32::INFINITY, f32::NEG_INFINITY], &mut out);
            let want = [0.0, at_one, at_minus_one, f32::INFINITY, 0.0];
            check_close(&out, &want, Tolerance { absolute: 1e-7, relative: 0.0 }, "x in 0, 1, -1, inf, -inf");
        };
        check(gelu_erf, 0.841_344_7, -0.158_655_25);
        check(gelu_tanh, 0.841_192, -0.158_808);
        check(silu, 0.731_058_6, -0.268_941_43);
    }
}
