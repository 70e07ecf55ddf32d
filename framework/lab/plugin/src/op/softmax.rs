//! softmax: row by row, all columns.

use smbench_kernels::RowShape;
use smbench_sdk::op::{Softmax, SoftmaxArgs};
use smbench_sdk::{Error, Io, Result};

use crate::Subject;

impl Softmax for Subject {
    fn softmax(&mut self, args: SoftmaxArgs<'_>) -> Result {
        if args.causal {
            return Err(Error::unsupported("causal softmax"));
        }
        let (kernels, cols) = (self.kernels, args.shape.cols);
        self.call(args.io, cols, |_, io| {
            let shape = RowShape { rows: io.x().len() / cols, cols };
            match io {
                Io::Separate { x, out } => kernels.softmax(shape, x, out),
                Io::InPlace(x) => kernels.softmax_in_place(shape, x),
            }
        });
        Ok(())
    }
}
