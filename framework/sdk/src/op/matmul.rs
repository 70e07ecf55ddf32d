//! matmul: `c[m×n] = a[m×k] · b[k×n] + bias[n]`.

use std::any::Any;

use smbench_abi::op as raw;

use super::switch;
use crate::bridge::context::Prepared;
use crate::{Backend, MatmulShape, Matrix, MatrixMut, Op, OpEntry, Operand, Result};

/// `c[m×n] = a[m×k] · b[k×n] + bias[n]`.
pub trait Matmul {
    /// Overwrites `c`.
    fn matmul(&mut self, args: MatmulArgs<'_>) -> Result;
}

/// Operands of [`Matmul`].
pub struct MatmulArgs<'a> {
    /// Sizes of all operands.
    pub shape: MatmulShape,
    /// `[m×k]`.
    pub a: Matrix<'a>,
    /// `[k×n]`, or `[n×k]` with `trans_b`.
    pub b: Matrix<'a>,
    /// `b` is stored transposed.
    pub trans_b: bool,
    /// `[n]`, to be added to every row.
    pub bias: Option<&'a [f32]>,
    /// What this backend's [`Weights`](crate::extension::Weights) made of `b`, for `downcast_ref`.
    pub b_prepared: Option<&'a (dyn Any + Send + Sync)>,
    /// `[m×n]`.
    pub c: MatrixMut<'a>,
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + Matmul>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: Matmul> Op<B> for Shim {
    type Args = raw::MatmulArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::MatmulArgs) -> Result {
        let trans_b = switch("trans_b", args.trans_b)?;
        let a = Operand::matrix("a", &args.a)?;
        let [m, k] = rows_cols(&a)?;
        let b = Operand::matrix("b", &args.b)?;
        let n = rows_cols(&b)?[if trans_b { 0 } else { 1 }];
        let b = if trans_b { b.sized(n, k)? } else { b.sized(k, n)? };
        let c = Operand::matrix("c", &args.c)?.sized(m, n)?.apart_from(&a)?.apart_from(&b)?;
        let bias = args.bias.is_some().then(|| Operand::vector("bias", &args.bias, n)).transpose()?;
        bias.map(|bias| c.apart_from(&bias)).transpose()?;
        // SAFETY: the caller vouches for the memory, and for a handle from this backend; `c` is apart from the rest.
        let args = unsafe {
            MatmulArgs {
                shape: MatmulShape { m, k, n },
                a: a.matrix_ref(),
                b: b.matrix_ref(),
                trans_b,
                bias: bias.map(|bias| bias.slice()),
                b_prepared: args.b_prepared.cast::<Prepared>().as_ref().map(|prepared| &**prepared),
                c: c.matrix_mut(),
            }
        };
        backend.matmul(args)
    }
}

#[inline]
fn rows_cols(matrix: &Operand<'_>) -> Result<[usize; 2]> {
    matrix.rows().map(|shape| [shape.rows, shape.cols])
}
