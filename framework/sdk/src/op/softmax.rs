//! softmax: `out[i,j] = e^(x[i,j] - max_i) / Σ_j e^(x[i,j] - max_i)` over the last dimension.

use smbench_abi::op as raw;

use super::switch;
use crate::{Backend, Error, Io, Op, OpEntry, Operand, Result, RowShape};

/// `out[i,j] = e^(x[i,j] - max_i) / Σ_j e^(x[i,j] - max_i)` over the last dimension.
pub trait Softmax {
    /// Overwrites the output.
    fn softmax(&mut self, args: SoftmaxArgs<'_>) -> Result;
}

/// Operands of [`Softmax`].
pub struct SoftmaxArgs<'a> {
    /// Of `x` and `out`; `cols >= rows` where it is causal.
    pub shape: RowShape,
    /// Row `i` sees columns `j <= i + cols - rows`, the others become 0.
    pub causal: bool,
    /// `x` and `out`.
    pub io: Io<'a>,
}

impl SoftmaxArgs<'_> {
    /// How many columns row `i` sees.
    pub fn visible(shape: RowShape, causal: bool, i: usize) -> usize {
        if causal { i + 1 + shape.cols - shape.rows } else { shape.cols }
    }
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + Softmax>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: Softmax> Op<B> for Shim {
    type Args = raw::SoftmaxArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::SoftmaxArgs) -> Result {
        let causal = switch("causal", args.causal)?;
        let x = Operand::contiguous("x", &args.x)?;
        let shape = x.rows()?;
        if causal && shape.cols < shape.rows {
            return Err(Error::invalid("a causal softmax with more rows than columns has rows that see nothing"));
        }
        let out = Operand::contiguous("out", &args.out)?;
        // SAFETY: the caller vouches for the memory.
        let io = unsafe { x.into_io(out)? };
        backend.softmax(SoftmaxArgs { shape, causal, io })
    }
}
