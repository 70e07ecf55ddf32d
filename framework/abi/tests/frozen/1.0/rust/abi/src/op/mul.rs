//! mul: `out = a ∘ b`, element by element (Hadamard).

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// `out = a ∘ b`, element by element (Hadamard).
///
/// All contiguous, of equal shape. `out` may be `a`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MulArgs {
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
unsafe impl OpArgs for MulArgs {
    const ID: &'static CStr = c"mul/1";
}
