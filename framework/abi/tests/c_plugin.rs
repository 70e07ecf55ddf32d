//! The header suffices: `c_plugin.c`, compiled as C and as C++, is loaded through its door and computes.

#[path = "support/cc.rs"]
mod cc;

use std::ffi::{CStr, c_void};
use std::path::Path;
use std::ptr;

use cc::Language;
use libloading::Library;
use smbench_abi::extension::{Extension, Receipt, ReceiptTable};
use smbench_abi::op::ScaleArgs;
use smbench_abi::{
    ABI_MAJOR, ABI_MINOR, Api, ArgsHeader, C_DOOR_SYMBOL, CDoorFn, Context, CreateArgs, DType, Error, KeyValue, OpArgs,
    Status, Tensor,
};

#[test]
fn a_plugin_in_c_computes() {
    with_plugin(Language::C11, scales);
}

#[test]
fn a_plugin_in_cpp_computes() {
    with_plugin(Language::Cpp17, scales);
}

#[test]
fn a_plugin_in_c_refuses_with_a_message() {
    with_plugin(Language::C11, refuses);
}

/// Compiles and loads the plugin, and hands its table over.
fn with_plugin(language: Language, test: impl FnOnce(&Api)) {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("plugin.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c_plugin.c");
    cc::compile(language, &["-shared", "-fPIC", "-O2"], &source, &library);
    // SAFETY: our own plugin, which does nothing when it is loaded, and whose door has this type.
    unsafe {
        let library = Library::new(&library).unwrap();
        let door = library.get::<CDoorFn>(C_DOOR_SYMBOL).unwrap();
        assert!(door(ABI_MAJOR + 1, 0).is_null(), "another major");
        test(&Api::read(door(ABI_MAJOR, ABI_MINOR)));
    }
}

fn scales(api: &Api) {
    // SAFETY: the table of our own plugin, used as the contract says.
    unsafe {
        assert_eq!(CStr::from_ptr(api.name), c"c-plugin");
        let context = create(api, &[]).unwrap();
        let (x, mut out) = ([1.0_f32, -2.0, 3.0], [0.0_f32; 3]);
        assert_eq!(scale(api, context, &x, DType::F32, &mut out), (Status::Ok, String::new()));
        assert_eq!(out, [2.5, -5.0, 7.5]);
        assert!(api.op.unwrap()(context, c"conv2d/1".as_ptr()).is_none());

        let table = api.extension.unwrap()(context, ReceiptTable::ID.as_ptr()).cast::<ReceiptTable>();
        let mut receipt = Receipt::EMPTY;
        (*table).read.unwrap()(context, ScaleArgs::ID.as_ptr(), &mut receipt);
        assert_eq!((receipt.threads, CStr::from_bytes_until_nul(&receipt.implementation)), (1, Ok(c"one loop")));
        api.destroy.unwrap()(context);
    }
}

fn refuses(api: &Api) {
    let option = KeyValue { key: c"colour".as_ptr(), value: c"red".as_ptr() };
    // SAFETY: the table of our own plugin, used as the contract says.
    unsafe {
        assert_eq!(create(api, &[option]), Err((Status::Invalid, "this backend takes no options".to_owned())));
        let context = create(api, &[]).unwrap();
        let answer = scale(api, context, &[1.0], DType::U32, &mut [0.0]);
        assert_eq!(answer, (Status::Unsupported, "f32 only".to_owned()));
        api.destroy.unwrap()(context);
    }
}

type Answer = (Status, String);

unsafe fn create(api: &Api, options: &[KeyValue]) -> Result<*mut Context, Answer> {
    let args = CreateArgs {
        struct_size: size_of::<CreateArgs>() as u32,
        threads: 1,
        tier: ptr::null(),
        options: options.as_ptr(),
        option_count: options.len(),
    };
    let (mut context, mut error) = (ptr::null_mut(), Error::EMPTY);
    // SAFETY: the caller's table; all arguments outlive the call.
    let status = unsafe { api.create.unwrap()(&args, &mut context, &mut error) };
    if status == Status::Ok { Ok(context) } else { Err((status, error.text().to_owned())) }
}

unsafe fn scale(api: &Api, context: *mut Context, x: &[f32], dtype: DType, out: &mut [f32]) -> Answer {
    let args = ScaleArgs {
        header: ArgsHeader::of::<ScaleArgs>(),
        factor: 2.5,
        reserved: 0,
        x: Tensor::contiguous(x.as_ptr().cast_mut().cast(), dtype, &[x.len()]),
        out: Tensor::contiguous(out.as_mut_ptr().cast(), dtype, &[out.len()]),
    };
    let mut error = Error::EMPTY;
    // SAFETY: the caller's table and context; all arguments outlive the call.
    let status = unsafe {
        let run = api.op.unwrap()(context, ScaleArgs::ID.as_ptr()).unwrap();
        run(context, (&raw const args).cast::<c_void>(), &mut error)
    };
    (status, error.text().to_owned())
}
