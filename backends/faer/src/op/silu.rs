//! silu: `out = x / (1 + e^-x)`.

use smbench_sdk::op::{Silu, SiluArgs};
use smbench_sdk::{Io, Result};

use crate::Faer;

impl Silu for Faer {
    fn silu(&mut self, args: SiluArgs<'_>) -> Result {
        match args.io {
            Io::Separate { x, out } => self.kernels.silu(x, out),
            Io::InPlace(x) => self.kernels.silu_in_place(x),
        }
        Ok(())
    }
}
