//! The door for plugins written in Rust: a frozen abi_stable root module.
//!
//! abi_stable checks at load time that both sides mean the same layout; that is all it is used for.
//! It refuses a root that gained a field, so this one never will: whatever grows, grows in
//! [`Api`], which is opaque here. This file and `harness/src/plugin.rs` are the only
//! ones that name abi_stable.

extern crate std;

use core::ffi::c_void;

use abi_stable::{
    StableAbi,
    library::{RootModule, RootModuleError},
    package_version_strings,
    prefix_type::{PrefixRefTrait, PrefixTypeTrait},
    sabi_types::VersionStrings,
    std_types::{RErr, ROk},
};

use crate::{Api, Error, Tensor};

// Not API: what `export_backend!` expands to and what the host's loader needs.
#[doc(hidden)]
pub use abi_stable::{
    library::{CheckTypeLayout, LibHeader, LibraryError, RootModuleResult, lib_header_from_path},
    std_types::RStr,
};

/// Symbol of the door: what abi_stable calls its loader (a test holds them equal).
pub const RUST_DOOR_SYMBOL: &str = "_1as_0lib_1header_0root_bmodule_bloader";

/// What a Rust plugin says of itself before its table is looked at. Frozen.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = RootRef, prefix_fields = RootPrefix)))]
pub struct Root {
    /// [`crate::ABI_MAJOR`] as the plugin was compiled.
    pub abi_major: u32,
    /// Compiler that built the plugin: `"rustc 1.95.0 (59807616e 2026-04-14)"`.
    pub rustc: RStr<'static>,
    /// Target features enabled at compile time, comma-separated.
    pub target_features: RStr<'static>,
    /// `"0"` to `"3"`, `"s"`, `"z"`.
    pub opt_level: RStr<'static>,
    /// Were debug assertions compiled in?
    pub debug_assertions: bool,
    /// Never read: pins the layout of [`Tensor`].
    pub tensor: TensorV1,
    /// Never read: pins the layout of [`Error`].
    pub error: ErrorV1,
    /// The table; opaque, because it grows.
    #[sabi(last_prefix_field, unsafe_opaque_field)]
    pub api: &'static Api,
}

/// [`Tensor`], as abi_stable sees it.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct TensorV1 {
    data: *mut c_void,
    dtype: u32,
    rank: u32,
    dims: [u64; 4],
    strides: [i64; 4],
}

// SAFETY: the pointer is never followed.
unsafe impl Sync for TensorV1 {}
// SAFETY: as above.
unsafe impl Send for TensorV1 {}

/// [`Error`], as abi_stable sees it.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct ErrorV1 {
    message: [u8; Error::CAPACITY],
}

const _: () = {
    assert!(size_of::<TensorV1>() == size_of::<Tensor>());
    assert!(core::mem::offset_of!(TensorV1, rank) == core::mem::offset_of!(Tensor, rank));
    assert!(core::mem::offset_of!(TensorV1, dims) == core::mem::offset_of!(Tensor, dims));
    assert!(core::mem::offset_of!(TensorV1, strides) == core::mem::offset_of!(Tensor, strides));
    assert!(size_of::<ErrorV1>() == size_of::<Error>());
};

impl RootModule for RootRef {
    abi_stable::declare_root_module_statics! {RootRef}
    const BASE_NAME: &'static str = "smbench_backend";
    const NAME: &'static str = "smbench backend";
    const VERSION_STRINGS: VersionStrings = package_version_strings!();
}

/// How the plugin was built; `export_backend!` fills it in where the plugin is compiled.
#[derive(Clone, Copy)]
pub struct Build {
    /// `rustc --version`.
    pub rustc: &'static str,
    /// Comma-separated.
    pub target_features: &'static str,
    /// `"3"`.
    pub opt_level: &'static str,
    /// `cfg!(debug_assertions)`.
    pub debug_assertions: bool,
}

/// The loader that a plugin's `LibHeader` points to.
pub fn open(api: &'static Api, build: Build) -> RootModuleResult {
    let root = Root {
        abi_major: crate::ABI_MAJOR,
        rustc: RStr::from_str(build.rustc),
        target_features: RStr::from_str(build.target_features),
        opt_level: RStr::from_str(build.opt_level),
        debug_assertions: build.debug_assertions,
        tensor: TensorV1 { data: core::ptr::null_mut(), dtype: 0, rank: 0, dims: [1; 4], strides: [0; 4] },
        error: ErrorV1 { message: [0; Error::CAPACITY] },
        api,
    };
    match RootRef::load_module_with(|| Ok::<_, RootModuleError>(root.leak_into_prefix())) {
        // SAFETY: abi_stable's own loaders erase the prefix in the same way; the host checks the layout first.
        Ok(module) => ROk(unsafe { module.to_prefix_ref().cast() }),
        Err(error) => RErr(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_symbol_is_the_one_abi_stable_looks_for() {
        assert_eq!(RUST_DOOR_SYMBOL, abi_stable::library::ROOT_MODULE_LOADER_NAME);
    }
}
