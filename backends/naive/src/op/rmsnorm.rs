//! rmsnorm: `out[i][j] = x[i][j] / sqrt(mean_i(x²) + eps) · gamma[j]`.

use smbench_sdk::Result;
use smbench_sdk::op::{Rmsnorm, RmsnormArgs};

use crate::Naive;

impl Rmsnorm for Naive {
    fn rmsnorm(&mut self, args: RmsnormArgs<'_>) -> Result {
        for row in args.io.rows(args.shape.cols) {
            let mean_square = row.x().iter().map(|x| x * x).sum::<f32>() / args.shape.cols as f32;
            let root = (mean_square + args.eps).sqrt();
            row.zip(args.gamma, |x, gamma| x / root * gamma);
        }
        Ok(())
    }
}
