//! What the plugin contract costs: calls of the built plugin beside direct calls of what it calls, in turns.
//!
//!     cargo build --release --workspace && cargo bench -p smbench-faer
//!
//! `add` of a few elements shows the way through the ABI itself, descriptors prepared: its difference should be 5 ns at
//! most. `matmul` shows what is left of faer: 0.98 of its speed at least. Medians of many short turns.

use std::ffi::c_void;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;
use std::{env, ptr};

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use libloading::Library;
use smbench_abi::extension::{Extension, Session};
use smbench_abi::op::{AddArgs, MatmulArgs};
use smbench_abi::{
    ABI_MAJOR, ABI_MINOR, Api, ArgsHeader, C_DOOR_SYMBOL, CDoorFn, Context, CreateArgs, DType, Error, OpArgs, OpFn,
    Status, Tensor,
};
use smbench_kernels::Kernels;

const TURNS: usize = 100;

/// How long a turn should take: long beside reading the clock, short beside what else the machine does.
const TURN_NS: f64 = 200_000.0;

fn main() {
    println!("| call | plugin | direct | difference | direct / plugin |");
    println!("|---|---|---|---|---|");
    let both = Both::open(1);
    for elements in [16, 256, 4096] {
        add(&both, elements);
    }
    for side in [64, 96, 128, 200, 256, 512, 1024] {
        product(&both, side, Par::Seq);
    }
    let both = Both::open(2);
    for side in [256, 512, 1024] {
        product(&both, side, Par::rayon(2));
    }
}

fn add(both: &Both, elements: usize) {
    let (a, b, out) = (operand(elements), operand(elements), operand(elements));
    let [of_a, of_b, of_out] = [&a, &b, &out].map(|floats| tensor(floats, &[elements]));
    let args = AddArgs { header: ArgsHeader::of::<AddArgs>(), a: of_a, b: of_b, out: of_out };
    let kernels = Kernels::best();
    both.compare(&format!("add {elements}"), &args, || kernels.add(black_box(&*a), b, out));
}

fn product(both: &Both, side: usize, par: Par) {
    let (a, b, c) = (operand(side * side), operand(side * side), operand(side * side));
    let [of_a, of_b, of_c] = [&a, &b, &c].map(|floats| tensor(floats, &[side, side]));
    let header = ArgsHeader::of::<MatmulArgs>();
    let (bias, b_prepared) = (Tensor::NONE, ptr::null());
    let args = MatmulArgs { header, trans_b: 0, reserved: 0, a: of_a, b: of_b, c: of_c, bias, b_prepared };
    both.compare(&format!("matmul {side}³, {} threads", par.degree()), &args, || {
        let c = MatMut::from_row_major_slice_mut(c, side, side);
        let [a, b] = [&*a, &*b].map(|floats| MatRef::from_row_major_slice(floats, side, side));
        matmul(c, Accum::Replace, a, b, 1.0, par);
    });
}

/// The two ways to the same code, each with a pool of so many threads, inside which it is called.
struct Both {
    plugin: Plugin,
    pool: rayon::ThreadPool,
}

impl Both {
    fn open(threads: u32) -> Self {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads as usize).build().unwrap();
        Both { plugin: Plugin::open(threads), pool }
    }

    /// Prints nanoseconds of a call of each: medians of turns, of many calls each.
    fn compare<A: OpArgs>(&self, call: &str, args: &A, mut direct: impl FnMut() + Send) {
        let mut turn = |is_direct: bool, calls: usize| match is_direct {
            true => self.pool.install(|| timed(calls, &mut direct)),
            false => self.plugin.turn(args, calls),
        };
        turn(false, 10);
        let calls = (TURN_NS / turn(true, 10)).ceil() as usize;
        let [mut through, mut direct] = [const { Vec::new() }; 2];
        for _ in 0..TURNS {
            // There and back: neither always follows the other.
            through.push(turn(false, calls));
            direct.push(turn(true, calls));
            direct.push(turn(true, calls));
            through.push(turn(false, calls));
        }
        let [through, direct] = [through, direct].map(median);
        let (difference, ratio) = (through - direct, direct / through);
        println!("| {call} | {through:.1} ns | {direct:.1} ns | {difference:.1} ns | {ratio:.3} |");
    }
}

fn timed(calls: usize, mut call: impl FnMut()) -> f64 {
    let began = Instant::now();
    for _ in 0..calls {
        call();
    }
    began.elapsed().as_nanos() as f64 / calls as f64
}

fn median(mut taken: Vec<f64>) -> f64 {
    taken.sort_by(f64::total_cmp);
    taken[taken.len() / 2]
}

/// The floats of an operand at the start of a page, as smbench lays them out.
fn operand(elements: usize) -> &'static mut [f32] {
    const PAGE: usize = 1024;
    let floats = Box::leak(vec![1.0_f32; elements + PAGE].into_boxed_slice());
    let start = floats.as_ptr().align_offset(PAGE * size_of::<f32>());
    &mut floats[start..start + elements]
}

fn tensor(floats: &[f32], sizes: &[usize]) -> Tensor {
    Tensor::contiguous(floats.as_ptr().cast_mut().cast::<c_void>(), DType::F32, sizes)
}

/// A context of the built plugin, which is never unloaded.
struct Plugin {
    api: Api,
    context: *mut Context,
}

impl Plugin {
    fn open(threads: u32) -> Self {
        let path = built();
        // SAFETY: our own plugin; its constructors do nothing.
        let library = unsafe { Library::new(&path) };
        let library = Box::leak(Box::new(library.unwrap_or_else(|error| panic!("{}: {error}", path.display()))));
        // SAFETY: the symbol's type is fixed by the contract, and its table lives as long as the library.
        let api = unsafe { Api::read(library.get::<CDoorFn>(C_DOOR_SYMBOL.as_bytes()).unwrap()(ABI_MAJOR, ABI_MINOR)) };
        let struct_size = size_of::<CreateArgs>() as u32;
        let args = CreateArgs { struct_size, threads, tier: ptr::null(), options: ptr::null(), option_count: 0 };
        let (mut context, mut error) = (ptr::null_mut(), Error::EMPTY);
        // SAFETY: complete arguments, and places to write to.
        let status = unsafe { api.create.unwrap()(&args, &mut context, &mut error) };
        assert_eq!(status, Status::Ok, "{}", error.text());
        Plugin { api, context }
    }

    /// Nanoseconds of a call, of so many on a thread of the plugin's pool, as smbench makes them.
    fn turn<A: OpArgs>(&self, args: &A, calls: usize) -> f64 {
        // SAFETY: a context of this table, and a C string.
        let function = unsafe { self.api.op.unwrap()(self.context, A::ID.as_ptr()) };
        let mut turn = Turn { context: self.context, function, args: ptr::from_ref(args).cast(), calls, ns: 0.0 };
        let mut error = Error::EMPTY;
        // SAFETY: the table of this id is a `Session`, and the turn outlives the call.
        let status = unsafe {
            let session = self.api.extension.unwrap()(self.context, Session::ID.as_ptr()).cast::<Session>();
            (*session).run.unwrap()(self.context, Turn::take, (&raw mut turn).cast(), &mut error)
        };
        assert_eq!(status, Status::Ok, "{}", error.text());
        turn.ns
    }
}

/// What a session runs.
struct Turn {
    context: *mut Context,
    function: Option<OpFn>,
    args: *const c_void,
    calls: usize,
    ns: f64,
}

impl Turn {
    unsafe extern "C" fn take(turn: *mut c_void) {
        // SAFETY: what `Plugin::turn` passes, which waits meanwhile.
        let turn = unsafe { &mut *turn.cast::<Turn>() };
        let (function, mut error) = (turn.function.unwrap(), Error::EMPTY);
        turn.ns = timed(turn.calls, || {
            // SAFETY: the op of these arguments in this context; they describe operands that are alive and not used meanwhile.
            let status = unsafe { function(turn.context, turn.args, &mut error) };
            assert_eq!(status, Status::Ok, "{}", error.text());
        });
    }
}

/// Cargo puts benches into `deps`, beside which the plugin lies.
fn built() -> PathBuf {
    let itself = env::current_exe().unwrap();
    itself.ancestors().nth(2).unwrap().join("libsmbench_faer.so")
}
