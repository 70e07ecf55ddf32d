//! `export_backend!`: both doors of a plugin, from one table.

use smbench_abi::rust_door::Build;

/// Exports a [`Backend`](crate::Backend) as a plugin: the C door and the abi_stable door, both to one table. The version
/// is the plugin crate's own. Once per cdylib.
#[macro_export]
macro_rules! export_backend {
    ($backend:ty) => {
        #[allow(unsafe_code)] // two symbols with names that the host looks for
        const _: () = {
            use $crate::__export as door;

            static TABLE: door::Table = door::Table::new();

            fn api() -> &'static door::Api {
                const VERSION: &::core::ffi::CStr =
                    door::c_text(::core::concat!(::core::env!("CARGO_PKG_VERSION"), "\0"));
                TABLE.api::<$backend>(VERSION)
            }

            #[unsafe(no_mangle)]
            extern "C" fn smb_plugin_entry_v1(host_major: u32, _host_minor: u32) -> *const door::Api {
                if host_major == door::ABI_MAJOR { api() } else { ::core::ptr::null() }
            }

            extern "C" fn open() -> door::RootModuleResult {
                door::open(api(), door::build(::core::cfg!(debug_assertions)))
            }

            // SAFETY: `open` answers a `RootRef`.
            #[unsafe(export_name = "_1as_0lib_1header_0root_bmodule_bloader")]
            static RUST_DOOR: door::LibHeader =
                unsafe { door::LibHeader::from_constructor::<door::RootRef>(open, door::CheckTypeLayout::Yes) };
        };
    };
}

/// How this plugin was built; see `build.rs` for where the facts come from.
#[doc(hidden)]
pub fn build(debug_assertions: bool) -> Build {
    Build {
        rustc: env!("SMBENCH_RUSTC"),
        target_features: env!("SMBENCH_TARGET_FEATURES"),
        opt_level: env!("SMBENCH_OPT_LEVEL"),
        debug_assertions,
    }
}

/// Whether it was built without optimisation, and by whom.
pub(crate) const FLAGS_OF_BUILD: u32 =
    if matches!(env!("SMBENCH_OPT_LEVEL").as_bytes(), b"0") { smbench_abi::flag::NOT_OPTIMISED } else { 0 };
pub(crate) const COMPILER: &std::ffi::CStr = c_text(concat!(env!("SMBENCH_RUSTC"), "\0"));

/// A text that ends with its only NUL.
#[doc(hidden)]
pub const fn c_text(text: &'static str) -> &'static std::ffi::CStr {
    match std::ffi::CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => panic!("a NUL within the text"),
    }
}
