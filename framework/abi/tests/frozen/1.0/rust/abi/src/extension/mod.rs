//! What a plugin may offer beyond ops: one table each, one file each. Add a file and a line in each list.
//!
//! A table starts with `struct_size` and is append-only, like [`crate::Api`].

mod memory;
mod model;
mod receipt;
mod session;
mod weights;

pub use memory::{Memory, MemoryStats};
pub use model::{Activation, Model, ModelSpec, NamedTensor, Normalisation};
pub use receipt::{Receipt, ReceiptTable};
pub use session::{Body, Session};
pub use weights::Weights;

use core::ffi::CStr;

/// An extension's table.
///
/// # Safety
/// The type is `#[repr(C)]`, its first field is `struct_size: u32`, and every field may be zero.
pub unsafe trait Extension: Copy + 'static {
    /// Id with revision, as a plugin is asked for it.
    const ID: &'static CStr;
}

/// Ids of all extensions of the contract.
pub const IDS: &[&CStr] = &[Memory::ID, Weights::ID, Session::ID, ReceiptTable::ID, Model::ID];
