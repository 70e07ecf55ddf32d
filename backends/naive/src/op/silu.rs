//! silu: `out[i] = x[i] / (1 + e^-x[i])`.

use smbench_sdk::Result;
use smbench_sdk::op::{Silu, SiluArgs};

use crate::Naive;

impl Silu for Naive {
    fn silu(&mut self, args: SiluArgs<'_>) -> Result {
        args.io.map(|x| x / (1.0 + (-x).exp()));
        Ok(())
    }
}
