//! add_layernorm: `sum = x + residual; out = layernorm(sum)` in one pass over memory, on one thread: its two outputs
//! would have to be cut up together.

use smbench_kernels::{Norm, RowShape};
use smbench_sdk::op::{AddLayernorm, AddLayernormArgs};
use smbench_sdk::{Io, Result};

use crate::Pooled;

impl AddLayernorm for Pooled {
    fn add_layernorm(&mut self, args: AddLayernormArgs<'_>) -> Result {
        let AddLayernormArgs { shape, eps, io, residual, gamma, beta, out } = args;
        let shape = RowShape { rows: shape.rows, cols: shape.cols };
        let norm = Norm { gamma, beta, eps };
        self.used = 1;
        match io {
            Io::Separate { x, out: sum } => self.kernels.add_layernorm(shape, [x, residual], norm, sum, out),
            Io::InPlace(sum) => self.kernels.add_layernorm_in_place(shape, sum, residual, norm, out),
        }
        Ok(())
    }
}
