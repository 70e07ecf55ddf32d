//! mul: `out = a ∘ b`.

use smbench_sdk::op::{Mul, MulArgs};
use smbench_sdk::{Io, Result, ThreadPool};

use crate::Subject;

impl Mul for Subject {
    fn mul(&mut self, args: MulArgs<'_>) -> Result {
        let kernels = self.kernels;
        self.call(args.io, ThreadPool::LINE, |first, io| match io {
            Io::Separate { x, out } => kernels.mul(x, &args.b[first..][..x.len()], out),
            Io::InPlace(x) => kernels.mul_in_place(x, &args.b[first..][..x.len()]),
        });
        Ok(())
    }
}
