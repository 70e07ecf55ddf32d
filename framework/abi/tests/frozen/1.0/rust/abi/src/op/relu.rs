//! relu: `out = max(x, 0)`, element by element; NaN stays NaN.

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// `out = max(x, 0)`, element by element; NaN stays NaN.
///
/// All contiguous. `out` may be `x`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ReluArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// Any shape.
    pub x: Tensor,
    /// Shape of `x`; may be `x` itself.
    pub out: Tensor,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for ReluArgs {
    const ID: &'static CStr = c"relu/1";
}
