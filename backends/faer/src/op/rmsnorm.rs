//! rmsnorm: each row to mean square 1, then `gamma`.

use smbench_kernels::RowShape;
use smbench_sdk::op::{Rmsnorm, RmsnormArgs};
use smbench_sdk::{Io, Result};

use crate::Faer;

impl Rmsnorm for Faer {
    fn rmsnorm(&mut self, args: RmsnormArgs<'_>) -> Result {
        let shape = RowShape { rows: args.shape.rows, cols: args.shape.cols };
        match args.io {
            Io::Separate { x, out } => self.kernels.rmsnorm(shape, x, args.gamma, args.eps, out),
            Io::InPlace(x) => self.kernels.rmsnorm_in_place(shape, x, args.gamma, args.eps),
        }
        Ok(())
    }
}
