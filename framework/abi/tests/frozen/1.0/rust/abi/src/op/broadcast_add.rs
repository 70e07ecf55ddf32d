//! broadcast_add: `out[i,j] = x[i,j] + row[j]`.

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// `out[i,j] = x[i,j] + row[j]`.
///
/// All contiguous. `out` may be `x`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BroadcastAddArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// `[rows×cols]`.
    pub x: Tensor,
    /// `[cols]`.
    pub row: Tensor,
    /// `[rows×cols]`; may be `x` itself.
    pub out: Tensor,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for BroadcastAddArgs {
    const ID: &'static CStr = c"broadcast_add/1";
}
