//! layernorm: `out[i][j] = (x[i][j] - mean_i) / sqrt(var_i + eps) · gamma[j] + beta[j]`.

use smbench_sdk::op::{Layernorm, LayernormArgs};
use smbench_sdk::{Io, Result};

use crate::Naive;

impl Layernorm for Naive {
    fn layernorm(&mut self, args: LayernormArgs<'_>) -> Result {
        for row in args.io.rows(args.shape.cols) {
            let out = normalise(row, args.eps);
            for ((out, gamma), beta) in out.iter_mut().zip(args.gamma).zip(args.beta) {
                *out = *out * gamma + beta;
            }
        }
        Ok(())
    }
}

/// `(x - mean) / sqrt(var + eps)`.
fn normalise(row: Io<'_>, eps: f32) -> &mut [f32] {
    let x = row.x();
    let mean = x.iter().sum::<f32>() / x.len() as f32;
    let var = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / x.len() as f32;
    let deviation = (var + eps).sqrt();
    row.map(|x| (x - mean) / deviation)
}
