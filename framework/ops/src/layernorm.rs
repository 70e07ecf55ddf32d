//! layernorm: `out = (x - mean) / sqrt(var + eps) · gamma + beta` over the last dimension (Ba et al. 2016,
//! arXiv:1607.06450); `var` is the biased one.

use core::ffi::CStr;

use smbench_abi::op::LayernormArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Cost, Expected, Fill, Op, Operand, Problem};

/// Normalisation of every row; a size is `rows×cols`, or `cols` for one row.
pub struct Layernorm;

/// What GPT-2 and PyTorch use.
pub(crate) const EPS: f32 = 1e-5;

impl Op for Layernorm {
    fn name(&self) -> &'static str {
        "layernorm"
    }

    fn id(&self) -> &'static CStr {
        LayernormArgs::ID
    }

    fn formula(&self) -> &'static str {
        "out[i,j] = (x[i,j] - mean_i) / √(var_i + 1e-5) · gamma[j] + beta[j]"
    }

    fn dims(&self) -> &'static [&'static str] {
        &["rows", "cols"]
    }

    fn shortest(&self) -> usize {
        1
    }

    fn check_sizes(&self) -> &'static [&'static [usize]] {
        &[&[1, 1], &[3, 1], &[1, 7], &[4, 16], &[5, 33], &[17, 64], &[3, 127], &[2, 768], &[1, 1030]]
    }

    fn problem(&self, size: &[usize]) -> Problem {
        let &[rows, cols] = size else { unreachable!("sizes have as many numbers as `dims`") };
        let x = Operand::new("x", size).filled(Fill::Range(4.0));
        let gamma = Operand::new("gamma", &[cols]).filled(Fill::Gain);
        let beta = Operand::new("beta", &[cols]);
        // Mean 1, variance 3, result 4 for an element; one division and root for a row.
        let flops = 8 * (rows * cols) as u64 + Cost::TRANSCENDENTAL * rows as u64;
        Problem::new(size, vec![x, gamma, beta], vec![Operand::new("out", size)], flops)
    }

    fn element(&self, problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let cols = problem.size[1];
        let (row, column) = (index / cols, index % cols);
        let x = &inputs[0][row * cols..(row + 1) * cols];
        normalised(x, column, inputs[1][column], inputs[2][column])
    }

    fn element_work(&self, problem: &Problem) -> usize {
        4 * problem.size[1]
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        Args::from(LayernormArgs {
            header: ArgsHeader::of::<LayernormArgs>(),
            eps: EPS,
            reserved: 0,
            x: tensors[0],
            gamma: tensors[1],
            beta: tensors[2],
            out: tensors[3],
        })
    }
}

/// Element `column` of the layernorm of row `x`.
///
/// With `n = (x - mean) / σ`: the roundings of either sum (half epsilons) move the mean by a share of `mean |x|`, and the
/// variance by a share of `mean x²`, not of themselves: beside an outlier, or around a large mean, the small values come
/// from a cancellation. To first order that moves the result by `gamma · (mean |x| / σ + |n| · mean x² / σ²)` of the same
/// share. 16 more for root, division, product and sum.
pub(crate) fn normalised(x: &[f32], column: usize, gamma: f32, beta: f32) -> Expected {
    let cols = x.len();
    let average = |f: &dyn Fn(f64) -> f64| x.iter().map(|&x| f(f64::from(x))).sum::<f64>() / cols as f64;
    let mean = average(&|x| x);
    let variance = average(&|x| (x - mean).powi(2)) + f64::from(EPS);
    let (magnitude, square) = (average(&f64::abs), average(&|x| x * x));

    let normal = (f64::from(x[column]) - mean) / variance.sqrt();
    let (gamma, beta) = (f64::from(gamma), f64::from(beta));
    let sum = sum_roundings(cols);
    let moved = sum * magnitude / variance.sqrt() + (sum + 16.0) * normal.abs() * (1.0 + square / variance);
    Expected::new(normal * gamma + beta, gamma.abs() * moved + 16.0 * beta.abs(), 0.5)
}

/// Roundings of a mean of `cols` numbers: additions, then a division (or a reciprocal and a product), which is
/// exact by a power of two. A single number is its own mean exactly.
fn sum_roundings(cols: usize) -> f64 {
    let division = if cols.is_power_of_two() { 0 } else { 2 };
    (cols - 1 + division) as f64
}
