//! A host in miniature: calls a table as the real one does.

use std::ffi::{CStr, c_void};
use std::ptr;

use smbench_sdk::abi::extension::Extension;
use smbench_sdk::abi::{Api, Context, CreateArgs, DType, Error, KeyValue, OpArgs, Status, Tensor};

/// A status, and what was said with it.
pub type Answer = (Status, String);

/// A context, destroyed when dropped.
pub struct Host {
    pub api: Api,
    pub context: *mut Context,
}

impl Host {
    pub fn new(api: Api) -> Self {
        Self::with(api, 1, None, &[]).unwrap()
    }

    pub fn with(api: Api, threads: u32, tier: Option<&CStr>, options: &[KeyValue]) -> Result<Self, Answer> {
        let tier = tier.map_or(ptr::null(), CStr::as_ptr);
        let struct_size = size_of::<CreateArgs>() as u32;
        let (options, option_count) = (options.as_ptr(), options.len());
        let args = CreateArgs { struct_size, threads, tier, options, option_count };
        let (mut context, mut error) = (ptr::null_mut(), Error::EMPTY);
        // SAFETY: the table of a test's plugin; all arguments outlive the call.
        let status = unsafe { api.create.unwrap()(&args, &mut context, &mut error) };
        if status == Status::Ok { Ok(Self { api, context }) } else { Err((status, error.text().to_owned())) }
    }

    pub fn has(&self, id: &CStr) -> bool {
        // SAFETY: a live context.
        unsafe { self.api.op.unwrap()(self.context, id.as_ptr()).is_some() }
    }

    pub fn call<A: OpArgs>(&self, args: &A) -> Answer {
        self.call_raw(A::ID, (&raw const *args).cast())
    }

    pub fn call_raw(&self, id: &CStr, args: *const c_void) -> Answer {
        let mut error = Error::EMPTY;
        // SAFETY: a live context, and arguments of the test's choice, which the SDK has to bear.
        let status = unsafe {
            let op = self.api.op.unwrap()(self.context, id.as_ptr()).unwrap();
            op(self.context, args, &mut error)
        };
        (status, error.text().to_owned())
    }

    /// The table of an extension.
    pub fn extension<E: Extension>(&self) -> E {
        // SAFETY: a live context; the table is of the type that the id names.
        unsafe { *self.api.extension.unwrap()(self.context, E::ID.as_ptr()).cast::<E>() }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // SAFETY: created by `with`, dropped once.
        unsafe { self.api.destroy.unwrap()(self.context) };
    }
}

/// A contiguous f32 tensor over `data`.
pub fn tensor(data: &mut [f32], dims: &[usize]) -> Tensor {
    Tensor::contiguous(data.as_mut_ptr().cast(), DType::F32, dims)
}
