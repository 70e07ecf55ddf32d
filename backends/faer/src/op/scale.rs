//! scale: `out = factor · x`.

use smbench_sdk::op::{Scale, ScaleArgs};
use smbench_sdk::{Io, Result};

use crate::Faer;

impl Scale for Faer {
    fn scale(&mut self, args: ScaleArgs<'_>) -> Result {
        match args.io {
            Io::Separate { x, out } => self.kernels.scale(args.factor, x, out),
            Io::InPlace(x) => self.kernels.scale_in_place(args.factor, x),
        }
        Ok(())
    }
}
