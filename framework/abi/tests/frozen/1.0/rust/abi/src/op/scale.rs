//! scale: `out = factor · x`, element by element.

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// `out = factor · x`, element by element.
///
/// All contiguous. `out` may be `x`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ScaleArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// The scalar.
    pub factor: f32,
    /// Zero.
    pub reserved: u32,
    /// Any shape.
    pub x: Tensor,
    /// Shape of `x`; may be `x` itself.
    pub out: Tensor,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for ScaleArgs {
    const ID: &'static CStr = c"scale/1";
}
