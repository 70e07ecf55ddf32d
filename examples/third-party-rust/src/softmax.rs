//! softmax: `out[i,j] = e^(x[i,j] - max_i) / Σ_j e^(x[i,j] - max_i)`. Rows are shared between threads.

use smbench_sdk::op::{Softmax, SoftmaxArgs};
use smbench_sdk::{Error, Result};

use crate::ThirdParty;

impl Softmax for ThirdParty {
    fn softmax(&mut self, args: SoftmaxArgs<'_>) -> Result {
        if args.causal {
            return Err(Error::unsupported("causal softmax"));
        }
        let cols = args.shape.cols;
        let unit = self.unit(args.io.x().len(), cols);
        self.took = self.threads.share(args.io, unit, |_, piece| {
            for row in piece.rows(cols) {
                let max = row.x().iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let out = row.map(|x| (x - max).exp());
                let sum: f32 = out.iter().sum();
                out.iter_mut().for_each(|e| *e /= sum);
            }
        });
        Ok(())
    }
}
