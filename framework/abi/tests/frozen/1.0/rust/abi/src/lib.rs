//! What crosses the library boundary between the smbench host and a backend plugin.
//!
//! The contract is one small, append-only `#[repr(C)]` table, [`Api`], described for C by
//! `include/smbench.h`. Everything else hangs off it by name: an op is an id with a revision
//! ([`op`]), an extension likewise ([`extension`]). Nothing here has behaviour; a plugin author
//! wants `smbench-sdk`, a C author wants the header.
//!
//! Rules that keep old plugins loading:
//! - a table carries `struct_size`; the reader copies the common part into a zeroed one of its own
//!   ([`Api::read`]) and never tests the size with `==`;
//! - fields are appended, never removed, reordered or given a new meaning;
//! - an op's argument struct is frozen per revision: a change is a new id (`matmul/2`);
//! - what the host hands over may be larger than a plugin knows it: the plugin answers [`Status::Unsupported`] unless the
//!   bytes beyond are zero ([`tail_is_zero`]), because zero means "as it was before there was this field".

#![no_std]

mod api;
mod args;
mod custom;
mod error;
pub mod extension;
pub mod op;
#[cfg(feature = "rust-door")]
pub mod rust_door;
mod tensor;

pub use api::{Api, Context, CreateArgs, CreateFn, DestroyFn, ExtensionFn, KeyValue, OpFn, OpLookupFn, flag};
pub use args::{ArgsHeader, OpArgs, copy_to_words, tail_is_zero};
pub use custom::{Attribute, CustomArgs};
pub use error::{Error, Status};
pub use tensor::{DType, MAX_RANK, Tensor};

/// Major version of the contract; a host refuses a plugin of another major.
pub const ABI_MAJOR: u32 = 1;

/// Minor version of the contract; grows when fields, ops or extensions are appended.
pub const ABI_MINOR: u32 = 0;

/// The symbol of the C door: `const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)`.
pub const C_DOOR_SYMBOL: &str = "smb_plugin_entry_v1";

/// Signature of the C door. NULL means: this plugin does not speak the host's version.
pub type CDoorFn = unsafe extern "C" fn(host_major: u32, host_minor: u32) -> *const Api;
