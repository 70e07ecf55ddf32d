//! mul: `out = a ∘ b`, element by element (Hadamard).

use core::ffi::CStr;

use smbench_abi::op::MulArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Expected, Op, Operand, Problem};

/// Multiplication; a size is a number of elements.
pub struct Mul;

impl Op for Mul {
    fn name(&self) -> &'static str {
        "mul"
    }

    fn id(&self) -> &'static CStr {
        MulArgs::ID
    }

    fn formula(&self) -> &'static str {
        "out = a ∘ b"
    }

    fn dims(&self) -> &'static [&'static str] {
        &["n"]
    }

    fn check_sizes(&self) -> &'static [&'static [usize]] {
        &[&[1], &[7], &[16], &[33], &[1000], &[4099]]
    }

    fn problem(&self, size: &[usize]) -> Problem {
        let inputs = vec![Operand::new("a", size), Operand::new("b", size)];
        Problem::new(size, inputs, vec![Operand::new("out", size)], size[0] as u64)
    }

    /// One rounding to nearest: half an epsilon of the value. (The product of two f32 is exact in f64.)
    fn element(&self, _problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let value = f64::from(inputs[0][index]) * f64::from(inputs[1][index]);
        Expected::new(value, value.abs(), 0.5)
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        Args::from(MulArgs { header: ArgsHeader::of::<MulArgs>(), a: tensors[0], b: tensors[1], out: tensors[2] })
    }
}
