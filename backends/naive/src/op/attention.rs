//! attention: `out[i] = Σ_j p[i][j] · v[j]`, `p[i] = softmax_j(scale · q[i]·k[j])` over the keys that query `i` sees.

use smbench_sdk::Result;
use smbench_sdk::op::{Attention, AttentionArgs};

use crate::Naive;

impl Attention for Naive {
    fn attention(&mut self, mut args: AttentionArgs<'_>) -> Result {
        let mut scores = vec![0.0; args.shape.keys];
        for b in 0..args.shape.batch {
            for h in 0..args.shape.heads {
                for i in 0..args.shape.queries {
                    let seen = args.visible(i);
                    query(&mut args, [b, i, h], &mut scores[..seen]);
                }
            }
        }
        Ok(())
    }
}

/// One query of one head; there is a score for each key that it sees.
fn query(args: &mut AttentionArgs<'_>, [b, i, h]: [usize; 3], scores: &mut [f32]) {
    let (q, kv_head) = (args.q.head(b, i, h), args.kv_head(h));
    for (j, score) in scores.iter_mut().enumerate() {
        let products = q.iter().zip(args.k.head(b, j, kv_head)).map(|(q, k)| q * k);
        *score = args.scale * products.sum::<f32>();
    }
    let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - max).exp());
    let sum: f32 = scores.iter().sum();

    let out = args.out.head(b, i, h);
    out.fill(0.0);
    for (j, weight) in scores.iter().enumerate() {
        for (out, v) in out.iter_mut().zip(args.v.head(b, j, kv_head)) {
            *out += weight / sum * v;
        }
    }
}
