//! add_layernorm: `sum = x + residual; out = layernorm(sum)`, fused: what stands between the blocks of a transformer.

use core::ffi::CStr;

use smbench_abi::op::AddLayernormArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::layernorm::{EPS, normalised};
use crate::{Args, Cost, Expected, Fill, InPlace, Op, Operand, Problem};

/// A residual added, then normalisation of every row; a size is `rows×cols`, or `cols` for one row.
pub struct AddLayernorm;

impl Op for AddLayernorm {
    fn name(&self) -> &'static str {
        "add_layernorm"
    }

    fn id(&self) -> &'static CStr {
        AddLayernormArgs::ID
    }

    fn formula(&self) -> &'static str {
        "sum = x + residual; out[i,j] = (sum[i,j] - mean_i) / √(var_i + 1e-5) · gamma[j] + beta[j]"
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
        let matrix = |name| Operand::new(name, size).filled(Fill::Range(4.0));
        let gamma = Operand::new("gamma", &[cols]).filled(Fill::Gain);
        let beta = Operand::new("beta", &[cols]);
        // One addition, then a layernorm.
        let flops = 9 * (rows * cols) as u64 + Cost::TRANSCENDENTAL * rows as u64;
        let outputs = vec![Operand::new("sum", size), Operand::new("out", size)];
        Problem::new(size, vec![matrix("x"), matrix("residual"), gamma, beta], outputs, flops)
    }

    /// The sum has one rounding to nearest: half an epsilon of the value. What is normalised is the sum as f32 rounds it,
    /// about which no two kernels differ, with layernorm's tolerance.
    fn element(&self, problem: &Problem, inputs: &[&[f32]], output: usize, index: usize) -> Expected {
        let cols = problem.size[1];
        let (start, column) = (index - index % cols, index % cols);
        if output == 0 {
            let value = f64::from(inputs[0][index]) + f64::from(inputs[1][index]);
            return Expected::new(value, value.abs(), 0.5);
        }
        let row = inputs[0][start..].iter().zip(&inputs[1][start..]).take(cols);
        let sum: Vec<f32> = row.map(|(x, residual)| x + residual).collect();
        normalised(&sum, column, inputs[2][column], inputs[3][column])
    }

    fn element_work(&self, problem: &Problem) -> usize {
        5 * problem.size[1]
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        Args::from(AddLayernormArgs {
            header: ArgsHeader::of::<AddLayernormArgs>(),
            eps: EPS,
            reserved: 0,
            x: tensors[0],
            residual: tensors[1],
            gamma: tensors[2],
            beta: tensors[3],
            sum: tensors[4],
            out: tensors[5],
        })
    }

    /// The contract lets `sum` be `x`, but a workload in place has one output, its first input.
    fn in_place(&self) -> InPlace {
        InPlace::Never
    }
}
