//! A host in miniature.

use std::ffi::{CStr, CString, c_char, c_void};
use std::path::Path;
use std::ptr;

use libloading::Library;
use smbench_abi::extension::{Extension, Weights};
use smbench_abi::op::MatmulArgs;
use smbench_abi::{ABI_MAJOR, ABI_MINOR, Api, C_DOOR_SYMBOL, CDoorFn, Context, CreateArgs, Error, OpArgs, Status};

use crate::{Error as SdkError, Result};

/// A context of a plugin.
pub struct Host {
    api: Api,
    context: *mut Context,
    tier: String,
    threads: u32,
}

/// Loads a plugin for good, and asks it for its table.
pub fn load(path: &Path) -> Result<Api> {
    let failed = |error: libloading::Error| SdkError::failed(format!("{}: {error}", path.display()));
    // SAFETY: whoever checks a plugin wants its code to run; the door has this type, and the library is never closed.
    let table = unsafe {
        let library = Library::new(path).map_err(failed)?;
        let door = *library.get::<CDoorFn>(C_DOOR_SYMBOL).map_err(failed)?;
        std::mem::forget(library);
        door(ABI_MAJOR, ABI_MINOR)
    };
    if table.is_null() {
        return Err(SdkError::unsupported(format!("{} does not speak smbench-abi {ABI_MAJOR}", path.display())));
    }
    // SAFETY: a table, as the contract says.
    Ok(unsafe { Api::read(table) })
}

/// The plugin's tiers, or the empty one if it has none.
pub fn tiers(api: &Api) -> Result<Vec<String>> {
    if api.tiers.is_null() {
        return Ok(vec![String::new()]);
    }
    let mut tiers = Vec::new();
    let mut next = api.tiers;
    // SAFETY: texts, ended by a NULL.
    unsafe {
        while let Some(tier) = read_text(*next) {
            tiers.push(tier);
            next = next.add(1);
        }
    }
    Ok(tiers)
}

impl Host {
    /// Makes a context; the empty tier is the best.
    pub fn create(api: &Api, threads: u32, tier: &str) -> Result<Self> {
        let (Some(create), Some(_), Some(_)) = (api.create, api.destroy, api.op) else {
            return Err(SdkError::invalid("create, destroy or op is missing in the table"));
        };
        let text = CString::new(tier).map_err(|_| SdkError::invalid("a tier with a NUL"))?;
        let args = CreateArgs {
            struct_size: size_of::<CreateArgs>() as u32,
            threads,
            tier: if tier.is_empty() { ptr::null() } else { text.as_ptr() },
            options: ptr::null(),
            option_count: 0,
        };
        let (mut context, mut error) = (ptr::null_mut(), Error::EMPTY);
        // SAFETY: as the contract says; all arguments outlive the call.
        match unsafe { create(&args, &mut context, &mut error) } {
            Status::Ok => Ok(Self { api: *api, context, tier: tier.to_owned(), threads }),
            status => Err(SdkError::new(status, error.text().to_owned())),
        }
    }

    pub fn tier(&self) -> &str {
        &self.tier
    }

    pub fn threads(&self) -> u32 {
        self.threads
    }

    pub fn offers(&self, id: &CStr) -> bool {
        // SAFETY: a live context.
        self.api.op.is_some_and(|op| unsafe { op(self.context, id.as_ptr()) }.is_some())
    }

    /// Can constant operands be prepared?
    pub fn prepares(&self) -> bool {
        self.weights().is_some()
    }

    /// Runs a matmul with `b` prepared, and releases it.
    ///
    /// # Safety
    /// `args` is a matmul's argument struct.
    pub unsafe fn run_prepared(&self, args: *const c_void) -> (Status, String) {
        let Some(Weights { prepare: Some(prepare), release: Some(release), .. }) = self.weights() else {
            return (Status::Failed, "`prepare` or `release` is missing in the table of weights".to_owned());
        };
        // SAFETY: says the caller.
        let mut args = unsafe { *args.cast::<MatmulArgs>() };
        let role = if args.trans_b == 1 { c"matmul.b_transposed" } else { c"matmul.b" };
        let mut error = Error::EMPTY;
        // SAFETY: a live context; nobody else calls; all arguments outlive the calls.
        unsafe {
            match prepare(self.context, &args.b, role.as_ptr(), &mut args.b_prepared, &mut error) {
                Status::Ok if args.b_prepared.is_null() => (Status::Failed, "`prepare` gave a NULL handle".to_owned()),
                Status::Ok => {
                    let answer = self.run(MatmulArgs::ID, (&raw const args).cast());
                    release(self.context, args.b_prepared);
                    answer
                }
                status => (status, error.text().to_owned()),
            }
        }
    }

    fn weights(&self) -> Option<Weights> {
        // SAFETY: a live context; the table is of the type that the id names, and not larger than it says.
        unsafe {
            let table = self.api.extension?(self.context, Weights::ID.as_ptr()).cast::<Weights>().as_ref()?;
            (table.struct_size as usize >= size_of::<Weights>()).then_some(*table)
        }
    }

    /// Runs an op that is offered; `args` is its argument struct over live operands.
    pub fn run(&self, id: &CStr, args: *const c_void) -> (Status, String) {
        let mut error = Error::EMPTY;
        // SAFETY: a live context; nobody else calls; the operands are the caller's.
        let status = unsafe {
            let op = self.api.op.and_then(|op| op(self.context, id.as_ptr()));
            op.map_or(Status::Failed, |op| op(self.context, args, &mut error))
        };
        (status, error.text().to_owned())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(destroy) = self.api.destroy {
            // SAFETY: created by `create`, ended once.
            unsafe { destroy(self.context) };
        }
    }
}

/// # Safety
/// `text` is NULL or a NUL-terminated text.
unsafe fn read_text(text: *const c_char) -> Option<String> {
    // SAFETY: says the caller.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}
