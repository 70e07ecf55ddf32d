//! attention: `out = softmax(scale · q·kᵀ + mask) · v` per head (Vaswani et al. 2017, arXiv:1706.03762).

use core::ffi::CStr;

use crate::{ArgsHeader, OpArgs, Tensor};

/// `out = softmax(scale · q·kᵀ + mask) · v` per head (Vaswani et al. 2017, arXiv:1706.03762).
///
/// Any strides but 1 for the last dimension: q, k, v may be slices of one fused QKV matrix, or of a KV cache.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AttentionArgs {
    /// Size of this struct.
    pub header: ArgsHeader,
    /// Query heads.
    pub heads: u32,
    /// 1: query `i` sees keys `j <= past_len + i`; 0: all keys.
    pub causal: u32,
    /// Keys that precede the first query.
    pub past_len: u64,
    /// Usually `1/sqrt(head_dim)`.
    pub scale: f32,
    /// Zero.
    pub reserved: u32,
    /// `[batch × queries × heads × head_dim]`.
    pub q: Tensor,
    /// `[batch × keys × kv_heads × head_dim]`; `heads` is a multiple of `kv_heads`.
    pub k: Tensor,
    /// Shape of `k`.
    pub v: Tensor,
    /// Shape of `q`.
    pub out: Tensor,
}

// SAFETY: `#[repr(C)]`, plain data, header first.
unsafe impl OpArgs for AttentionArgs {
    const ID: &'static CStr = c"attention/1";
}
