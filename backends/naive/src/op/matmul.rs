//! matmul: `c[i][j] = bias[j] + Σ_k a[i][k] · b[k][j]`.

use smbench_sdk::Result;
use smbench_sdk::op::{Matmul, MatmulArgs};

use crate::Naive;

impl Matmul for Naive {
    fn matmul(&mut self, args: MatmulArgs<'_>) -> Result {
        if args.trans_b {
            i_j_k(args)
        } else {
            i_k_j(args)
        }
        Ok(())
    }
}

/// The innermost loop runs along rows of `b` and `c`.
fn i_k_j(args: MatmulArgs<'_>) {
    let MatmulArgs { shape, a, b, mut c, bias, .. } = args;
    for i in 0..shape.m {
        let c = c.row(i);
        match bias {
            Some(bias) => c.copy_from_slice(bias),
            None => c.fill(0.0),
        }
        for (k, &a) in a.row(i).iter().enumerate() {
            for (c, &b) in c.iter_mut().zip(b.row(k)) {
                *c += a * b;
            }
        }
    }
}

/// The innermost loop runs along rows of `a` and of `b`, which is stored transposed.
fn i_j_k(args: MatmulArgs<'_>) {
    let MatmulArgs { shape, a, b, mut c, bias, .. } = args;
    for i in 0..shape.m {
        for j in 0..shape.n {
            let mut sum = bias.map_or(0.0, |bias| bias[j]);
            for (&a, &b) in a.row(i).iter().zip(b.row(j)) {
                sum += a * b;
            }
            c.row(i)[j] = sum;
        }
    }
}
