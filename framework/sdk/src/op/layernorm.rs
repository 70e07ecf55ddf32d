//! layernorm: `out = (x - mean) / sqrt(var + eps) · gamma + beta` over the last dimension (Ba et al. 2016,
//! arXiv:1607.06450); `var` is the biased one.

use smbench_abi::op as raw;

use crate::{Backend, Io, Op, OpEntry, Operand, Result, RowShape};

/// `out = (x - mean) / sqrt(var + eps) · gamma + beta` over the last dimension; `var` is the biased one.
pub trait Layernorm {
    /// Overwrites the output.
    fn layernorm(&mut self, args: LayernormArgs<'_>) -> Result;
}

/// Operands of [`Layernorm`].
pub struct LayernormArgs<'a> {
    /// Of `x` and `out`.
    pub shape: RowShape,
    /// Added to the variance.
    pub eps: f32,
    /// `x` and `out`.
    pub io: Io<'a>,
    /// `[cols]`.
    pub gamma: &'a [f32],
    /// `[cols]`.
    pub beta: &'a [f32],
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + Layernorm>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: Layernorm> Op<B> for Shim {
    type Args = raw::LayernormArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::LayernormArgs) -> Result {
        let x = Operand::contiguous("x", &args.x)?;
        let shape = x.rows()?;
        let gamma = Operand::vector("gamma", &args.gamma, shape.cols)?;
        let beta = Operand::vector("beta", &args.beta, shape.cols)?;
        let out = Operand::contiguous("out", &args.out)?.apart_from(&gamma)?.apart_from(&beta)?;
        // SAFETY: the caller vouches for the memory; `out` is apart from `gamma` and `beta`.
        let args = unsafe {
            LayernormArgs { shape, eps: args.eps, io: x.into_io(out)?, gamma: gamma.slice(), beta: beta.slice() }
        };
        backend.layernorm(args)
    }
}
