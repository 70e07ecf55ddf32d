//! relu: `out = max(x, 0)`, element by element; NaN stays NaN.

use smbench_abi::op as raw;

use crate::{Backend, Io, Op, OpEntry, Operand, Result};

/// `out = max(x, 0)`, element by element; NaN stays NaN.
pub trait Relu {
    /// Overwrites the output.
    fn relu(&mut self, args: ReluArgs<'_>) -> Result;
}

/// Operands of [`Relu`].
pub struct ReluArgs<'a> {
    /// `x` and `out`.
    pub io: Io<'a>,
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + Relu>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: Relu> Op<B> for Shim {
    type Args = raw::ReluArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::ReluArgs) -> Result {
        let x = Operand::contiguous("x", &args.x)?;
        let out = Operand::contiguous("out", &args.out)?;
        // SAFETY: the caller vouches for the memory.
        let io = unsafe { x.into_io(out)? };
        backend.relu(ReluArgs { io })
    }
}
