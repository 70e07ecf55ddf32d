//! broadcast_add: `out[i] = x[i] + row`, row by row.

use smbench_kernels::RowShape;
use smbench_sdk::op::{BroadcastAdd, BroadcastAddArgs};
use smbench_sdk::{Io, Result};

use crate::Pooled;

impl BroadcastAdd for Pooled {
    fn broadcast_add(&mut self, args: BroadcastAddArgs<'_>) -> Result {
        let (kernels, cols) = (self.kernels, args.shape.cols);
        self.pieces(args.io, cols, |_, io| {
            let shape = RowShape { rows: io.x().len() / cols, cols };
            match io {
                Io::Separate { x, out } => kernels.broadcast_add(shape, x, args.row, out),
                Io::InPlace(x) => kernels.broadcast_add_in_place(shape, x, args.row),
            }
        });
        Ok(())
    }
}
