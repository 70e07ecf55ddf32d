//! attention: `out = softmax(scale · q·kᵀ + mask) · v` per head (Vaswani et al. 2017, arXiv:1706.03762).

use smbench_abi::op as raw;

use super::switch;
use crate::{AttentionShape, Backend, Error, Heads, HeadsMut, Op, OpEntry, Operand, Result};

/// `out = softmax(scale · q·kᵀ + mask) · v` per head.
pub trait Attention {
    /// Overwrites the output.
    fn attention(&mut self, args: AttentionArgs<'_>) -> Result;
}

/// Operands of [`Attention`]. `q`, `k` and `v` may be slices of one matrix.
pub struct AttentionArgs<'a> {
    /// Sizes of all operands.
    pub shape: AttentionShape,
    /// Query `i` sees keys `j <= past_len + i` only.
    pub causal: bool,
    /// Keys that precede the first query.
    pub past_len: usize,
    /// Factor of the products of queries and keys.
    pub scale: f32,
    /// `[batch × queries × heads × head_dim]`.
    pub q: Heads<'a>,
    /// `[batch × keys × kv_heads × head_dim]`.
    pub k: Heads<'a>,
    /// Shape of `k`.
    pub v: Heads<'a>,
    /// Shape of `q`.
    pub out: HeadsMut<'a>,
}

impl AttentionArgs<'_> {
    /// How many keys query `i` sees, at least one.
    pub fn visible(&self, i: usize) -> usize {
        let keys = self.shape.keys;
        if self.causal { self.past_len.saturating_add(i + 1).min(keys) } else { keys }
    }

    /// The head of `k` and `v` that head `h` of `q` looks at: neighbours share one (Ainslie et al. 2023,
    /// arXiv:2305.13245).
    pub fn kv_head(&self, h: usize) -> usize {
        h / (self.shape.heads / self.shape.kv_heads)
    }
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + Attention>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: Attention> Op<B> for Shim {
    type Args = raw::AttentionArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::AttentionArgs) -> Result {
        let causal = switch("causal", args.causal)?;
        let q = Operand::heads("q", &args.q)?;
        let k = Operand::heads("k", &args.k)?;
        let v = Operand::heads("v", &args.v)?.shaped_like(&k)?;
        let shape = shape(&q, &k, args.heads)?;
        let out = Operand::heads("out", &args.out)?.shaped_like(&q)?.without_overlap()?;
        let out = [&q, &k, &v].into_iter().try_fold(out, |out, input| out.apart_from(input))?;
        // SAFETY: the caller vouches for the memory; `out` is apart from the rest, which is only read.
        let args = unsafe {
            AttentionArgs {
                shape,
                causal,
                past_len: usize::try_from(args.past_len).unwrap_or(usize::MAX),
                scale: args.scale,
                q: q.heads_ref(),
                k: k.heads_ref(),
                v: v.heads_ref(),
                out: out.heads_mut(),
            }
        };
        backend.attention(args)
    }
}

/// The sizes, if those of `q` and `k` go together.
fn shape(q: &Operand<'_>, k: &Operand<'_>, heads: u32) -> Result<AttentionShape> {
    let (of_q, of_k) = (q.heads_shape(), k.heads_shape());
    if heads as usize != of_q.heads {
        return Err(Error::invalid(format!("`heads` is {heads}, but `q` has {}", of_q.heads)));
    }
    let fits = of_q.batch == of_k.batch && of_q.head_dim == of_k.head_dim && of_q.heads.is_multiple_of(of_k.heads);
    if !fits {
        return Err(q.not_attending(k));
    }
    Ok(AttentionShape {
        batch: of_q.batch,
        queries: of_q.len,
        keys: of_k.len,
        heads: of_q.heads,
        kv_heads: of_k.heads,
        head_dim: of_q.head_dim,
    })
}
