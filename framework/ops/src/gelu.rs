//! gelu: Gaussian error linear unit, in its tanh and its erf form (Hendrycks & Gimpel 2016, arXiv:1606.08415).

use core::ffi::CStr;

use smbench_abi::op::{GeluArgs, GeluForm};
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Cost, Expected, Fill, Op, Operand, Problem};

/// GELU; a size is a number of elements.
pub struct Gelu {
    form: GeluForm,
}

/// The form that GPT-2 uses.
pub const GELU_TANH: Gelu = Gelu { form: GeluForm::TANH };

/// The form by definition.
pub const GELU_ERF: Gelu = Gelu { form: GeluForm::ERF };

impl Op for Gelu {
    fn name(&self) -> &'static str {
        if self.form == GeluForm::TANH { "gelu_tanh" } else { "gelu_erf" }
    }

    fn id(&self) -> &'static CStr {
        GeluArgs::ID
    }

    fn formula(&self) -> &'static str {
        match self.form {
            GeluForm::TANH => "out = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))",
            _ => "out = x/2 · (1 + erf(x/√2))",
        }
    }

    fn dims(&self) -> &'static [&'static str] {
        &["n"]
    }

    fn check_sizes(&self) -> &'static [&'static [usize]] {
        &[&[1], &[7], &[16], &[33], &[1000], &[4099]]
    }

    fn problem(&self, size: &[usize]) -> Problem {
        // ±6 covers both tails, where naive formulas cancel.
        let x = Operand::new("x", size).filled(Fill::Range(6.0));
        let flops = (Cost::TRANSCENDENTAL + 8) * size[0] as u64;
        Problem::new(size, vec![x], vec![Operand::new("out", size)], flops)
    }

    /// 2e-6 absolute over the usual range, and 16 roundings of the value beyond: the best kernels
    /// reach 5e-7, a popular fast tanh is off by 1e-1.
    fn element(&self, _problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let x = f64::from(inputs[0][index]);
        let value = match self.form {
            GeluForm::TANH => {
                let inner = (2.0 / core::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
                0.5 * x * (1.0 + inner.tanh())
            }
            _ => 0.5 * x * libm::erfc(-x / core::f64::consts::SQRT_2),
        };
        Expected::new(value, value.abs().max(1.0), 16.0)
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        Args::from(GeluArgs {
            header: ArgsHeader::of::<GeluArgs>(),
            form: self.form,
            reserved: 0,
            x: tensors[0],
            out: tensors[1],
        })
    }
}
