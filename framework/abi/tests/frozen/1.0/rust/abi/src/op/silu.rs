//! silu: `out = x / (1 + e^-x)` (swish with β = 1), element by element.

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// `out = x / (1 + e^-x)` (swish with β = 1), element by element.
///
/// All contiguous. `out` may be `x`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SiluArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// Any shape.
    pub x: Tensor,
    /// Shape of `x`; may be `x` itself.
    pub out: Tensor,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for SiluArgs {
    const ID: &'static CStr = c"silu/1";
}
