//! softmax: `out[i][j] = e^(x[i][j] - max_i) / Σ_j e^(x[i][j] - max_i)`.

use smbench_sdk::op::{Softmax, SoftmaxArgs};
use smbench_sdk::{Io, Result};

use crate::Naive;

impl Softmax for Naive {
    fn softmax(&mut self, args: SoftmaxArgs<'_>) -> Result {
        let SoftmaxArgs { shape, causal, io } = args;
        for (i, row) in io.rows(shape.cols).enumerate() {
            let (seen, hidden) = row.split_at(SoftmaxArgs::visible(shape, causal, i));
            softmax(seen);
            hidden.map(|_| 0.0);
        }
        Ok(())
    }
}

fn softmax(row: Io<'_>) {
    let max = row.x().iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let out = row.map(|x| (x - max).exp());
    let sum: f32 = out.iter().sum();
    out.iter_mut().for_each(|e| *e /= sum);
}
