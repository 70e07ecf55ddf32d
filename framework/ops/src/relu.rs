//! relu: `out = max(x, 0)`, element by element; NaN stays NaN.

use core::ffi::CStr;

use smbench_abi::op::ReluArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Expected, InPlace, Op, Operand, Problem};

/// Rectified linear unit; a size is a number of elements.
pub struct Relu;

impl Op for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn id(&self) -> &'static CStr {
        ReluArgs::ID
    }

    fn formula(&self) -> &'static str {
        "out = max(x, 0)"
    }

    fn dims(&self) -> &'static [&'static str] {
        &["n"]
    }

    fn check_sizes(&self) -> &'static [&'static [usize]] {
        &[&[1], &[7], &[16], &[33], &[1000], &[4099]]
    }

    fn problem(&self, size: &[usize]) -> Problem {
        Problem::new(size, vec![Operand::new("x", size)], vec![Operand::new("out", size)], size[0] as u64)
    }

    /// Nothing is rounded.
    fn element(&self, _problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let x = f64::from(inputs[0][index]);
        // Not `max`, which drops NaN.
        Expected::new(if x < 0.0 { 0.0 } else { x }, 0.0, 0.0)
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        Args::from(ReluArgs { header: ArgsHeader::of::<ReluArgs>(), x: tensors[0], out: tensors[1] })
    }

    fn in_place(&self) -> InPlace {
        InPlace::Idempotent
    }
}
