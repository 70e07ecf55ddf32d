//! softmax: `out[i,j] = e^(x[i,j] - max_i) / Σ_j e^(x[i,j] - max_i)` over the last dimension.

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// `out[i,j] = e^(x[i,j] - max_i) / Σ_j e^(x[i,j] - max_i)` over the last dimension.
///
/// All contiguous. `out` may be `x`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SoftmaxArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// 1: row `i` of `rows` sees columns `j <= i + cols - rows`, the others become 0; 0: all columns.
    pub causal: u32,
    /// Zero.
    pub reserved: u32,
    /// `[rows×cols]`, or `[cols]` for one row; `cols >= rows` if causal.
    pub x: Tensor,
    /// Shape of `x`; may be `x` itself.
    pub out: Tensor,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for SoftmaxArgs {
    const ID: &'static CStr = c"softmax/1";
}
