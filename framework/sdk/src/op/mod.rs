//! The ops: one trait each, with safe views of the arguments, one file each. Add a file and a line in each list.
//!
//! A backend implements the traits of the ops it has and names them in [`Backend::OPS`](crate::Backend::OPS), in this
//! order. What an op computes, and which of its operands may share memory, is said at its argument struct in
//! [`smbench_abi::op`]; a trait's method gets only arguments that keep that.

pub mod add;
pub mod add_layernorm;
pub mod attention;
pub mod broadcast_add;
pub mod custom;
pub mod embedding;
pub mod gelu;
pub mod layernorm;
pub mod matmul;
pub mod mul;
pub mod relu;
pub mod rmsnorm;
pub mod scale;
pub mod silu;
pub mod softmax;

pub use add::{Add, AddArgs};
pub use add_layernorm::{AddLayernorm, AddLayernormArgs};
pub use attention::{Attention, AttentionArgs};
pub use broadcast_add::{BroadcastAdd, BroadcastAddArgs};
pub use custom::{CustomArgs, CustomOp};
pub use embedding::{Embedding, EmbeddingArgs};
pub use gelu::{Gelu, GeluArgs, GeluForm};
pub use layernorm::{Layernorm, LayernormArgs};
pub use matmul::{Matmul, MatmulArgs};
pub use mul::{Mul, MulArgs};
pub use relu::{Relu, ReluArgs};
pub use rmsnorm::{Rmsnorm, RmsnormArgs};
pub use scale::{Scale, ScaleArgs};
pub use silu::{Silu, SiluArgs};
pub use softmax::{Softmax, SoftmaxArgs};

use crate::{Error, Result};

/// A switch in an argument struct: 0 or 1.
#[inline(always)]
fn switch(name: &'static str, value: u32) -> Result<bool> {
    if value <= 1 { Ok(value == 1) } else { Err(no_switch(name, value)) }
}

#[cold]
fn no_switch(name: &str, value: u32) -> Error {
    Error::invalid(format!("`{name}` is {value}, not 0 or 1"))
}
