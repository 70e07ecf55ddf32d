//! add_layernorm: `sum = x + residual; out = layernorm(sum)`.

use smbench_sdk::op::{AddLayernorm, AddLayernormArgs, Layernorm, LayernormArgs};
use smbench_sdk::{Io, Result};

use crate::Naive;

impl AddLayernorm for Naive {
    fn add_layernorm(&mut self, args: AddLayernormArgs<'_>) -> Result {
        let AddLayernormArgs { shape, eps, io, residual, gamma, beta, out } = args;
        let x = io.zip(residual, |x, residual| x + residual);
        self.layernorm(LayernormArgs { shape, eps, io: Io::Separate { x, out }, gamma, beta })
    }
}
