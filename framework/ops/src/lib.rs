//! What an op *is*: its shape, cost, tolerance, inputs and its f64 oracle, one file each.
//!
//! The same definition serves correctness and speed. A name here is what a suite writes
//! (`gelu_tanh`); several names may ask a plugin for the same op of the ABI (`gelu/1`).
//!
//! To add an op: a file, a line in `mod`, a line in [`OPS`].

#![forbid(unsafe_code)]

pub mod decoder;
mod generator;
mod op;
mod tolerance;
mod verify;

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

pub use generator::{Fill, Regime, fill};
pub use op::{Args, Cost, InPlace, Op, Operand, Problem, Undo, full_size};
pub use tolerance::{Deviation, Expected, Furthest, Wrong, compare};
pub use verify::{
    POISON, describe, fill_input, fill_inputs, inputs, is_poison, is_poisoned, place, seed_of, tell, verify_all,
    verify_some,
};

/// All ops that a suite can name.
pub const OPS: &[&dyn Op] = &[
    &matmul::Matmul { trans_b: false, bias: false },
    &matmul::Matmul { trans_b: true, bias: false },
    &matmul::Matmul { trans_b: false, bias: true },
    &add::Add,
    &mul::Mul,
    &broadcast_add::BroadcastAdd,
    &scale::Scale,
    &gelu::GELU_TANH,
    &gelu::GELU_ERF,
    &silu::Silu,
    &relu::Relu,
    &softmax::Softmax { causal: false },
    &softmax::Softmax { causal: true },
    &layernorm::Layernorm,
    &add_layernorm::AddLayernorm,
    &rmsnorm::Rmsnorm,
    &attention::Attention { causal: true },
    &attention::Attention { causal: false },
    &embedding::Embedding,
];

/// The op of that name.
pub fn find(name: &str) -> Option<&'static dyn Op> {
    OPS.iter().copied().find(|op| op.name() == name)
}
