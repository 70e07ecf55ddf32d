//! broadcast_add: `out[i][j] = x[i][j] + row[j]`.

use smbench_sdk::Result;
use smbench_sdk::op::{BroadcastAdd, BroadcastAddArgs};

use crate::Naive;

impl BroadcastAdd for Naive {
    fn broadcast_add(&mut self, args: BroadcastAddArgs<'_>) -> Result {
        for io in args.io.rows(args.shape.cols) {
            io.zip(args.row, |x, row| x + row);
        }
        Ok(())
    }
}
