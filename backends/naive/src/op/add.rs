//! add: `out[i] = a[i] + b[i]`.

use smbench_sdk::Result;
use smbench_sdk::op::{Add, AddArgs};

use crate::Naive;

impl Add for Naive {
    fn add(&mut self, args: AddArgs<'_>) -> Result {
        args.io.zip(args.b, |a, b| a + b);
        Ok(())
    }
}
