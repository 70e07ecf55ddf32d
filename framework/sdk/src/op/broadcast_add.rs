//! broadcast_add: `out[i,j] = x[i,j] + row[j]`.

use smbench_abi::op as raw;

use crate::{Backend, Io, Op, OpEntry, Operand, Result, RowShape};

/// `out[i,j] = x[i,j] + row[j]`.
pub trait BroadcastAdd {
    /// Overwrites the output.
    fn broadcast_add(&mut self, args: BroadcastAddArgs<'_>) -> Result;
}

/// Operands of [`BroadcastAdd`].
pub struct BroadcastAddArgs<'a> {
    /// Of `x` and `out`.
    pub shape: RowShape,
    /// `x` and `out`.
    pub io: Io<'a>,
    /// `[cols]`.
    pub row: &'a [f32],
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + BroadcastAdd>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: BroadcastAdd> Op<B> for Shim {
    type Args = raw::BroadcastAddArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::BroadcastAddArgs) -> Result {
        let x = Operand::contiguous("x", &args.x)?;
        let shape = x.rows()?;
        let row = Operand::vector("row", &args.row, shape.cols)?;
        let out = Operand::contiguous("out", &args.out)?.apart_from(&row)?;
        // SAFETY: the caller vouches for the memory; `out` is apart from `row`.
        let args = unsafe { BroadcastAddArgs { shape, io: x.into_io(out)?, row: row.slice() } };
        backend.broadcast_add(args)
    }
}
