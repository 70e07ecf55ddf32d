//! silu: `out = x / (1 + e^-x)`.

use smbench_sdk::op::{Silu, SiluArgs};
use smbench_sdk::{Io, Result, ThreadPool};

use crate::Pooled;

impl Silu for Pooled {
    fn silu(&mut self, args: SiluArgs<'_>) -> Result {
        let kernels = self.kernels;
        self.pieces(args.io, ThreadPool::LINE, |_, io| match io {
            Io::Separate { x, out } => kernels.silu(x, out),
            Io::InPlace(x) => kernels.silu_in_place(x),
        });
        Ok(())
    }
}
