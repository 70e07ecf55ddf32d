//! relu: `out[i] = max(x[i], 0)`, where NaN stays NaN.

use smbench_sdk::Result;
use smbench_sdk::op::{Relu, ReluArgs};

use crate::Naive;

impl Relu for Naive {
    fn relu(&mut self, args: ReluArgs<'_>) -> Result {
        args.io.map(|x| if x < 0.0 { 0.0 } else { x });
        Ok(())
    }
}
