//! gelu: `x/2 · (1 + tanh(sqrt(2/π) · (x + 0.044715 x³)))`, or `x/2 · (1 + erf(x / sqrt 2))`.

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use smbench_sdk::Result;
use smbench_sdk::op::{Gelu, GeluArgs, GeluForm};

use crate::Naive;

impl Gelu for Naive {
    fn gelu(&mut self, args: GeluArgs<'_>) -> Result {
        match args.form {
            GeluForm::Tanh => args.io.map(tanh_form),
            GeluForm::Erf => args.io.map(erf_form),
        };
        Ok(())
    }
}

fn tanh_form(x: f32) -> f32 {
    const SQRT_2_OVER_PI: f32 = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
    0.5 * x * (1.0 + (SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)).tanh())
}

fn erf_form(x: f32) -> f32 {
    0.5 * x * (1.0 + libm::erff(x * FRAC_1_SQRT_2))
}
