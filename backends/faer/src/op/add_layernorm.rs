//! add_layernorm: `sum = x + residual; out = layernorm(sum)` in one pass over memory.

use smbench_kernels::{Norm, RowShape};
use smbench_sdk::op::{AddLayernorm, AddLayernormArgs};
use smbench_sdk::{Io, Result};

use crate::Faer;

impl AddLayernorm for Faer {
    fn add_layernorm(&mut self, args: AddLayernormArgs<'_>) -> Result {
        let AddLayernormArgs { shape, eps, io, residual, gamma, beta, out } = args;
        let shape = RowShape { rows: shape.rows, cols: shape.cols };
        let norm = Norm { gamma, beta, eps };
        match io {
            Io::Separate { x, out: sum } => self.kernels.add_layernorm(shape, [x, residual], norm, sum, out),
            Io::InPlace(sum) => self.kernels.add_layernorm_in_place(shape, sum, residual, norm, out),
        }
        Ok(())
    }
}
