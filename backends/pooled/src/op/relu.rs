//! relu: `out = max(x, 0)`.

use smbench_sdk::op::{Relu, ReluArgs};
use smbench_sdk::{Io, Result, ThreadPool};

use crate::Pooled;

impl Relu for Pooled {
    fn relu(&mut self, args: ReluArgs<'_>) -> Result {
        let kernels = self.kernels;
        self.pieces(args.io, ThreadPool::LINE, |_, io| match io {
            Io::Separate { x, out } => kernels.relu(x, out),
            Io::InPlace(x) => kernels.relu_in_place(x),
        });
        Ok(())
    }
}
