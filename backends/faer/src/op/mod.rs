//! One file per op.

mod add;
mod add_layernorm;
mod attention;
mod broadcast_add;
mod embedding;
mod gelu;
mod layernorm;
pub mod matmul;
mod mul;
mod relu;
mod rmsnorm;
mod scale;
mod silu;
mod softmax;
