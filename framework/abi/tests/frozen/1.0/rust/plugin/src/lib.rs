//! A plugin of 1.0 without the SDK: `add`, through both doors.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use smbench_abi::op::AddArgs;
use smbench_abi::rust_door::{Build, CheckTypeLayout, LibHeader, RootModuleResult, RootRef, open};
use smbench_abi::{ABI_MAJOR, Api, Context, CreateArgs, Error, OpArgs, OpFn, Status};

static API: Api = Api {
    struct_size: size_of::<Api>() as u32,
    name: c"frozen".as_ptr(),
    version: c"1.0.0".as_ptr(),
    vendor: c"smbench tests".as_ptr(),
    create: Some(create),
    destroy: Some(destroy),
    op: Some(op),
    compiler: c"rustc, frozen".as_ptr(),
    ..Api::EMPTY
};

unsafe extern "C" fn create(args: *const CreateArgs, context: *mut *mut Context, _error: *mut Error) -> Status {
    static NOTHING: u8 = 0;
    if unsafe { (*args).threads } == 0 {
        return Status::Invalid;
    }
    unsafe { context.write(ptr::from_ref(&NOTHING).cast_mut().cast()) };
    Status::Ok
}

unsafe extern "C" fn destroy(_context: *mut Context) {}

unsafe extern "C" fn op(_context: *mut Context, id: *const c_char) -> Option<OpFn> {
    (unsafe { CStr::from_ptr(id) } == AddArgs::ID).then_some(add as OpFn)
}

unsafe extern "C" fn add(_context: *mut Context, args: *const c_void, _error: *mut Error) -> Status {
    let args = unsafe { &*args.cast::<AddArgs>() };
    if !(args.a.is_contiguous() && args.b.is_contiguous() && args.out.is_contiguous()) {
        return Status::Unsupported;
    }
    let (a, b, out) = (args.a.data.cast::<f32>(), args.b.data.cast::<f32>(), args.out.data.cast::<f32>());
    for i in 0..args.a.elements() {
        unsafe { *out.add(i) = *a.add(i) + *b.add(i) };
    }
    Status::Ok
}

#[unsafe(no_mangle)]
extern "C" fn smb_plugin_entry_v1(host_major: u32, _host_minor: u32) -> *const Api {
    if host_major == ABI_MAJOR { &API } else { ptr::null() }
}

extern "C" fn door() -> RootModuleResult {
    open(&API, Build { rustc: "rustc, frozen", target_features: "", opt_level: "2", debug_assertions: false })
}

#[unsafe(export_name = "_1as_0lib_1header_0root_bmodule_bloader")]
static RUST_DOOR: LibHeader = unsafe { LibHeader::from_constructor::<RootRef>(door, CheckTypeLayout::Yes) };
