//! silu: `out = x / (1 + e^-x)` (swish with β = 1; Elfwing et al. 2017, arXiv:1702.03118), element by element.

use core::ffi::CStr;

use smbench_abi::op::SiluArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Cost, Expected, Fill, Op, Operand, Problem};

/// SiLU; a size is a number of elements.
pub struct Silu;

impl Op for Silu {
    fn name(&self) -> &'static str {
        "silu"
    }

    fn id(&self) -> &'static CStr {
        SiluArgs::ID
    }

    fn formula(&self) -> &'static str {
        "out = x / (1 + e^-x)"
    }

    fn dims(&self) -> &'static [&'static str] {
        &["n"]
    }

    fn check_sizes(&self) -> &'static [&'static [usize]] {
        &[&[1], &[7], &[16], &[33], &[1000], &[4099]]
    }

    fn problem(&self, size: &[usize]) -> Problem {
        // At -10 what is left of x is e^-10 of it: both tails are there.
        let x = Operand::new("x", size).filled(Fill::Range(10.0));
        let flops = (Cost::TRANSCENDENTAL + 3) * size[0] as u64;
        Problem::new(size, vec![x], vec![Operand::new("out", size)], flops)
    }

    /// As gelu: 16 epsilons of the value, but at least of 1, so that a sigmoid made of a tanh, which has only
    /// an absolute error in the negative tail, is right too. (Far out there `e^-x` overflows: the value is 0.)
    fn element(&self, _problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let x = f64::from(inputs[0][index]);
        let value = x / (1.0 + (-x).exp());
        Expected::new(value, value.abs().max(1.0), 16.0)
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        Args::from(SiluArgs { header: ArgsHeader::of::<SiluArgs>(), x: tensors[0], out: tensors[1] })
    }
}
