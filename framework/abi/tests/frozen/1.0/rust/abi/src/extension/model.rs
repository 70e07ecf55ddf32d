//! model: a backend that runs a whole decoder graph itself.
//!
//! Without this extension the host composes the model from ops, as it does where `build` is `Unsupported`.

use core::ffi::{CStr, c_char, c_void};

use super::Extension;
use crate::{Context, Error, Status, Tensor};

/// Normalisation before each block; a `u32` across the boundary.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Normalisation(pub u32);

impl Normalisation {
    /// Layer normalisation with bias.
    pub const LAYERNORM: Self = Self(0);
    /// Root-mean-square normalisation.
    pub const RMSNORM: Self = Self(1);
}

/// Activation of the feed-forward block; a `u32` across the boundary.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Activation(pub u32);

impl Activation {
    /// GELU, tanh form.
    pub const GELU_TANH: Self = Self(0);
    /// GELU, erf form.
    pub const GELU_ERF: Self = Self(1);
    /// SiLU.
    pub const SILU: Self = Self(2);
}

/// Shape of a pre-normalised decoder with learned positions and an untied head:
///
/// ```text
/// x = token_embedding[id] + position_embedding[position]
/// for every layer:  x += attention(norm1(x) · qkv + b) · out + b          causal, heads side by side in a row
///                   x += activation(norm2(x) · up + b) · down + b
/// logits = norm(x) · head
/// ```
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ModelSpec {
    /// `sizeof` this struct as the host was compiled.
    pub struct_size: u32,
    /// Token ids are below this.
    pub vocabulary: u32,
    /// Most positions.
    pub context: u32,
    /// Width of the residual stream.
    pub width: u32,
    /// Blocks.
    pub layers: u32,
    /// Attention heads; `width` is a multiple.
    pub heads: u32,
    /// Width of the feed-forward block.
    pub hidden: u32,
    /// Sequences in every call.
    pub batch: u32,
    /// Before each block and the head.
    pub normalisation: Normalisation,
    /// In the feed-forward block.
    pub activation: Activation,
    /// Of the normalisation.
    pub eps: f32,
    /// 1: `forward` remembers keys and values of up to `context` positions. 0: every call begins at position 0, and
    /// nothing need be kept.
    pub cached: u32,
}

/// A weight and its name. Matrices are `[in × out]`, row-major; each layer has those of layer 0; RMSNorm has no `norm` bias:
///
/// ```text
/// token_embedding [vocabulary × width]    position_embedding [context × width]
/// layer.0.norm1.gain, .bias [width]       layer.0.norm2.gain, .bias [width]
/// layer.0.qkv.weight [width × 3·width]    layer.0.qkv.bias [3·width]      queries, keys, values side by side
/// layer.0.out.weight [width × width]      layer.0.out.bias [width]
/// layer.0.up.weight [width × hidden]      layer.0.up.bias [hidden]
/// layer.0.down.weight [hidden × width]    layer.0.down.bias [width]
/// norm.gain, .bias [width]                head.weight [width × vocabulary]
/// ```
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NamedTensor {
    /// NUL-terminated UTF-8.
    pub name: *const c_char,
    /// Contiguous.
    pub tensor: Tensor,
}

/// Whole-graph execution.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Model {
    /// `sizeof` this struct as the plugin was compiled.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// Builds a model from weights that stay alive and unchanged until `release`, as does the list of them. `Unsupported`
    /// means: compose it of ops.
    /// `[created · any thread, one caller at a time per context · plugin owns the handle until release]`
    pub build: Option<
        unsafe extern "C" fn(
            context: *mut Context,
            spec: *const ModelSpec,
            weights: *const NamedTensor,
            weight_count: usize,
            handle: *mut *mut c_void,
            error: *mut Error,
        ) -> Status,
    >,
    /// Runs `ids` (`[batch·new]` of u32, sequence by sequence) as the positions from `past_len` on, and forgets what was
    /// remembered of these and later ones; writes `logits` (`[batch·new × vocabulary]`, or `[batch × vocabulary]` for
    /// the last position of each sequence only).
    /// `[created · any thread, one caller at a time per context · host owns ids and logits]`
    pub forward: Option<
        unsafe extern "C" fn(
            context: *mut Context,
            handle: *mut c_void,
            ids: *const Tensor,
            past_len: u64,
            logits: *const Tensor,
            error: *mut Error,
        ) -> Status,
    >,
    /// Ends a handle.
    /// `[created · any thread, one caller at a time per context · the handle is gone]`
    pub release: Option<unsafe extern "C" fn(context: *mut Context, handle: *mut c_void)>,
}

// SAFETY: `#[repr(C)]`, `struct_size` first, all fields may be zero.
unsafe impl Extension for Model {
    const ID: &'static CStr = c"model/1";
}
