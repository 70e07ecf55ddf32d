//! rmsnorm: `out = x / sqrt(mean(x²) + eps) · gamma` over the last dimension (Zhang & Sennrich 2019, arXiv:1910.07467).

use smbench_abi::op as raw;

use crate::{Backend, Io, Op, OpEntry, Operand, Result, RowShape};

/// `out = x / sqrt(mean(x²) + eps) · gamma` over the last dimension.
pub trait Rmsnorm {
    /// Overwrites the output.
    fn rmsnorm(&mut self, args: RmsnormArgs<'_>) -> Result;
}

/// Operands of [`Rmsnorm`].
pub struct RmsnormArgs<'a> {
    /// Of `x` and `out`.
    pub shape: RowShape,
    /// Added to the mean square.
    pub eps: f32,
    /// `x` and `out`.
    pub io: Io<'a>,
    /// `[cols]`.
    pub gamma: &'a [f32],
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + Rmsnorm>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: Rmsnorm> Op<B> for Shim {
    type Args = raw::RmsnormArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::RmsnormArgs) -> Result {
        let x = Operand::contiguous("x", &args.x)?;
        let shape = x.rows()?;
        let gamma = Operand::vector("gamma", &args.gamma, shape.cols)?;
        let out = Operand::contiguous("out", &args.out)?.apart_from(&gamma)?;
        // SAFETY: the caller vouches for the memory; `out` is apart from `gamma`.
        let args = unsafe { RmsnormArgs { shape, eps: args.eps, io: x.into_io(out)?, gamma: gamma.slice() } };
        backend.rmsnorm(args)
    }
}
