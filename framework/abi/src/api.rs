//! The root table of a plugin and what `create` takes.

use core::ffi::{c_char, c_void};

use crate::{Error, Status};

/// A plugin's state between `create` and `destroy`; the host never looks inside.
#[repr(C)]
pub struct Context {
    _opaque: [u8; 0],
}

/// Makes a context. On success writes it to `context` and returns [`Status::Ok`].
/// `[any thread · plugin owns the context until destroy]`
pub type CreateFn =
    unsafe extern "C" fn(args: *const CreateArgs, context: *mut *mut Context, error: *mut Error) -> Status;

/// Ends a context and everything made through it; NULL is ignored.
/// `[created · any thread, no call under way · the context is gone]`
pub type DestroyFn = unsafe extern "C" fn(context: *mut Context);

/// Looks an op up by id (`"matmul/1"`); NULL when the plugin does not have it.
/// `[created · any thread · the function lives as long as the library]`
pub type OpLookupFn = unsafe extern "C" fn(context: *mut Context, id: *const c_char) -> Option<OpFn>;

/// Looks an extension's table up by id (`"memory/1"`); NULL when the plugin does not have it.
/// `[created · any thread · the table lives as long as the library]`
pub type ExtensionFn = unsafe extern "C" fn(context: *mut Context, id: *const c_char) -> *const c_void;

/// Runs an op once, synchronously. `args` points to the op's argument struct.
/// `[created · any thread, one caller at a time per context · host owns all buffers]`
pub type OpFn = unsafe extern "C" fn(context: *mut Context, args: *const c_void, error: *mut Error) -> Status;

/// Bits of [`Api::flags`].
pub mod flag {
    /// The plugin wants a process of its own in every launch.
    pub const PREFERS_SPLIT: u32 = 1;
    /// The plugin was compiled without optimisation: a host refuses it unless told otherwise. `smbench.h` sets it by
    /// `SMB_FLAGS_OF_BUILD`, the SDK by itself.
    pub const NOT_OPTIMISED: u32 = 1 << 1;
}

/// The root of a plugin: immortal, immutable, append-only, versioned by `struct_size`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Api {
    /// `sizeof` this struct as the plugin was compiled; says how many fields may be read.
    pub struct_size: u32,
    /// Bits of [`flag`]; unknown bits are ignored.
    pub flags: u32,
    /// Short lower-case name, NUL-terminated UTF-8: `"pooled"`. Not NULL.
    pub name: *const c_char,
    /// The plugin's own version: `"1.4.0"`. Not NULL.
    pub version: *const c_char,
    /// Who ships it: `"acme"`. Not NULL.
    pub vendor: *const c_char,
    /// Kernel tiers that run on this machine, best first, as a NULL-terminated array; NULL when there is one only.
    pub tiers: *const *const c_char,
    /// See [`CreateFn`]. Not NULL.
    pub create: Option<CreateFn>,
    /// See [`DestroyFn`]. Not NULL.
    pub destroy: Option<DestroyFn>,
    /// See [`OpLookupFn`]. Not NULL.
    pub op: Option<OpLookupFn>,
    /// See [`ExtensionFn`]. NULL when the plugin has no extensions.
    pub extension: Option<ExtensionFn>,
    /// Who compiled it: `"gcc 14.2.0"`; NULL when not told. `smbench.h` has it as `SMB_COMPILER`.
    pub compiler: *const c_char,
    /// An environment variable that says how many threads to use and is read when the library is loaded:
    /// `"OMP_NUM_THREADS"`. The host sets it first, and gives the plugin a process of its own. NULL when
    /// [`CreateArgs::threads`] is obeyed.
    pub threads_variable: *const c_char,
    /// Ids of the ops of its own, as a NULL-terminated array: `"acme.topk/1"`; NULL when it has none. For those who list
    /// what a plugin has: an op is asked for whether it stands here or not.
    pub custom_ops: *const *const c_char,
}

// SAFETY: the table and everything it points to is immutable for the life of the library.
unsafe impl Sync for Api {}
// SAFETY: as above; the pointers are to immutable statics.
unsafe impl Send for Api {}

impl Api {
    /// A table with no field set.
    pub const EMPTY: Self = Self {
        struct_size: 0,
        flags: 0,
        name: core::ptr::null(),
        version: core::ptr::null(),
        vendor: core::ptr::null(),
        tiers: core::ptr::null(),
        create: None,
        destroy: None,
        op: None,
        extension: None,
        compiler: core::ptr::null(),
        threads_variable: core::ptr::null(),
        custom_ops: core::ptr::null(),
    };

    /// Copies the part that both sides know into a zeroed table, so that a plugin built against an
    /// older or newer minor version reads as one of ours.
    ///
    /// # Safety
    /// `theirs` must point to at least `struct_size` readable bytes that start with an `Api`.
    pub unsafe fn read(theirs: *const Self) -> Self {
        let mut ours = Self::EMPTY;
        // SAFETY: the caller vouches for `struct_size` bytes; we copy no more than that and no more than we have.
        unsafe {
            let common = ((*theirs).struct_size as usize).min(size_of::<Self>());
            core::ptr::copy_nonoverlapping(theirs.cast::<u8>(), (&raw mut ours).cast::<u8>(), common);
        }
        ours
    }
}

/// One `--backend-option KEY=VALUE`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct KeyValue {
    /// NUL-terminated UTF-8.
    pub key: *const c_char,
    /// NUL-terminated UTF-8.
    pub value: *const c_char,
}

/// What a context is made from. Threads and tier belong to a context, so several contexts of one
/// plugin can live in one process.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CreateArgs {
    /// `sizeof` this struct as the host was compiled.
    pub struct_size: u32,
    /// Threads the context may use in all, the caller's included; at least 1.
    pub threads: u32,
    /// One of [`Api::tiers`], or NULL for the best.
    pub tier: *const c_char,
    /// `option_count` options; a plugin answers [`Status::Unsupported`] to keys that it does not know.
    pub options: *const KeyValue,
    /// Length of `options`.
    pub option_count: usize,
}
