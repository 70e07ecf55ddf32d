//! For authors of smbench backends.
//!
//! A backend is a type with a name, a list of ops, and one trait per op. [`export_backend!`] makes the crate a plugin
//! that the host loads; this is a complete one, in a crate with `[lib] crate-type = ["cdylib"]`:
//!
//! ```
//! use smbench_sdk::extension::{self, Receipt, Receipts};
//! use smbench_sdk::op::{self, Relu, ReluArgs, Softmax, SoftmaxArgs};
//! use smbench_sdk::{Backend, CreateArgs, ExtensionEntry, OpEntry, Result};
//!
//! struct Acme;
//!
//! impl Backend for Acme {
//!     const NAME: &'static std::ffi::CStr = c"acme";
//!     const VENDOR: &'static std::ffi::CStr = c"acme corp";
//!     const OPS: &'static [OpEntry<Self>] =
//!         &[op::relu::entry().runs("one loop"), op::softmax::entry().runs("three passes a row")];
//!     const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[extension::receipt::entry()];
//!
//!     fn create(_args: &CreateArgs<'_>) -> Result<Self> {
//!         Ok(Self)
//!     }
//! }
//!
//! impl Relu for Acme {
//!     fn relu(&mut self, args: ReluArgs<'_>) -> Result {
//!         args.io.map(|x| if x < 0.0 { 0.0 } else { x });
//!         Ok(())
//!     }
//! }
//!
//! impl Softmax for Acme {
//!     fn softmax(&mut self, args: SoftmaxArgs<'_>) -> Result {
//!         if args.causal {
//!             return Err(smbench_sdk::Error::unsupported("causal softmax"));
//!         }
//!         for row in args.io.rows(args.shape.cols) {
//!             let max = row.x().iter().copied().fold(f32::NEG_INFINITY, f32::max);
//!             let out = row.map(|x| (x - max).exp());
//!             let sum: f32 = out.iter().sum();
//!             out.iter_mut().for_each(|e| *e /= sum);
//!         }
//!         Ok(())
//!     }
//! }
//!
//! impl Receipts for Acme {
//!     fn receipt(&self, _op: &OpEntry<Self>) -> Receipt {
//!         Receipt { threads: 1, ..Receipt::default() }
//!     }
//! }
//!
//! smbench_sdk::export_backend!(Acme);
//! # fn main() {}
//! ```
//!
//! What the SDK does for you: it checks every descriptor before your code sees a slice, and answers `Invalid` or
//! `Unsupported` with a message where it does not hold; it never makes two slices that overlap; it turns your
//! [`Error`]s and your panics into statuses; it refuses unknown tiers and options.
//!
//! - [`op`]: one trait per op; [`op::custom`] for ops of your own (`acme.thing/1`).
//! - [`extension`]: tensors from your pool, prepared weights, whole models, sessions inside your threads, receipts.
//! - [`memory`]: a tensor pool and its plain twin. `ThreadPool`, behind feature `rayon`: threads per context.
//! - `conformance`, behind a feature: every op against an f64 oracle, for your tests.

mod backend;
mod bridge;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod export;
pub mod extension;
mod heads;
mod io;
mod matrix;
pub mod memory;
pub mod op;
mod shape;
#[cfg(feature = "rayon")]
mod threads;

pub use backend::{Backend, CreateArgs};
pub(crate) use bridge::call::Op;
pub use bridge::call::{OpEntry, with_backend};
pub(crate) use bridge::operand::Operand;
pub use error::{Error, Result};
pub use extension::ExtensionEntry;
pub use heads::{Heads, HeadsMut};
pub use io::Io;
pub use matrix::{Matrix, MatrixMut};
pub use shape::{AttentionShape, HeadsShape, HeadsStrides, MatmulShape, RowShape};
pub use smbench_abi as abi;
pub use smbench_abi::flag;
#[cfg(feature = "rayon")]
pub use threads::ThreadPool;

/// Not API: what [`export_backend!`] expands to.
#[doc(hidden)]
pub mod __export {
    pub use crate::bridge::table::Table;
    pub use crate::export::{build, c_text};
    pub use smbench_abi::rust_door::{CheckTypeLayout, LibHeader, RootModuleResult, RootRef, open};
    pub use smbench_abi::{ABI_MAJOR, Api};
}
