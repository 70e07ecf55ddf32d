//! broadcast_add: `out[i,j] = x[i,j] + row[j]`.

use core::ffi::CStr;

use smbench_abi::op::BroadcastAddArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Expected, Fill, InPlace, Op, Operand, Problem, Undo};

/// Addition of one row to every row; a size is `rows×cols`.
pub struct BroadcastAdd;

impl Op for BroadcastAdd {
    fn name(&self) -> &'static str {
        "broadcast_add"
    }

    fn id(&self) -> &'static CStr {
        BroadcastAddArgs::ID
    }

    fn formula(&self) -> &'static str {
        "out[i,j] = x[i,j] + row[j]"
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
        // Exact, so that subtracting `row` again gives `x` back, bit for bit.
        let x = Operand::new("x", size).filled(Fill::Exact);
        let row = Operand::new("row", &[cols]).filled(Fill::Exact);
        let flops = (rows * cols) as u64;
        Problem::new(size, vec![x, row], vec![Operand::new("out", size)], flops)
    }

    /// One rounding to nearest: half an epsilon of the value.
    fn element(&self, problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let value = f64::from(inputs[0][index]) + f64::from(inputs[1][index % problem.size[1]]);
        Expected::new(value, value.abs(), 0.5)
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        Args::from(BroadcastAddArgs {
            header: ArgsHeader::of::<BroadcastAddArgs>(),
            x: tensors[0],
            row: tensors[1],
            out: tensors[2],
        })
    }

    fn in_place(&self) -> InPlace {
        InPlace::Reversible
    }

    fn undo(&self, _problem: &Problem, _tensors: &[Tensor]) -> Option<Undo> {
        Some(Undo::NegatedInput)
    }
}
