//! softmax: row by row.

use smbench_kernels::RowShape;
use smbench_sdk::op::{Softmax, SoftmaxArgs};
use smbench_sdk::{Io, Result};

use crate::Pooled;

impl Softmax for Pooled {
    fn softmax(&mut self, args: SoftmaxArgs<'_>) -> Result {
        if args.causal {
            self.causal(args)
        } else {
            self.full(args)
        }
        Ok(())
    }
}

impl Pooled {
    fn full(&mut self, args: SoftmaxArgs<'_>) {
        let (kernels, cols) = (self.kernels, args.shape.cols);
        self.pieces(args.io, cols, |_, io| {
            let shape = RowShape { rows: io.x().len() / cols, cols };
            match io {
                Io::Separate { x, out } => kernels.softmax(shape, x, out),
                Io::InPlace(x) => kernels.softmax_in_place(shape, x),
            }
        });
    }

    /// On one thread: what a row sees depends on how many rows there are in all.
    fn causal(&mut self, args: SoftmaxArgs<'_>) {
        self.used = 1;
        let shape = RowShape { rows: args.shape.rows, cols: args.shape.cols };
        match args.io {
            Io::Separate { x, out } => self.kernels.softmax_causal(shape, x, out),
            Io::InPlace(x) => self.kernels.softmax_causal_in_place(shape, x),
        }
    }
}
