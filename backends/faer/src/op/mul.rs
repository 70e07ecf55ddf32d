//! mul: `out = a ∘ b`.

use smbench_sdk::op::{Mul, MulArgs};
use smbench_sdk::{Io, Result};

use crate::Faer;

impl Mul for Faer {
    fn mul(&mut self, args: MulArgs<'_>) -> Result {
        match args.io {
            Io::Separate { x, out } => self.kernels.mul(x, args.b, out),
            Io::InPlace(x) => self.kernels.mul_in_place(x, args.b),
        }
        Ok(())
    }
}
