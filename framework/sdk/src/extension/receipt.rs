//! receipt: what really ran.

use std::ffi::{CStr, c_char};
use std::ptr;

use smbench_abi::Context;
use smbench_abi::extension::{self as raw, Extension as _};

use super::ExtensionEntry;
use super::memory::write_sized;
use crate::bridge::call::answer;
use crate::bridge::context::instance;
use crate::bridge::table::text;
use crate::memory::PoolStats;
use crate::{Backend, OpEntry};

/// Tells what really runs: of ops, of decoders, or of both.
pub trait Receipts: Sized {
    /// For `op`, as it would run or last ran.
    fn receipt(&self, op: &OpEntry<Self>) -> Receipt {
        _ = op;
        Receipt::default()
    }

    /// For a decoder of the extension [`model`](super::model), if there is one.
    fn model(&self) -> Receipt {
        Receipt::default()
    }
}

/// What an op really uses.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Receipt {
    /// In a few words; nothing means what [`OpEntry::runs`] says.
    pub implementation: String,
    /// Kernel tier, or nothing.
    pub tier: String,
    /// Threads that take part; 0 when not known.
    pub threads: usize,
    /// The backend's pool since creation.
    pub pool: PoolStats,
}

/// The line for [`Backend::EXTENSIONS`].
pub const fn entry<B: Backend + Receipts>() -> ExtensionEntry<B> {
    // SAFETY: the shim below keeps the contract.
    unsafe { ExtensionEntry::raw(&Shim::<B>::TABLE) }
}

struct Shim<B>(B);

impl<B: Backend + Receipts> Shim<B> {
    const TABLE: raw::ReceiptTable =
        raw::ReceiptTable { struct_size: size_of::<raw::ReceiptTable>() as u32, reserved: 0, read: Some(read::<B>) };
}

unsafe extern "C" fn read<B: Backend + Receipts>(context: *mut Context, id: *const c_char, receipt: *mut raw::Receipt) {
    // SAFETY: the host's promises: a context of this table, a text, and as many writable bytes as `receipt` says.
    let read = || unsafe {
        let ours = write(&instance::<B>(context)?.backend, text(id));
        if !receipt.is_null() {
            write_sized(receipt, (*receipt).struct_size, ours);
        }
        Ok(())
    };
    // SAFETY: no error to write to.
    _ = unsafe { answer(ptr::null_mut(), read) };
}

/// An op that the backend does not have has an empty receipt.
fn write<B: Backend + Receipts>(backend: &B, id: Option<&CStr>) -> raw::Receipt {
    if id == Some(raw::Model::ID) {
        return backend.model().raw("");
    }
    let op = B::OPS.iter().find(|op| Some(op.id()) == id);
    op.map_or(raw::Receipt::EMPTY, |op| backend.receipt(op).raw(op.implementation()))
}

impl Receipt {
    /// Across the boundary; `runs` is what is said where the backend says nothing.
    fn raw(&self, runs: &str) -> raw::Receipt {
        let implementation = if self.implementation.is_empty() { runs } else { self.implementation.as_str() };
        raw::Receipt {
            threads: self.threads as u32,
            tier: cut(&self.tier),
            implementation: cut(implementation),
            pool_hits: self.pool.hits,
            pool_misses: self.pool.misses,
            ..raw::Receipt::EMPTY
        }
    }
}

/// NUL-terminated, cut at a character so that it fits.
fn cut<const N: usize>(text: &str) -> [u8; N] {
    let end = text.floor_char_boundary(N - 1);
    let mut bytes = [0; N];
    bytes[..end].copy_from_slice(&text.as_bytes()[..end]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_a_character() {
        assert_eq!(cut::<4>("avx512"), *b"avx\0");
        assert_eq!(cut::<3>("aéb"), *b"a\0\0");
        assert_eq!(cut::<4>("ok"), *b"ok\0\0");
    }
}
