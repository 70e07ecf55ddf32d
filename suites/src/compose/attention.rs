//! Attention: in one op, or of products and a softmax for each head.

use std::ptr;

use smbench_abi::op::{AttentionArgs, MatmulArgs, ScaleArgs, SoftmaxArgs};
use smbench_abi::{ArgsHeader, DType, Tensor};
use smbench_harness::{CallError, Tap};

use super::view::part;
use super::{Ops, need};

/// `out = softmax(q·kᵀ / √head_dim) · v` for each head, causal or not.
#[derive(Clone, Copy)]
pub struct Attention {
    /// Position `i` of the queries sees keys up to `past + i`; else all of them.
    pub causal: bool,
    /// `[batch × queries × heads × head_dim]`; the last dimension has no gaps.
    pub q: Tensor,
    /// `[batch × keys × heads × head_dim]`.
    pub k: Tensor,
    /// As `k`.
    pub v: Tensor,
    /// As `q`.
    pub out: Tensor,
}

impl Attention {
    fn scale(&self) -> f32 {
        1.0 / (self.q.dims[3] as f32).sqrt()
    }
}

impl Ops<'_> {
    /// All heads: in one op where the backend has it, else head by head.
    pub fn attend(&self, tap: &mut impl Tap, attention: Attention) -> Result<(), CallError> {
        let Attention { causal, q, k, v, out } = attention;
        let Some(fused) = &self.attention else {
            let (batch, heads) = (q.dims[0] as usize, q.dims[2] as usize);
            return (0..batch * heads)
                .try_for_each(|index| self.attend_head(tap, &attention, index / heads, index % heads));
        };
        let args = AttentionArgs {
            header: ArgsHeader::of::<AttentionArgs>(),
            heads: q.dims[2] as u32,
            causal: u32::from(causal),
            past_len: k.dims[1].saturating_sub(q.dims[1]),
            scale: attention.scale(),
            reserved: 0,
            q,
            k,
            v,
            out,
        };
        tap.around("attention", || fused.call(&args))
    }

    fn attend_head(
        &self,
        tap: &mut impl Tap,
        attention: &Attention,
        sequence: usize,
        head: usize,
    ) -> Result<(), CallError> {
        let [q, k, v, out] = [&attention.q, &attention.k, &attention.v, &attention.out]
            .map(|tensor| matrix_of_head(tensor, sequence, head));
        let scores = self.acquire(tap, q.dims[0] as usize, k.dims[0] as usize)?;
        self.product(tap, "matmul scores", (q, k, true), scores)?;
        let header = ArgsHeader::of::<ScaleArgs>();
        let scaled = ScaleArgs { header, factor: attention.scale(), reserved: 0, x: scores, out: scores };
        tap.around("scale", || need(&self.scale)?.call(&scaled))?;
        let header = ArgsHeader::of::<SoftmaxArgs>();
        let causal = u32::from(attention.causal);
        let softmax = SoftmaxArgs { header, causal, reserved: 0, x: scores, out: scores };
        tap.around("softmax", || need(&self.softmax)?.call(&softmax))?;
        self.product(tap, "matmul values", (scores, v, false), out)?;
        self.release(tap, &scores);
        Ok(())
    }

    fn product(
        &self,
        tap: &mut impl Tap,
        name: &'static str,
        (a, b, trans_b): (Tensor, Tensor, bool),
        c: Tensor,
    ) -> Result<(), CallError> {
        let args = MatmulArgs {
            header: ArgsHeader::of::<MatmulArgs>(),
            trans_b: u32::from(trans_b),
            reserved: 0,
            a,
            b,
            c,
            bias: Tensor { dtype: DType::F32, ..Tensor::NONE },
            b_prepared: ptr::null(),
        };
        tap.around(name, || need(&self.matmul)?.call(&args))
    }
}

/// One head of one sequence, as a matrix with a row for each position.
fn matrix_of_head(tensor: &Tensor, sequence: usize, head: usize) -> Tensor {
    let [sequences, positions, heads, _] = tensor.strides.map(|stride| stride as usize);
    let size = [tensor.dims[1] as usize, tensor.dims[3] as usize];
    part(tensor, sequence * sequences + head * heads, size, [positions, 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::view::numbers;

    #[test]
    fn a_head_is_a_matrix_with_gaps() {
        let mut memory = [0.0_f32; 48];
        let whole = numbers(memory.as_mut_ptr(), &[2, 3, 2, 4]);
        let head = matrix_of_head(&whole, 1, 1);
        assert_eq!((head.data.addr() - whole.data.addr()) / 4, 24 + 4);
        assert_eq!((&head.dims[..2], &head.strides[..2]), (&[3, 4][..], &[8, 1][..]));
    }
}
