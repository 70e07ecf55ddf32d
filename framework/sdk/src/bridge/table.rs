//! The plugin's one table, and what fills it.

use std::ffi::{CStr, CString, c_char, c_void};
use std::panic::catch_unwind;
use std::ptr;
use std::sync::OnceLock;

use smbench_abi::{Api, Context, KeyValue, OpFn, Status, tail_is_zero};

use super::call::answer;
use super::context::Instance;
use crate::export::{COMPILER, FLAGS_OF_BUILD};
use crate::{Backend, CreateArgs, Error, Result};

/// The table of a plugin, filled when the host first asks: tiers are known only on the machine. Not API: what
/// [`export_backend!`](crate::export_backend) makes a static of.
#[doc(hidden)]
pub struct Table {
    api: OnceLock<Api>,
}

impl Table {
    #[allow(clippy::new_without_default)] // for a static
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self { api: OnceLock::new() }
    }

    #[doc(hidden)]
    pub fn api<B: Backend>(&'static self, version: &'static CStr) -> &'static Api {
        self.api.get_or_init(|| fill::<B>(version))
    }
}

fn fill<B: Backend>(version: &'static CStr) -> Api {
    Api {
        struct_size: size_of::<Api>() as u32,
        flags: B::FLAGS | FLAGS_OF_BUILD,
        name: B::NAME.as_ptr(),
        version: version.as_ptr(),
        vendor: B::VENDOR.as_ptr(),
        tiers: null_terminated(&tiers::<B>()),
        create: Some(create::<B>),
        destroy: Some(destroy::<B>),
        op: Some(op::<B>),
        extension: (!B::EXTENSIONS.is_empty()).then_some(extension::<B>),
        compiler: COMPILER.as_ptr(),
        threads_variable: ptr::null(),
        custom_ops: null_terminated(&custom_ops::<B>()),
    }
}

/// A backend that panics here has no tiers; it may still say why in `create`.
fn tiers<B: Backend>() -> Vec<&'static str> {
    catch_unwind(B::tiers).unwrap_or_default()
}

/// A vendor's own ops have its name before a dot.
fn custom_ops<B: Backend>() -> Vec<&'static str> {
    let ids = B::OPS.iter().filter_map(|entry| entry.id().to_str().ok());
    ids.filter(|id| id.contains('.')).collect()
}

/// An immortal array for C; NULL if there is nothing in it.
fn null_terminated(texts: &[&str]) -> *const *const c_char {
    if texts.is_empty() {
        return ptr::null();
    }
    let texts = texts.iter().filter_map(|text| CString::new(*text).ok()).map(|text| text.into_raw().cast_const());
    texts.chain([ptr::null()]).collect::<Vec<_>>().leak().as_ptr()
}

unsafe extern "C" fn create<B: Backend>(
    args: *const smbench_abi::CreateArgs,
    context: *mut *mut Context,
    error: *mut smbench_abi::Error,
) -> Status {
    let make = || {
        if args.is_null() || context.is_null() {
            return Err(Error::invalid("the arguments of create are NULL"));
        }
        // SAFETY: neither is NULL, and the host vouches for what they point to.
        unsafe {
            let args = read_create_args(args)?;
            context.write(Instance::into_context(B::create(&check_create_args::<B>(&args)?)?));
        }
        Ok(())
    };
    // SAFETY: NULL or writable, says the contract.
    unsafe { answer(error, make) }
}

unsafe extern "C" fn destroy<B: Backend>(context: *mut Context) {
    let end = || {
        if !context.is_null() {
            // SAFETY: one of ours, and the host does not use it again.
            unsafe { Instance::<B>::drop_context(context) };
        }
        Ok(())
    };
    // SAFETY: no error to write to.
    _ = unsafe { answer(ptr::null_mut(), end) };
}

unsafe extern "C" fn op<B: Backend>(_context: *mut Context, id: *const c_char) -> Option<OpFn> {
    // SAFETY: NULL or a text, says the contract.
    let id = unsafe { text(id) }?;
    B::OPS.iter().find(|entry| entry.id() == id).map(|entry| entry.call())
}

unsafe extern "C" fn extension<B: Backend>(_context: *mut Context, id: *const c_char) -> *const c_void {
    // SAFETY: NULL or a text, says the contract.
    let id = unsafe { text(id) };
    let found = B::EXTENSIONS.iter().find(|entry| Some(entry.id()) == id);
    found.map_or(ptr::null(), |entry| entry.table())
}

/// Copies the part that both sides know into a zeroed struct; what a newer host asks for beyond it is refused.
///
/// # Safety
/// `theirs` points to as many readable bytes as it says.
unsafe fn read_create_args(theirs: *const smbench_abi::CreateArgs) -> Result<smbench_abi::CreateArgs> {
    let mut ours = smbench_abi::CreateArgs {
        struct_size: 0,
        threads: 0,
        tier: ptr::null(),
        options: ptr::null(),
        option_count: 0,
    };
    // SAFETY: no more is copied than they have and than we have.
    unsafe {
        let size = (*theirs).struct_size as usize;
        if !tail_is_zero(theirs.cast(), size, size_of_val(&ours)) {
            return Err(newer("the arguments of create"));
        }
        ptr::copy_nonoverlapping(theirs.cast::<u8>(), (&raw mut ours).cast(), size.min(size_of_val(&ours)));
    }
    Ok(ours)
}

/// A host asks for what did not exist when the plugin was built.
pub(crate) fn newer(what: &str) -> Error {
    Error::unsupported(format!(
        "{what} ask for what this plugin's smbench-sdk does not know: rebuild it with a newer one"
    ))
}

/// # Safety
/// The pointers in `args` are as the contract says, for its lifetime.
unsafe fn check_create_args<B: Backend>(args: &smbench_abi::CreateArgs) -> Result<CreateArgs<'_>> {
    if args.threads == 0 {
        return Err(Error::invalid("a context needs at least one thread"));
    }
    // SAFETY: says the caller.
    let (tier, options) = unsafe { (utf8(args.tier, "tier")?, read_options(args)?) };
    options.iter().try_for_each(|(key, _)| known_option::<B>(key))?;
    Ok(CreateArgs { threads: args.threads as usize, tier: available_tier::<B>(tier)?, options })
}

/// # Safety
/// `options` holds `option_count` pairs of texts.
unsafe fn read_options(args: &smbench_abi::CreateArgs) -> Result<Vec<(&str, &str)>> {
    if args.options.is_null() || args.option_count == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: says the caller.
    let pairs: &[KeyValue] = unsafe { std::slice::from_raw_parts(args.options, args.option_count) };
    let missing = || Error::invalid("an option without key or value");
    let read = |pair: &KeyValue| {
        // SAFETY: says the caller.
        unsafe {
            let key = utf8(pair.key, "option key")?.ok_or_else(missing)?;
            Ok((key, utf8(pair.value, "option value")?.ok_or_else(missing)?))
        }
    };
    pairs.iter().map(read).collect()
}

fn known_option<B: Backend>(key: &str) -> Result {
    if B::OPTIONS.contains(&key) {
        return Ok(());
    }
    let known = if B::OPTIONS.is_empty() { "there are none".into() } else { B::OPTIONS.join(", ") };
    Err(Error::unsupported(format!("unknown option `{key}`; known: {known}")))
}

fn available_tier<B: Backend>(asked: Option<&str>) -> Result<&str> {
    let tiers = tiers::<B>();
    match asked {
        None => Ok(tiers.first().copied().unwrap_or("")),
        Some(tier) if tiers.contains(&tier) => Ok(tier),
        Some(tier) if tiers.is_empty() => Err(Error::unsupported(format!("no tier `{tier}`; this backend has none"))),
        Some(tier) => {
            Err(Error::unsupported(format!("no tier `{tier}` on this machine; available: {}", tiers.join(", "))))
        }
    }
}

/// # Safety
/// `pointer` is NULL or a NUL-terminated text that lives for `'a`.
pub(crate) unsafe fn text<'a>(pointer: *const c_char) -> Option<&'a CStr> {
    // SAFETY: says the caller.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) })
}

/// # Safety
/// As [`text`].
pub(crate) unsafe fn utf8<'a>(pointer: *const c_char, what: &str) -> Result<Option<&'a str>> {
    // SAFETY: says the caller.
    let text = unsafe { text(pointer) }.map(CStr::to_str).transpose();
    text.map_err(|_| Error::invalid(format!("the {what} is not UTF-8")))
}
