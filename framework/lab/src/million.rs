//! The simplest host there is: loads the plugin, calls `add` a million times, divides. Nothing of smbench but its ABI, so
//! that a kernel of 20 ns has a second witness.

use std::ffi::c_void;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;
use std::{env, ptr};

use libloading::Library;
use smbench_abi::op::AddArgs;
use smbench_abi::{
    ABI_MAJOR, ABI_MINOR, Api, ArgsHeader, C_DOOR_SYMBOL, CDoorFn, Context, CreateArgs, DType, Error, OpArgs, OpFn,
    Status, Tensor,
};

/// First argument of the process that loops; then the plugin and how many elements.
pub const WORD: &str = "__million";

const CALLS: u32 = 1_000_000;

/// Nanoseconds of one call, in a fresh process, as smbench takes them too.
pub fn measure(plugin: &Path, elements: usize) -> Result<f64, String> {
    let itself = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(itself).arg(WORD).arg(plugin).arg(elements.to_string()).output();
    let output = output.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| format!("no time: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// What the process does that [`measure`] starts.
pub fn print(plugin: &str, elements: &str) -> Result<ExitCode, String> {
    let elements = elements.parse().map_err(|error| format!("`{elements}` elements: {error}"))?;
    println!("{}", add_ns(Path::new(plugin), elements)?);
    Ok(ExitCode::SUCCESS)
}

/// A cache line, to which smbench aligns operands, too.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[expect(dead_code, reason = "the plugin reads and writes it")] [f32; 16]);

fn add_ns(plugin: &Path, elements: usize) -> Result<f64, String> {
    let (context, add) = open(plugin)?;
    let operand = || vec![Line([1.0; 16]); elements.div_ceil(16)];
    let (mut a, mut b, mut out) = (operand(), operand(), operand());
    let tensor =
        |lines: &mut Vec<Line>| Tensor::contiguous(lines.as_mut_ptr().cast::<c_void>(), DType::F32, &[elements]);
    let args =
        AddArgs { header: ArgsHeader::of::<AddArgs>(), a: tensor(&mut a), b: tensor(&mut b), out: tensor(&mut out) };
    repeat(context, add, &args)?; // Warm.
    let began = Instant::now();
    repeat(context, add, &args)?;
    Ok(began.elapsed().as_nanos() as f64 / f64::from(CALLS))
}

fn repeat(context: *mut Context, add: OpFn, args: &AddArgs) -> Result<(), String> {
    let mut error = Error::EMPTY;
    for _ in 0..CALLS {
        // SAFETY: the context is alive, the arguments describe three vectors of so many elements that are too.
        let status = unsafe { add(context, ptr::from_ref(args).cast(), &mut error) };
        if status != Status::Ok {
            return Err(error.text().to_owned());
        }
    }
    Ok(())
}

/// Loads the plugin, never to unload it, and makes a context of one thread.
fn open(plugin: &Path) -> Result<(*mut Context, OpFn), String> {
    // SAFETY: our own plugin; its constructors do nothing.
    let library = unsafe { Library::new(plugin) }.map_err(|error| format!("{}: {error}", plugin.display()))?;
    // SAFETY: the symbol's type is fixed by the contract, and the table lives as long as the library, which is for good.
    let api = unsafe {
        let door = library.get::<CDoorFn>(C_DOOR_SYMBOL.as_bytes()).map_err(|error| error.to_string())?;
        let api = door(ABI_MAJOR, ABI_MINOR);
        if api.is_null() {
            return Err("the plugin speaks another ABI".to_owned());
        }
        Api::read(api)
    };
    std::mem::forget(library);
    let (Some(create), Some(op)) = (api.create, api.op) else { return Err("an incomplete table".to_owned()) };
    let args = CreateArgs {
        struct_size: size_of::<CreateArgs>() as u32,
        threads: 1,
        tier: ptr::null(),
        options: ptr::null(),
        option_count: 0,
    };
    let (mut context, mut error) = (ptr::null_mut(), Error::EMPTY);
    // SAFETY: complete arguments, and places to write to.
    if unsafe { create(&args, &mut context, &mut error) } != Status::Ok {
        return Err(error.text().to_owned());
    }
    // SAFETY: a context of this table, and a C string.
    let add = unsafe { op(context, AddArgs::ID.as_ptr()) };
    add.map(|add| (context, add)).ok_or_else(|| "the plugin has no add".to_owned())
}
