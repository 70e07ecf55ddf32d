//! gelu: Gaussian error linear unit (Hendrycks & Gimpel 2016, arXiv:1606.08415), element by element.

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// Which GELU; a `u32`, because a foreign value may be neither.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GeluForm(pub u32);

impl GeluForm {
    /// `x/2 · (1 + tanh(sqrt(2/π) · (x + 0.044715 x³)))`.
    pub const TANH: Self = Self(0);
    /// `x/2 · (1 + erf(x / sqrt 2))`.
    pub const ERF: Self = Self(1);
}

/// Gaussian error linear unit (Hendrycks & Gimpel 2016, arXiv:1606.08415), element by element.
///
/// All contiguous. `out` may be `x`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct GeluArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// Which of the two forms.
    pub form: GeluForm,
    /// Zero.
    pub reserved: u32,
    /// Any shape.
    pub x: Tensor,
    /// Shape of `x`; may be `x` itself.
    pub out: Tensor,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for GeluArgs {
    const ID: &'static CStr = c"gelu/1";
}
