//! relu: `out = max(x, 0)`, element by element; NaN stays NaN.

use smbench_sdk::Result;
use smbench_sdk::op::{Relu, ReluArgs};

use crate::Acme;

impl Relu for Acme {
    /// `args.io` is `x` and `out`, which may be the same memory.
    fn relu(&mut self, args: ReluArgs<'_>) -> Result {
        args.io.map(|x| if x < 0.0 { 0.0 } else { x });
        Ok(())
    }
}
