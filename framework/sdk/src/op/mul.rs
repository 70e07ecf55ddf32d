//! mul: `out = a ∘ b`, element by element.

use smbench_abi::op as raw;

use crate::{Backend, Io, Op, OpEntry, Operand, Result};

/// `out = a ∘ b`, element by element.
pub trait Mul {
    /// Overwrites the output.
    fn mul(&mut self, args: MulArgs<'_>) -> Result;
}

/// Operands of [`Mul`].
pub struct MulArgs<'a> {
    /// `a` and `out`.
    pub io: Io<'a>,
    /// As long as `a`.
    pub b: &'a [f32],
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + Mul>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: Mul> Op<B> for Shim {
    type Args = raw::MulArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::MulArgs) -> Result {
        let a = Operand::contiguous("a", &args.a)?;
        let b = Operand::contiguous("b", &args.b)?.shaped_like(&a)?;
        let out = Operand::contiguous("out", &args.out)?.apart_from(&b)?;
        // SAFETY: the caller vouches for the memory; `out` is apart from `b`.
        let args = unsafe { MulArgs { io: a.into_io(out)?, b: b.slice() } };
        backend.mul(args)
    }
}
