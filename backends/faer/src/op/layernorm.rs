//! layernorm: each row to mean 0 and variance 1, then `gamma` and `beta`.

use smbench_kernels::{Norm, RowShape};
use smbench_sdk::op::{Layernorm, LayernormArgs};
use smbench_sdk::{Io, Result};

use crate::Faer;

impl Layernorm for Faer {
    fn layernorm(&mut self, args: LayernormArgs<'_>) -> Result {
        let shape = RowShape { rows: args.shape.rows, cols: args.shape.cols };
        let norm = Norm { gamma: args.gamma, beta: args.beta, eps: args.eps };
        match args.io {
            Io::Separate { x, out } => self.kernels.layernorm(shape, x, norm, out),
            Io::InPlace(x) => self.kernels.layernorm_in_place(shape, x, norm),
        }
        Ok(())
    }
}
