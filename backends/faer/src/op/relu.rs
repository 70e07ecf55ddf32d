//! relu: `out = max(x, 0)`.

use smbench_sdk::op::{Relu, ReluArgs};
use smbench_sdk::{Io, Result};

use crate::Faer;

impl Relu for Faer {
    fn relu(&mut self, args: ReluArgs<'_>) -> Result {
        match args.io {
            Io::Separate { x, out } => self.kernels.relu(x, out),
            Io::InPlace(x) => self.kernels.relu_in_place(x),
        }
        Ok(())
    }
}
