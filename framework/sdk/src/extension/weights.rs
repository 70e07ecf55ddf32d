//! weights: constant operands, prepared once (packed, transposed, uploaded).

use std::any::Any;
use std::ffi::{c_char, c_void};
use std::ptr;

use smbench_abi::{Context, Status, Tensor, extension as raw};

use super::ExtensionEntry;
use crate::bridge::call::answer;
use crate::bridge::context::{Handle, instance};
use crate::bridge::table::utf8;
use crate::{Backend, Error, Matrix, Operand, Result};

/// Constant operands, prepared once.
pub trait Weights {
    /// What a matrix is turned into; ops get it back, as `b_prepared` of [`MatmulArgs`](crate::op::MatmulArgs).
    type Prepared: Any + Send + Sync;

    /// Prepares `source`. `Unsupported` means: pass the matrix itself.
    fn prepare(&mut self, source: Matrix<'_>, role: Role) -> Result<Self::Prepared>;

    /// Takes back what the host has no more use for; what is still out when the context ends is only dropped.
    fn release(&mut self, prepared: Self::Prepared) {
        drop(prepared);
    }
}

/// What a constant operand is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// `b` of a matmul, `[k×n]`.
    MatmulB,
    /// `b` of a matmul with `trans_b`, `[n×k]`.
    MatmulBTransposed,
}

/// The line for [`Backend::EXTENSIONS`].
pub const fn entry<B: Backend + Weights>() -> ExtensionEntry<B> {
    // SAFETY: the shims below keep the contract.
    unsafe { ExtensionEntry::raw(&Shim::<B>::TABLE) }
}

struct Shim<B>(B);

impl<B: Backend + Weights> Shim<B> {
    const TABLE: raw::Weights = raw::Weights {
        struct_size: size_of::<raw::Weights>() as u32,
        reserved: 0,
        prepare: Some(prepare::<B>),
        release: Some(release::<B>),
    };
}

unsafe extern "C" fn prepare<B: Backend + Weights>(
    context: *mut Context,
    source: *const Tensor,
    role: *const c_char,
    handle: *mut *const c_void,
    error: *mut smbench_abi::Error,
) -> Status {
    // SAFETY: the host's promises: a context of this table, a tensor, a text, and a handle to write, or NULL.
    let prepare = || unsafe {
        let instance = instance::<B>(context)?;
        let (Some(source), Some(role), false) = (source.as_ref(), utf8(role, "role")?, handle.is_null()) else {
            return Err(Error::invalid("an argument of prepare is NULL"));
        };
        let source = Operand::matrix("source", source)?.matrix_ref();
        let prepared = Handle::new(Box::new(instance.backend.prepare(source, read_role(role)?)?));
        handle.write(prepared.address().cast());
        instance.prepared.push(prepared);
        Ok(())
    };
    // SAFETY: NULL or writable, says the contract.
    unsafe { answer(error, prepare) }
}

unsafe extern "C" fn release<B: Backend + Weights>(context: *mut Context, handle: *const c_void) {
    // SAFETY: the host's promise: a context of this table. What is no handle of ours is left alone.
    let release = || unsafe {
        let instance = instance::<B>(context)?;
        if let Some(index) = instance.prepared.iter().rposition(|prepared| prepared.address().cast() == handle) {
            let prepared = instance.prepared.swap_remove(index).into_prepared();
            prepared.downcast().into_iter().for_each(|prepared| instance.backend.release(*prepared));
        }
        Ok(())
    };
    // SAFETY: no error to write to.
    _ = unsafe { answer(ptr::null_mut(), release) };
}

fn read_role(role: &str) -> Result<Role> {
    match role {
        "matmul.b" => Ok(Role::MatmulB),
        "matmul.b_transposed" => Ok(Role::MatmulBTransposed),
        other => Err(Error::unsupported(format!("unknown role `{other}`"))),
    }
}
