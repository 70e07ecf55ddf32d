//! layernorm: each row to mean 0 and variance 1, then `gamma` and `beta`.

use smbench_kernels::{Norm, RowShape};
use smbench_sdk::op::{Layernorm, LayernormArgs};
use smbench_sdk::{Io, Result};

use crate::Subject;

impl Layernorm for Subject {
    fn layernorm(&mut self, args: LayernormArgs<'_>) -> Result {
        let (kernels, cols) = (self.kernels, args.shape.cols);
        let norm = Norm { gamma: args.gamma, beta: args.beta, eps: args.eps };
        self.call(args.io, cols, |_, io| {
            let shape = RowShape { rows: io.x().len() / cols, cols };
            match io {
                Io::Separate { x, out } => kernels.layernorm(shape, x, norm, out),
                Io::InPlace(x) => kernels.layernorm_in_place(shape, x, norm),
            }
        });
        Ok(())
    }
}
