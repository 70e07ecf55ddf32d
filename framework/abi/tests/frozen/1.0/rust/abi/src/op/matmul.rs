//! matmul: `c[m×n] = a[m×k] · b[k×n] + bias[n]`.

use core::ffi::{CStr, c_void};

use crate::{ArgsHeader, OpArgs, Tensor};

/// `c[m×n] = a[m×k] · b[k×n] + bias[n]`.
///
/// `a`, `b`, `c` may have any row stride >= the row's length; their column stride is 1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MatmulArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// 1: `b` is stored `[n×k]` and read transposed; 0: `[k×n]`.
    pub trans_b: u32,
    /// Zero.
    pub reserved: u32,
    /// `[m×k]`.
    pub a: Tensor,
    /// `[k×n]`, or `[n×k]` with `trans_b`.
    pub b: Tensor,
    /// `[m×n]`, overwritten.
    pub c: Tensor,
    /// `[n]`, contiguous, or no operand.
    pub bias: Tensor,
    /// What `weights` made of `b`, or NULL; `b` stays valid beside it.
    pub b_prepared: *const c_void,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for MatmulArgs {
    const ID: &'static CStr = c"matmul/1";
}
