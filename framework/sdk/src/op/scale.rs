//! scale: `out = factor · x`, element by element.

use smbench_abi::op as raw;

use crate::{Backend, Io, Op, OpEntry, Operand, Result};

/// `out = factor · x`, element by element.
pub trait Scale {
    /// Overwrites the output.
    fn scale(&mut self, args: ScaleArgs<'_>) -> Result;
}

/// Operands of [`Scale`].
pub struct ScaleArgs<'a> {
    /// The scalar.
    pub factor: f32,
    /// `x` and `out`.
    pub io: Io<'a>,
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + Scale>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: Scale> Op<B> for Shim {
    type Args = raw::ScaleArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::ScaleArgs) -> Result {
        let x = Operand::contiguous("x", &args.x)?;
        let out = Operand::contiguous("out", &args.out)?;
        // SAFETY: the caller vouches for the memory.
        let io = unsafe { x.into_io(out)? };
        backend.scale(ScaleArgs { factor: args.factor, io })
    }
}
