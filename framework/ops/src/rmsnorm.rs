//! rmsnorm: `out = x / sqrt(mean(x²) + eps) · gamma` over the last dimension (Zhang & Sennrich 2019,
//! arXiv:1910.07467).

use core::ffi::CStr;

use smbench_abi::op::RmsnormArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Cost, Expected, Fill, Op, Operand, Problem};

/// Normalisation of every row by its root mean square; a size is `rows×cols`, or `cols` for one row.
pub struct Rmsnorm;

/// What Llama 2 and 3 use (the first Llama used 1e-6), and the same as our layernorm's.
const EPS: f32 = 1e-5;

impl Op for Rmsnorm {
    fn name(&self) -> &'static str {
        "rmsnorm"
    }

    fn id(&self) -> &'static CStr {
        RmsnormArgs::ID
    }

    fn formula(&self) -> &'static str {
        "out[i,j] = x[i,j] / √(mean_j(x[i,j]²) + 1e-5) · gamma[j]"
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
        // Mean square 2, result 2 for an element; one division and root for a row.
        let flops = 4 * (rows * cols) as u64 + Cost::TRANSCENDENTAL * rows as u64;
        Problem::new(size, vec![x, gamma], vec![Operand::new("out", size)], flops)
    }

    /// The tolerance is relative to the value: the sum has only positive terms, so at most `cols` roundings (half
    /// epsilons) of itself, halved by the root (Higham 2002, §4.2); 8 more for root, division and products.
    fn element(&self, problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let cols = problem.size[1];
        let (row, column) = (index / cols, index % cols);
        let x = &inputs[0][row * cols..(row + 1) * cols];
        let square = x.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / cols as f64;
        let value = f64::from(x[column]) / (square + f64::from(EPS)).sqrt() * f64::from(inputs[1][column]);
        Expected::new(value, value.abs(), cols as f64 / 4.0 + 4.0)
    }

    fn element_work(&self, problem: &Problem) -> usize {
        problem.size[1]
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        Args::from(RmsnormArgs {
            header: ArgsHeader::of::<RmsnormArgs>(),
            eps: EPS,
            reserved: 0,
            x: tensors[0],
            gamma: tensors[1],
            out: tensors[2],
        })
    }
}
