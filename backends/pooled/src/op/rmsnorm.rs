//! rmsnorm: each row to mean square 1, then `gamma`.

use smbench_kernels::RowShape;
use smbench_sdk::op::{Rmsnorm, RmsnormArgs};
use smbench_sdk::{Io, Result};

use crate::Pooled;

impl Rmsnorm for Pooled {
    fn rmsnorm(&mut self, args: RmsnormArgs<'_>) -> Result {
        let (kernels, cols) = (self.kernels, args.shape.cols);
        self.pieces(args.io, cols, |_, io| {
            let shape = RowShape { rows: io.x().len() / cols, cols };
            match io {
                Io::Separate { x, out } => kernels.rmsnorm(shape, x, args.gamma, args.eps, out),
                Io::InPlace(x) => kernels.rmsnorm_in_place(shape, x, args.gamma, args.eps),
            }
        });
        Ok(())
    }
}
