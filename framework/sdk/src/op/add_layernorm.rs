//! add_layernorm: `sum = x + residual; out = layernorm(sum)`, fused.

use smbench_abi::op as raw;

use crate::{Backend, Io, Op, OpEntry, Operand, Result, RowShape};

/// `sum = x + residual; out = layernorm(sum)`, fused.
pub trait AddLayernorm {
    /// Overwrites both outputs.
    fn add_layernorm(&mut self, args: AddLayernormArgs<'_>) -> Result;
}

/// Operands of [`AddLayernorm`].
pub struct AddLayernormArgs<'a> {
    /// Of `x`, `residual`, `sum` and `out`.
    pub shape: RowShape,
    /// Added to the variance.
    pub eps: f32,
    /// `x` and `sum`.
    pub io: Io<'a>,
    /// `[rows×cols]`.
    pub residual: &'a [f32],
    /// `[cols]`.
    pub gamma: &'a [f32],
    /// `[cols]`.
    pub beta: &'a [f32],
    /// The normalised sum; apart from all others.
    pub out: &'a mut [f32],
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + AddLayernorm>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: AddLayernorm> Op<B> for Shim {
    type Args = raw::AddLayernormArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::AddLayernormArgs) -> Result {
        let x = Operand::contiguous("x", &args.x)?;
        let shape = x.rows()?;
        let residual = Operand::contiguous("residual", &args.residual)?.shaped_like(&x)?;
        let gamma = Operand::vector("gamma", &args.gamma, shape.cols)?;
        let beta = Operand::vector("beta", &args.beta, shape.cols)?;
        let inputs = [&residual, &gamma, &beta];
        let sum = inputs.iter().try_fold(Operand::contiguous("sum", &args.sum)?, |sum, input| sum.apart_from(input))?;
        let out = Operand::contiguous("out", &args.out)?.shaped_like(&x)?.apart_from(&x)?.apart_from(&sum)?;
        let out = inputs.iter().try_fold(out, |out, input| out.apart_from(input))?;
        // SAFETY: the caller vouches for the memory; `sum` and `out` are apart from each other and from the inputs, but
        // for `sum` and `x`, which `into_io` settles.
        let args = unsafe {
            AddLayernormArgs {
                shape,
                eps: args.eps,
                io: x.into_io(sum)?,
                residual: residual.slice(),
                gamma: gamma.slice(),
                beta: beta.slice(),
                out: out.slice_mut(),
            }
        };
        backend.add_layernorm(args)
    }
}
