//! scale: `out = factor · x`, element by element.

use core::ffi::CStr;

use smbench_abi::op::ScaleArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Expected, InPlace, Op, Operand, Problem, Undo};

/// Multiplication by a scalar; a size is a number of elements.
pub struct Scale;

/// A power of two: 0.5 undoes it exactly.
const FACTOR: f32 = 2.0;

impl Op for Scale {
    fn name(&self) -> &'static str {
        "scale"
    }

    fn id(&self) -> &'static CStr {
        ScaleArgs::ID
    }

    fn formula(&self) -> &'static str {
        "out = 2 · x"
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

    /// One rounding to nearest: half an epsilon of the value.
    fn element(&self, _problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let value = f64::from(FACTOR) * f64::from(inputs[0][index]);
        Expected::new(value, value.abs(), 0.5)
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        args(FACTOR, tensors)
    }

    fn in_place(&self) -> InPlace {
        InPlace::Reversible
    }

    fn undo(&self, _problem: &Problem, tensors: &[Tensor]) -> Option<Undo> {
        Some(Undo::With(args(FACTOR.recip(), tensors)))
    }
}

fn args(factor: f32, tensors: &[Tensor]) -> Args {
    Args::from(ScaleArgs { header: ArgsHeader::of::<ScaleArgs>(), factor, reserved: 0, x: tensors[0], out: tensors[1] })
}
