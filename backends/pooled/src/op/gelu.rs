//! gelu: by the tanh or the erf formula.

use smbench_sdk::op::{Gelu, GeluArgs, GeluForm};
use smbench_sdk::{Io, Result, ThreadPool};

use crate::Pooled;

impl Gelu for Pooled {
    fn gelu(&mut self, args: GeluArgs<'_>) -> Result {
        let kernels = self.kernels;
        self.pieces(args.io, ThreadPool::LINE, |_, io| match (args.form, io) {
            (GeluForm::Tanh, Io::Separate { x, out }) => kernels.gelu_tanh(x, out),
            (GeluForm::Tanh, Io::InPlace(x)) => kernels.gelu_tanh_in_place(x),
            (GeluForm::Erf, Io::Separate { x, out }) => kernels.gelu_erf(x, out),
            (GeluForm::Erf, Io::InPlace(x)) => kernels.gelu_erf_in_place(x),
        });
        Ok(())
    }
}
