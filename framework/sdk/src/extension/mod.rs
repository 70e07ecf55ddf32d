//! What a backend may offer beyond ops: one trait each, one file each. Add a file and a line in each list.

pub mod memory;
pub mod model;
pub mod receipt;
pub mod session;
pub mod weights;

pub use memory::Memory;
pub use model::{Model, ModelSpec};
pub use receipt::{Receipt, Receipts};
pub use session::{Runner, Session};
pub use weights::{Role, Weights};

use std::ffi::{CStr, c_void};
use std::marker::PhantomData;

use smbench_abi::extension::Extension;

/// A line of [`Backend::EXTENSIONS`](crate::Backend::EXTENSIONS).
pub struct ExtensionEntry<B> {
    id: &'static CStr,
    table: *const c_void,
    backend: PhantomData<fn(&mut B)>,
}

impl<B> ExtensionEntry<B> {
    /// An entry with a table of your own; see [`with_backend`](crate::with_backend).
    ///
    /// # Safety
    /// The functions in `table` keep the contract of `T`; their context is one of `B`'s.
    pub const unsafe fn raw<T: Extension>(table: &'static T) -> Self {
        Self { id: T::ID, table: (table as *const T).cast(), backend: PhantomData }
    }

    /// The id, with its revision.
    pub const fn id(&self) -> &'static CStr {
        self.id
    }

    pub(crate) const fn table(&self) -> *const c_void {
        self.table
    }
}

// SAFETY: the table is a `&'static T` of plain data.
unsafe impl<B> Sync for ExtensionEntry<B> {}
