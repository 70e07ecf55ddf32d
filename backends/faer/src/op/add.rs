//! add: `out = a + b`.

use smbench_sdk::op::{Add, AddArgs};
use smbench_sdk::{Io, Result};

use crate::Faer;

impl Add for Faer {
    fn add(&mut self, args: AddArgs<'_>) -> Result {
        match args.io {
            Io::Separate { x, out } => self.kernels.add(x, args.b, out),
            Io::InPlace(x) => self.kernels.add_in_place(x, args.b),
        }
        Ok(())
    }
}
