//! add_layernorm: `sum = x + residual; out = layernorm(sum)`, fused.

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// `sum = x + residual; out = layernorm(sum)`, fused.
///
/// All contiguous. `sum` may be `x`; `out` is neither input.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AddLayernormArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// Added to the variance.
    pub eps: f32,
    /// Zero.
    pub reserved: u32,
    /// `[rows×cols]`, or `[cols]` for one row.
    pub x: Tensor,
    /// Shape of `x`.
    pub residual: Tensor,
    /// `[cols]`.
    pub gamma: Tensor,
    /// `[cols]`.
    pub beta: Tensor,
    /// Shape of `x`; may be `x` itself.
    pub sum: Tensor,
    /// Shape of `x`.
    pub out: Tensor,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for AddLayernormArgs {
    const ID: &'static CStr = c"add_layernorm/1";
}
