//! scale: `out = factor · x`.

use smbench_sdk::op::{Scale, ScaleArgs};
use smbench_sdk::{Io, Result, ThreadPool};

use crate::Pooled;

impl Scale for Pooled {
    fn scale(&mut self, args: ScaleArgs<'_>) -> Result {
        let kernels = self.kernels;
        self.pieces(args.io, ThreadPool::LINE, |_, io| match io {
            Io::Separate { x, out } => kernels.scale(args.factor, x, out),
            Io::InPlace(x) => kernels.scale_in_place(args.factor, x),
        });
        Ok(())
    }
}
