//! scale: `out[i] = factor · x[i]`.

use smbench_sdk::Result;
use smbench_sdk::op::{Scale, ScaleArgs};

use crate::Naive;

impl Scale for Naive {
    fn scale(&mut self, args: ScaleArgs<'_>) -> Result {
        args.io.map(|x| args.factor * x);
        Ok(())
    }
}
