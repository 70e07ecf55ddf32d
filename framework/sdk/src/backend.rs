//! What a backend is.

use std::ffi::CStr;

use crate::{ExtensionEntry, OpEntry, Result};

/// A backend: a name, a list of ops, and a state per context.
///
/// The host makes contexts with [`create`](Self::create), calls ops on them from any thread but one at a time, and
/// drops them. Nothing is shared between contexts unless you share it.
pub trait Backend: Sized + Send + 'static {
    /// Short, lower case: `c"pooled"`.
    const NAME: &'static CStr;

    /// Who ships it: `c"acme"`.
    const VENDOR: &'static CStr;

    /// What it computes, one line per op: `op::matmul::entry::<Self>()`.
    const OPS: &'static [OpEntry<Self>];

    /// What it offers beyond ops, one line each: `extension::memory::entry::<Self>()`.
    const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[];

    /// Keys of the `--backend-option`s it takes; others are refused before [`create`](Self::create).
    const OPTIONS: &'static [&'static str] = &[];

    /// Bits of [`flag`](crate::flag).
    const FLAGS: u32 = 0;

    /// Kernel tiers that run on this machine, best first; none if there is only one way to run.
    fn tiers() -> Vec<&'static str> {
        Vec::new()
    }

    /// Makes a context's state.
    fn create(args: &CreateArgs<'_>) -> Result<Self>;
}

/// What a context is made from; checked before the backend sees it.
#[derive(Clone, Debug)]
pub struct CreateArgs<'a> {
    /// Threads the context may use in all, the caller's included; at least 1.
    pub threads: usize,
    /// One of [`Backend::tiers`], the best unless asked otherwise; empty if there are none.
    pub tier: &'a str,
    /// Keys are among [`Backend::OPTIONS`]; on a repeated key the last wins.
    pub options: Vec<(&'a str, &'a str)>,
}

impl CreateArgs<'_> {
    /// The value of option `key`.
    pub fn option(&self, key: &str) -> Option<&str> {
        self.options.iter().rev().find(|(k, _)| *k == key).map(|(_, value)| *value)
    }
}
