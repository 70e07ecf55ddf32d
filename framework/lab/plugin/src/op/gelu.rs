//! gelu: by the tanh formula, in which the vector kernels are fastest.

use smbench_sdk::op::{Gelu, GeluArgs, GeluForm};
use smbench_sdk::{Error, Io, Result, ThreadPool};

use crate::Subject;

impl Gelu for Subject {
    fn gelu(&mut self, args: GeluArgs<'_>) -> Result {
        let (GeluForm::Tanh, kernels) = (args.form, self.kernels) else {
            return Err(Error::unsupported("gelu by the erf formula"));
        };
        self.call(args.io, ThreadPool::LINE, |_, io| match io {
            Io::Separate { x, out } => kernels.gelu_tanh(x, out),
            Io::InPlace(x) => kernels.gelu_tanh_in_place(x),
        });
        Ok(())
    }
}
