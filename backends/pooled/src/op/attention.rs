//! attention: head by head, on one thread.

use smbench_kernels::{Attention as Problem, AttentionShape, HeadStrides, Heads};
use smbench_sdk::op::{Attention, AttentionArgs};
use smbench_sdk::{HeadsStrides, Result};

use crate::Pooled;

impl Attention for Pooled {
    fn attention(&mut self, args: AttentionArgs<'_>) -> Result {
        let AttentionArgs { shape, causal, past_len, scale, q, k, v, mut out } = args;
        let problem = Problem {
            shape: AttentionShape {
                batch: shape.batch,
                queries: shape.queries,
                keys: shape.keys,
                heads: shape.heads,
                kv_heads: shape.kv_heads,
                head_dim: shape.head_dim,
            },
            q: view(&q),
            k: view(&k),
            v: view(&v),
            scale,
            past_len: causal.then_some(past_len),
        };
        let strides = strides(out.strides());
        self.used = 1;
        self.kernels.attention(&problem, out.data(), strides, &mut self.attention);
        Ok(())
    }
}

fn view<'a>(heads: &smbench_sdk::Heads<'a>) -> Heads<'a> {
    Heads { data: heads.data(), strides: strides(heads.strides()) }
}

fn strides(strides: HeadsStrides) -> HeadStrides {
    HeadStrides { batch: strides.batch, position: strides.position, head: strides.head }
}
