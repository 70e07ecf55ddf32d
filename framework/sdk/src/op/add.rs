//! add: `out = a + b`, element by element.

use smbench_abi::op as raw;

use crate::{Backend, Io, Op, OpEntry, Operand, Result};

/// `out = a + b`, element by element.
pub trait Add {
    /// Overwrites the output.
    fn add(&mut self, args: AddArgs<'_>) -> Result;
}

/// Operands of [`Add`].
pub struct AddArgs<'a> {
    /// `a` and `out`.
    pub io: Io<'a>,
    /// As long as `a`.
    pub b: &'a [f32],
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + Add>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: Add> Op<B> for Shim {
    type Args = raw::AddArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::AddArgs) -> Result {
        let a = Operand::contiguous("a", &args.a)?;
        let b = Operand::contiguous("b", &args.b)?.shaped_like(&a)?;
        let out = Operand::contiguous("out", &args.out)?.apart_from(&b)?;
        // SAFETY: the caller vouches for the memory; `out` is apart from `b`.
        let args = unsafe { AddArgs { io: a.into_io(out)?, b: b.slice() } };
        backend.add(args)
    }
}
