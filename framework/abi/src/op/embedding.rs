//! embedding: `out[i] = table[ids[i]]`.

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// `out[i] = table[ids[i]]`.
///
/// All contiguous.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct EmbeddingArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// `[vocabulary × width]`.
    pub table: Tensor,
    /// `[count]` of u32, each below the vocabulary.
    pub ids: Tensor,
    /// `[count × width]`.
    pub out: Tensor,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for EmbeddingArgs {
    const ID: &'static CStr = c"embedding/1";
}
