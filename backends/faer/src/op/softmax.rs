//! softmax: row by row.

use smbench_kernels::RowShape;
use smbench_sdk::op::{Softmax, SoftmaxArgs};
use smbench_sdk::{Io, Result};

use crate::Faer;

impl Softmax for Faer {
    fn softmax(&mut self, args: SoftmaxArgs<'_>) -> Result {
        let shape = RowShape { rows: args.shape.rows, cols: args.shape.cols };
        match (args.causal, args.io) {
            (false, Io::Separate { x, out }) => self.kernels.softmax(shape, x, out),
            (false, Io::InPlace(x)) => self.kernels.softmax_in_place(shape, x),
            (true, Io::Separate { x, out }) => self.kernels.softmax_causal(shape, x, out),
            (true, Io::InPlace(x)) => self.kernels.softmax_causal_in_place(shape, x),
        }
        Ok(())
    }
}
