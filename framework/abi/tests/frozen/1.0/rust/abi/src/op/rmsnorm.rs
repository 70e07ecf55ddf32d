//! rmsnorm: `out = x / sqrt(mean(x²) + eps) · gamma` over the last dimension (Zhang & Sennrich 2019, arXiv:1910.07467).

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// `out = x / sqrt(mean(x²) + eps) · gamma` over the last dimension (Zhang & Sennrich 2019, arXiv:1910.07467).
///
/// All contiguous. `out` may be `x`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RmsnormArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// Added to the mean square.
    pub eps: f32,
    /// Zero.
    pub reserved: u32,
    /// `[rows×cols]`, or `[cols]` for one row.
    pub x: Tensor,
    /// `[cols]`.
    pub gamma: Tensor,
    /// Shape of `x`; may be `x` itself.
    pub out: Tensor,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for RmsnormArgs {
    const ID: &'static CStr = c"rmsnorm/1";
}
