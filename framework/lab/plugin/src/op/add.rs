//! add: `out = a + b`.

use smbench_sdk::op::{Add, AddArgs};
use smbench_sdk::{Io, Result, ThreadPool};

use crate::Subject;

impl Add for Subject {
    fn add(&mut self, args: AddArgs<'_>) -> Result {
        let kernels = self.kernels;
        self.call(args.io, ThreadPool::LINE, |first, io| match io {
            Io::Separate { x, out } => kernels.add(x, &args.b[first..][..x.len()], out),
            Io::InPlace(x) => kernels.add_in_place(x, &args.b[first..][..x.len()]),
        });
        Ok(())
    }
}
