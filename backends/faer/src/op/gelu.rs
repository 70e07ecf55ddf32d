//! gelu: by the tanh or the erf formula.

use smbench_sdk::op::{Gelu, GeluArgs, GeluForm};
use smbench_sdk::{Io, Result};

use crate::Faer;

impl Gelu for Faer {
    fn gelu(&mut self, args: GeluArgs<'_>) -> Result {
        match (args.form, args.io) {
            (GeluForm::Tanh, Io::Separate { x, out }) => self.kernels.gelu_tanh(x, out),
            (GeluForm::Tanh, Io::InPlace(x)) => self.kernels.gelu_tanh_in_place(x),
            (GeluForm::Erf, Io::Separate { x, out }) => self.kernels.gelu_erf(x, out),
            (GeluForm::Erf, Io::InPlace(x)) => self.kernels.gelu_erf_in_place(x),
        }
        Ok(())
    }
}
