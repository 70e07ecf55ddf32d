//! add: `out = a + b`, element by element.

use core::ffi::CStr;

use smbench_abi::op::AddArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Expected, Fill, InPlace, Op, Operand, Problem, Undo};

/// Addition; a size is a number of elements.
pub struct Add;

impl Op for Add {
    fn name(&self) -> &'static str {
        "add"
    }

    fn id(&self) -> &'static CStr {
        AddArgs::ID
    }

    fn formula(&self) -> &'static str {
        "out = a + b"
    }

    fn dims(&self) -> &'static [&'static str] {
        &["n"]
    }

    fn check_sizes(&self) -> &'static [&'static [usize]] {
        &[&[1], &[7], &[16], &[33], &[1000], &[4099]]
    }

    fn problem(&self, size: &[usize]) -> Problem {
        // Exact, so that subtracting `b` again gives `a` back, bit for bit.
        let input = |name| Operand::new(name, size).filled(Fill::Exact);
        let flops = size[0] as u64;
        Problem::new(size, vec![input("a"), input("b")], vec![Operand::new("out", size)], flops)
    }

    /// One rounding to nearest: half an epsilon of the value.
    fn element(&self, _problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let value = f64::from(inputs[0][index]) + f64::from(inputs[1][index]);
        Expected::new(value, value.abs(), 0.5)
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        Args::from(AddArgs { header: ArgsHeader::of::<AddArgs>(), a: tensors[0], b: tensors[1], out: tensors[2] })
    }

    fn in_place(&self) -> InPlace {
        InPlace::Reversible
    }

    fn undo(&self, _problem: &Problem, _tensors: &[Tensor]) -> Option<Undo> {
        Some(Undo::NegatedInput)
    }
}
