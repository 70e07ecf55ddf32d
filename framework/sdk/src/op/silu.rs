//! silu: `out = x / (1 + e^-x)`, element by element.

use smbench_abi::op as raw;

use crate::{Backend, Io, Op, OpEntry, Operand, Result};

/// `out = x / (1 + e^-x)`, element by element.
pub trait Silu {
    /// Overwrites the output.
    fn silu(&mut self, args: SiluArgs<'_>) -> Result;
}

/// Operands of [`Silu`].
pub struct SiluArgs<'a> {
    /// `x` and `out`.
    pub io: Io<'a>,
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + Silu>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: Silu> Op<B> for Shim {
    type Args = raw::SiluArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::SiluArgs) -> Result {
        let x = Operand::contiguous("x", &args.x)?;
        let out = Operand::contiguous("out", &args.out)?;
        // SAFETY: the caller vouches for the memory.
        let io = unsafe { x.into_io(out)? };
        backend.silu(SiluArgs { io })
    }
}
