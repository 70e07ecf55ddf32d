//! layernorm: `out = (x - mean) / sqrt(var + eps) · gamma + beta` over the last dimension (Ba et al. 2016, arXiv:1607.06450); `var` is the biased one.

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// `out = (x - mean) / sqrt(var + eps) · gamma + beta` over the last dimension (Ba et al. 2016, arXiv:1607.06450); `var` is the biased one.
///
/// All contiguous. `out` may be `x`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LayernormArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// Added to the variance.
    pub eps: f32,
    /// Zero.
    pub reserved: u32,
    /// `[rows×cols]`, or `[cols]` for one row.
    pub x: Tensor,
    /// `[cols]`.
    pub gamma: Tensor,
    /// `[cols]`.
    pub beta: Tensor,
    /// Shape of `x`; may be `x` itself.
    pub out: Tensor,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for LayernormArgs {
    const ID: &'static CStr = c"layernorm/1";
}
