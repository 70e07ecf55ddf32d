//! relu: `out = max(x, 0)`, element by element; NaN stays NaN. One loop, compiled for each tier.

use smbench_sdk::op::{Relu, ReluArgs};
use smbench_sdk::{Io, Result, ThreadPool};

use crate::ThirdParty;
use crate::tier::Tier;

impl Relu for ThirdParty {
    fn relu(&mut self, args: ReluArgs<'_>) -> Result {
        let (tier, unit) = (self.tier, self.unit(args.io.x().len(), ThreadPool::LINE));
        self.took = self.threads.share(args.io, unit, |_, piece| match tier {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the tier is offered where the machine has it.
            Tier::Avx2 => unsafe { relu_avx2(piece) },
            _ => relu(piece),
        });
        Ok(())
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn relu_avx2(io: Io<'_>) {
    relu(io);
}

/// Loops, not a closure: that would not be compiled for the tier.
#[inline(always)]
fn relu(io: Io<'_>) {
    match io {
        Io::Separate { x, out } => {
            for (out, &x) in out.iter_mut().zip(x) {
                *out = if x < 0.0 { 0.0 } else { x };
            }
        }
        Io::InPlace(x) => {
            for x in x {
                *x = if *x < 0.0 { 0.0 } else { *x };
            }
        }
    }
}
