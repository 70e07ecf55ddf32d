//! The ops: one argument struct each, one file each. Add a file and a line in each list.
//!
//! Every tensor is f32 unless said otherwise. "Contiguous" means row-major without gaps; a plugin
//! answers `Unsupported` for a stride that its op does not have to accept.

mod add;
mod add_layernorm;
mod attention;
mod broadcast_add;
mod embedding;
mod gelu;
mod layernorm;
mod matmul;
mod mul;
mod relu;
mod rmsnorm;
mod scale;
mod silu;
mod softmax;

pub use add::AddArgs;
pub use add_layernorm::AddLayernormArgs;
pub use attention::AttentionArgs;
pub use broadcast_add::BroadcastAddArgs;
pub use embedding::EmbeddingArgs;
pub use gelu::{GeluArgs, GeluForm};
pub use layernorm::LayernormArgs;
pub use matmul::MatmulArgs;
pub use mul::MulArgs;
pub use relu::ReluArgs;
pub use rmsnorm::RmsnormArgs;
pub use scale::ScaleArgs;
pub use silu::SiluArgs;
pub use softmax::SoftmaxArgs;

use crate::OpArgs;
use core::ffi::CStr;

/// Ids of all ops of the contract.
pub const IDS: &[&CStr] = &[
    MatmulArgs::ID,
    AddArgs::ID,
    MulArgs::ID,
    BroadcastAddArgs::ID,
    ScaleArgs::ID,
    GeluArgs::ID,
    SiluArgs::ID,
    ReluArgs::ID,
    SoftmaxArgs::ID,
    LayernormArgs::ID,
    AddLayernormArgs::ID,
    RmsnormArgs::ID,
    AttentionArgs::ID,
    EmbeddingArgs::ID,
];
