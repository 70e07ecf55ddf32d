//! broadcast_add: `out[i] = x[i] + row`, row by row.

use smbench_kernels::RowShape;
use smbench_sdk::op::{BroadcastAdd, BroadcastAddArgs};
use smbench_sdk::{Io, Result};

use crate::Faer;

impl BroadcastAdd for Faer {
    fn broadcast_add(&mut self, args: BroadcastAddArgs<'_>) -> Result {
        let shape = RowShape { rows: args.shape.rows, cols: args.shape.cols };
        match args.io {
            Io::Separate { x, out } => self.kernels.broadcast_add(shape, x, args.row, out),
            Io::InPlace(x) => self.kernels.broadcast_add_in_place(shape, x, args.row),
        }
        Ok(())
    }
}
