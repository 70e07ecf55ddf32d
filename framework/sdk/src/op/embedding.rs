//! embedding: `out[i] = table[ids[i]]`.

use smbench_abi::op as raw;

use crate::{Backend, Error, Matrix, MatrixMut, Op, OpEntry, Operand, Result};

/// `out[i] = table[ids[i]]`.
pub trait Embedding {
    /// Overwrites the output.
    fn embedding(&mut self, args: EmbeddingArgs<'_>) -> Result;
}

/// Operands of [`Embedding`], all contiguous.
pub struct EmbeddingArgs<'a> {
    /// `[vocabulary × width]`.
    pub table: Matrix<'a>,
    /// Numbers of rows, each below the vocabulary.
    pub ids: &'a [u32],
    /// `[count × width]`.
    pub out: MatrixMut<'a>,
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + Embedding>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: Embedding> Op<B> for Shim {
    type Args = raw::EmbeddingArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::EmbeddingArgs) -> Result {
        let table = Operand::contiguous("table", &args.table)?;
        let rows = table.rows()?;
        let table = table.sized(rows.rows, rows.cols)?;
        let ids = Operand::ids("ids", &args.ids)?;
        let out = Operand::contiguous("out", &args.out)?.sized(ids.elements(), rows.cols)?;
        let out = out.apart_from(&table)?.apart_from(&ids)?;
        // SAFETY: the caller vouches for the memory; `out` is apart from the rest.
        let args = unsafe { EmbeddingArgs { table: table.matrix_ref(), ids: ids.ids_ref(), out: out.matrix_mut() } };
        match args.ids.iter().position(|&id| id as usize >= rows.rows) {
            None => backend.embedding(args),
            Some(at) => Err(no_such_row(at, args.ids[at], rows.rows)),
        }
    }
}

#[cold]
fn no_such_row(at: usize, id: u32, rows: usize) -> Error {
    Error::invalid(format!("`ids[{at}]` is {id}, but `table` has {rows} rows"))
}
