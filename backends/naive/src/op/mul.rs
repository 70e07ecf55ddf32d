//! mul: `out[i] = a[i] · b[i]`.

use smbench_sdk::Result;
use smbench_sdk::op::{Mul, MulArgs};

use crate::Naive;

impl Mul for Naive {
    fn mul(&mut self, args: MulArgs<'_>) -> Result {
        args.io.zip(args.b, |a, b| a * b);
        Ok(())
    }
}
