//! add: `out = a + b`, element by element.

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// `out = a + b`, element by element.
///
/// All contiguous, of equal shape. `out` may be `a`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AddArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// Any shape.
    pub a: Tensor,
    /// Shape of `a`.
    pub b: Tensor,
    /// Shape of `a`; may be `a` itself.
    pub out: Tensor,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for AddArgs {
    const ID: &'static CStr = c"add/1";
}
