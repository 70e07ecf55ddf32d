//! SIMD building blocks for f32, row-major, in three tiers: no threads, no allocation in the steady state, no ABI.
//!
//! [`Kernels::for_tier`] chooses a table once; its methods are safe functions on slices, one file each. Every kernel is
//! written once over the small trait `Simd` and compiled three times, see `kernels.rs`. [`mod@reference`] says what
//! each one computes in plain loops, and the tests hold every tier equal to it.
//!
//! ```
//! use smbench_kernels::{Kernels, RowShape};
//!
//! let kernels = Kernels::best();
//! let mut out = [0.0; 4];
//! kernels.softmax(RowShape { rows: 2, cols: 2 }, &[0.0, 0.0, 1.0, 1.0], &mut out);
//! assert_eq!(out, [0.5; 4]);
//! ```

mod kernels;
mod tier;

mod add;
mod add_layernorm;
mod attention;
mod broadcast_add;
mod gelu_erf;
mod gelu_tanh;
mod layernorm;
mod matmul;
mod mul;
mod relu;
mod rmsnorm;
mod scale;
mod silu;
mod softmax;

pub mod reference;

mod elementwise;
mod exp;
mod rows;
mod scratch;
mod simd;

#[cfg(test)]
mod check;

pub use attention::{Attention, AttentionScratch, AttentionShape, HeadStrides, Heads};
pub use kernels::Kernels;
pub use layernorm::Norm;
pub use matmul::{Matmul, MatmulScratch, MatmulShape, MatrixMut};
pub use rows::RowShape;
pub use tier::{Tier, UnknownTier};
