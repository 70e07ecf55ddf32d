//! scale: `out = factor · x`.

use smbench_sdk::op::{Scale, ScaleArgs};
use smbench_sdk::{Io, Result};

use crate::Subject;
use crate::share::LINE;

impl Scale for Subject {
    fn scale(&mut self, args: ScaleArgs<'_>) -> Result {
        let kernels = self.kernels;
        self.call(args.io, LINE, |_, io| match io {
            Io::Separate { x, out } => kernels.scale(args.factor, x, out),
            Io::InPlace(x) => kernels.scale_in_place(args.factor, x),
        });
        Ok(())
    }
}
