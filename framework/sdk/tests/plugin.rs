//! A plugin seen from the host's side: its doors, its life, hostile arguments, panics, extensions.

mod support;

use std::ffi::{CStr, c_void};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use smbench_sdk::abi::extension::{self as raw, MemoryStats, ReceiptTable};
use smbench_sdk::abi::op::{
    AddArgs as RawAdd, AttentionArgs as RawAttention, EmbeddingArgs as RawEmbedding, MatmulArgs as RawMatmul,
    ReluArgs as RawRelu, ScaleArgs as RawScale,
};
use smbench_sdk::abi::rust_door::{LibHeader, RootRef};
use smbench_sdk::abi::{
    self, Api, ArgsHeader, Attribute, CustomArgs as RawCustom, DType, KeyValue, OpArgs, Status, Tensor,
};
use smbench_sdk::extension::model::{self, Pass};
use smbench_sdk::extension::{self, Memory, Model, ModelSpec, Receipt, Receipts, Role, Session, Weights};
use smbench_sdk::memory::{Allocator, TensorPool};
use smbench_sdk::op::{
    self, Add, AddArgs, Attention, AttentionArgs, CustomArgs, CustomOp, Embedding, EmbeddingArgs, Matmul, MatmulArgs,
    Relu, ReluArgs, Scale, ScaleArgs,
};
use smbench_sdk::{Backend, CreateArgs, Error, ExtensionEntry, Matrix, OpEntry, Result};
use support::{Host, tensor};

/// Adds, looks up rows, attends to the last visible key, panics in relu, and multiplies by weights that it was given
/// before.
struct Acme {
    tensors: TensorPool,
    tier: String,
}

static ALIVE: AtomicUsize = AtomicUsize::new(0);
static TAKEN_BACK: AtomicUsize = AtomicUsize::new(0);

impl Backend for Acme {
    const NAME: &'static CStr = c"acme";
    const VENDOR: &'static CStr = c"acme corp";
    const OPS: &'static [OpEntry<Self>] = &[
        op::matmul::entry().runs("prepared dot products"),
        op::add::entry().runs("one loop"),
        op::scale::entry(),
        op::relu::entry(),
        op::attention::entry(),
        op::embedding::entry(),
        op::custom::entry::<Self, Negate>(),
    ];
    const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[
        extension::memory::entry(),
        extension::weights::entry(),
        extension::session::entry(),
        model::entry(),
        extension::receipt::entry(),
    ];
    const OPTIONS: &'static [&'static str] = &["fail"];

    fn tiers() -> Vec<&'static str> {
        vec!["fast", "slow"]
    }

    fn create(args: &CreateArgs<'_>) -> Result<Self> {
        match args.option("fail") {
            Some(reason) => Err(Error::failed(reason.to_owned())),
            None => Ok(Self { tensors: TensorPool::new(), tier: args.tier.to_owned() }),
        }
    }
}

impl Add for Acme {
    fn add(&mut self, args: AddArgs<'_>) -> Result {
        args.io.zip(args.b, |a, b| a + b);
        Ok(())
    }
}

impl Scale for Acme {
    fn scale(&mut self, _args: ScaleArgs<'_>) -> Result {
        Err(Error::unsupported("scale is left to others"))
    }
}

impl Relu for Acme {
    fn relu(&mut self, args: ReluArgs<'_>) -> Result {
        panic!("no relu for {} elements", args.io.x().len());
    }
}

/// Keys and values as they lie, so that a test sees which are read: the last visible key times the scale, plus its value.
impl Attention for Acme {
    fn attention(&mut self, mut args: AttentionArgs<'_>) -> Result {
        for b in 0..args.shape.batch {
            for i in 0..args.shape.queries {
                for h in 0..args.shape.heads {
                    let (last, kv_head) = (args.visible(i) - 1, args.kv_head(h));
                    let (k, v) = (args.k.head(b, last, kv_head), args.v.head(b, last, kv_head));
                    let out = args.out.head(b, i, h).iter_mut();
                    out.zip(k).zip(v).for_each(|((out, k), v)| *out = args.scale * k + v);
                }
            }
        }
        Ok(())
    }
}

impl Embedding for Acme {
    fn embedding(&mut self, mut args: EmbeddingArgs<'_>) -> Result {
        for (i, &id) in args.ids.iter().enumerate() {
            args.out.row(i).copy_from_slice(args.table.row(id as usize));
        }
        Ok(())
    }
}

impl Matmul for Acme {
    fn matmul(&mut self, mut args: MatmulArgs<'_>) -> Result {
        let columns = args.b_prepared.and_then(|prepared| prepared.downcast_ref::<Columns>());
        let columns = columns.ok_or_else(|| Error::unsupported("only with prepared weights"))?;
        for i in 0..args.shape.m {
            for (c, column) in args.c.row(i).iter_mut().zip(&columns.0) {
                *c = args.a.row(i).iter().zip(column).map(|(a, b)| a * b).sum();
            }
        }
        Ok(())
    }
}

/// An op of our own.
struct Negate;

impl CustomOp<Acme> for Negate {
    const ID: &'static CStr = c"acme.negate/1";

    fn run(_backend: &mut Acme, mut args: CustomArgs<'_>) -> Result {
        let (x, factor) = (args.input(0)?, args.attribute("factor").unwrap_or(1.0) as f32);
        let out = args.output(0)?;
        assert_eq!(x.dims, out.dims);
        out.data.iter_mut().zip(x.data).for_each(|(out, x)| *out = -factor * x);
        args.output(0).map_or(Ok(()), |_| Err(Error::failed("one output was given twice")))
    }
}

/// `b`, column by column; counts how many are alive.
struct Columns(Vec<Vec<f32>>);

impl Drop for Columns {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Weights for Acme {
    type Prepared = Columns;

    fn prepare(&mut self, source: Matrix<'_>, role: Role) -> Result<Columns> {
        assert_eq!(role, Role::MatmulB);
        ALIVE.fetch_add(1, Ordering::Relaxed);
        let column = |j: usize| (0..source.rows()).map(|i| source.row(i)[j]).collect();
        Ok(Columns((0..source.cols()).map(column).collect()))
    }

    fn release(&mut self, _prepared: Columns) {
        TAKEN_BACK.fetch_add(1, Ordering::Relaxed);
    }
}

/// Logits that tell what a pass was asked: id and position, times the gain.
impl Model for Acme {
    type Built = Gain;

    fn build(&mut self, spec: &ModelSpec, weights: &model::Weights<'_>) -> Result<Gain> {
        if spec.activation == model::Activation::Silu {
            return Err(Error::unsupported("no silu"));
        }
        let gain = weights.get("norm.gain")?;
        assert_eq!((gain.dims.as_slice(), weights.iter().count()), ([1].as_slice(), 1));
        MODELS.fetch_add(1, Ordering::Relaxed);
        Ok(Gain(gain.data[0]))
    }

    fn forward(&mut self, gain: &mut Gain, pass: Pass<'_>) -> Result {
        let per_row = if pass.last_only { pass.new } else { 1 };
        let ids = pass.ids.chunks(per_row).map(|row| row[per_row - 1]).enumerate();
        for ((i, id), row) in ids.zip(pass.logits.chunks_mut(2)) {
            let position = pass.past_len + (i * per_row + per_row - 1) % pass.new;
            row.copy_from_slice(&[gain.0 * id as f32, gain.0 * position as f32]);
        }
        Ok(())
    }
}

/// Counts how many are alive.
struct Gain(f32);

impl Drop for Gain {
    fn drop(&mut self) {
        MODELS.fetch_sub(1, Ordering::Relaxed);
    }
}

static MODELS: AtomicUsize = AtomicUsize::new(0);

impl Memory for Acme {
    type Allocator = TensorPool;

    fn allocator(&mut self) -> &mut TensorPool {
        &mut self.tensors
    }
}

impl Session for Acme {
    type Runner = OtherThread;

    fn runner(&self) -> OtherThread {
        OtherThread
    }
}

/// A pool of one thread that is started each time.
struct OtherThread;

impl extension::Runner for OtherThread {
    fn run(&self, body: impl FnOnce() + Send) {
        std::thread::scope(|scope| _ = scope.spawn(body).join());
    }
}

impl Receipts for Acme {
    fn receipt(&self, _op: &OpEntry<Self>) -> Receipt {
        Receipt { tier: self.tier.clone(), threads: 1, pool: self.tensors.stats(), ..Receipt::default() }
    }
}

smbench_sdk::export_backend!(Acme);

#[allow(improper_ctypes)] // Rust on both sides, and abi_stable checks the layout
unsafe extern "C" {
    safe fn smb_plugin_entry_v1(host_major: u32, host_minor: u32) -> *const Api;
    #[link_name = "_1as_0lib_1header_0root_bmodule_bloader"]
    static RUST_DOOR: LibHeader;
}

fn api() -> Api {
    // SAFETY: our own table.
    unsafe { Api::read(smb_plugin_entry_v1(abi::ABI_MAJOR, abi::ABI_MINOR)) }
}

fn host() -> Host {
    Host::new(api())
}

#[test]
fn both_doors_lead_to_one_table() {
    // SAFETY: the static that `export_backend!` made; abi_stable initialises it under a lock.
    let root = unsafe { &RUST_DOOR }.init_root_module::<RootRef>().unwrap();
    assert!(ptr::eq(root.api(), smb_plugin_entry_v1(abi::ABI_MAJOR, abi::ABI_MINOR)));
    assert_eq!(root.abi_major(), abi::ABI_MAJOR);
    assert!(root.rustc().starts_with("rustc "), "{}", root.rustc());
    assert_eq!(root.debug_assertions(), cfg!(debug_assertions));
    assert!(!root.opt_level().is_empty() && !root.target_features().is_empty());
}

#[test]
fn another_major_is_shown_no_table() {
    assert!(smb_plugin_entry_v1(abi::ABI_MAJOR + 1, 0).is_null());
}

#[test]
fn the_table_says_what_the_backend_says() {
    let api = api();
    // SAFETY: immortal texts.
    let texts = unsafe {
        let tiers = std::slice::from_raw_parts(api.tiers, 3);
        assert!(tiers[2].is_null());
        [api.name, api.version, api.vendor, tiers[0], tiers[1]].map(|text| CStr::from_ptr(text).to_str().unwrap())
    };
    assert_eq!(texts, ["acme", env!("CARGO_PKG_VERSION"), "acme corp", "fast", "slow"]);
    // SAFETY: an immortal text.
    let compiler = unsafe { CStr::from_ptr(api.compiler) }.to_str().unwrap();
    // SAFETY: the static that `export_backend!` made; abi_stable initialises it under a lock.
    let root = unsafe { &RUST_DOOR }.init_root_module::<RootRef>().unwrap();
    assert_eq!(compiler, root.rustc().as_str());
    // SAFETY: an immortal, NULL-terminated list.
    let [own, end] = unsafe { [*api.custom_ops, *api.custom_ops.add(1)] };
    // SAFETY: an immortal text.
    assert_eq!((unsafe { CStr::from_ptr(own) }, end), (Negate::ID, ptr::null()));
    assert_eq!(api.flags & abi::flag::NOT_OPTIMISED != 0, root.opt_level() == "0");
}

#[test]
fn unknown_ids_have_nothing_behind_them() {
    let host = host();
    assert!(host.has(c"add/1") && host.has(c"acme.negate/1"));
    assert!(!host.has(c"add/7") && !host.has(c"") && !host.has(c"conv2d/1"));
    // SAFETY: a live context.
    unsafe {
        assert!(host.api.op.unwrap()(host.context, ptr::null()).is_none());
        assert!(host.api.extension.unwrap()(host.context, c"models/1".as_ptr()).is_null());
        assert!(host.api.extension.unwrap()(host.context, ptr::null()).is_null());
    }
}

#[track_caller]
fn check_create(threads: u32, tier: Option<&CStr>, options: &[(&CStr, &CStr)], want: (Status, &str)) {
    let options: Vec<_> = options.iter().map(|(k, v)| KeyValue { key: k.as_ptr(), value: v.as_ptr() }).collect();
    let answer = Host::with(api(), threads, tier, &options).err();
    assert_eq!(answer, Some((want.0, want.1.to_owned())));
}

#[test]
fn a_context_that_cannot_be_says_why() {
    check_create(0, None, &[], (Status::Invalid, "a context needs at least one thread"));
    let tiers = "no tier `faster` on this machine; available: fast, slow";
    check_create(1, Some(c"faster"), &[], (Status::Unsupported, tiers));
    check_create(1, None, &[(c"colour", c"red")], (Status::Unsupported, "unknown option `colour`; known: fail"));
    check_create(1, None, &[(c"fail", c"on purpose")], (Status::Failed, "on purpose"));
    check_create(1, None, &[(c"fail", c"\xff")], (Status::Invalid, "the option value is not UTF-8"));
}

#[test]
fn create_bears_null() {
    // SAFETY: NULL is what is tested.
    let status = unsafe { api().create.unwrap()(ptr::null(), ptr::null_mut(), ptr::null_mut()) };
    assert_eq!(status, Status::Invalid);
    // SAFETY: as above.
    unsafe { api().destroy.unwrap()(ptr::null_mut()) };
}

#[test]
fn a_good_call_computes() {
    let (mut a, mut b, mut out) = ([1.0, 2.0], [10.0, 20.0], [0.0; 2]);
    let args = RawAdd {
        header: ArgsHeader::of::<RawAdd>(),
        a: tensor(&mut a, &[2]),
        b: tensor(&mut b, &[2]),
        out: tensor(&mut out, &[2]),
    };
    let host = host();
    assert_eq!(host.call(&args), (Status::Ok, String::new()));
    assert_eq!(out, [11.0, 22.0]);
    assert_eq!(host.call(&RawAdd { out: args.a, ..args }).0, Status::Ok);
    assert_eq!(a, [11.0, 22.0]);
}

/// What a host of another version hands to `create`: fewer bytes, or more of them.
#[test]
fn a_context_is_created_by_older_and_newer_hosts_but_not_with_what_is_unknown() {
    #[repr(C)]
    struct Newer {
        known: abi::CreateArgs,
        unknown: [u64; 3],
    }
    let create = |struct_size: usize, unknown: [u64; 3]| {
        let known = abi::CreateArgs {
            struct_size: struct_size as u32,
            threads: 1,
            tier: c"slow".as_ptr(),
            options: ptr::null(),
            option_count: 0,
        };
        let (args, mut context, mut error) = (Newer { known, unknown }, ptr::null_mut(), abi::Error::EMPTY);
        // SAFETY: as many bytes as it says, which begin with the arguments; what is created is destroyed.
        unsafe {
            let status = api().create.unwrap()((&raw const args).cast(), &mut context, &mut error);
            if status == Status::Ok {
                api().destroy.unwrap()(context);
            }
            (status, error.text().to_owned())
        }
    };
    assert_eq!(create(8, [7; 3]).0, Status::Ok, "of a time without tiers and options");
    assert_eq!(create(size_of::<Newer>(), [0; 3]).0, Status::Ok);
    let (status, message) = create(size_of::<Newer>(), [0, 0, 1 << 63]);
    assert_eq!(status, Status::Unsupported);
    assert!(
        message.starts_with("the arguments of create ask for what this plugin's smbench-sdk does not know"),
        "{message}"
    );
}

#[test]
fn an_op_of_our_own_computes_and_bears_what_it_is_given() {
    let (mut x, mut out) = ([1.0, -2.0], [0.0; 2]);
    let (x, out_view) = (tensor(&mut x, &[2]), tensor(&mut out, &[2]));
    let factor = Attribute { name: c"factor".as_ptr(), value: 3.0 };
    let good = RawCustom {
        header: ArgsHeader { struct_size: size_of::<RawCustom>() as u32, reserved: 0 },
        input_count: 1,
        output_count: 1,
        inputs: &raw const x,
        outputs: &raw const out_view,
        attributes: &raw const factor,
        attribute_count: 1,
    };
    let host = host();
    let call = |args: RawCustom| host.call_raw(Negate::ID, (&raw const args).cast());
    assert_eq!(call(good), (Status::Ok, String::new()));
    assert_eq!(out, [-3.0, 6.0]);
    assert_eq!(call(RawCustom { attribute_count: 0, attributes: ptr::null(), ..good }).0, Status::Ok);
    assert_eq!(out, [-1.0, 2.0]);
    let check = |args: RawCustom, message: &str| assert_eq!(call(args), (Status::Invalid, message.to_owned()));
    let list = "a list of the arguments is NULL, too long, or without an output";
    check(RawCustom { output_count: 0, ..good }, list);
    check(RawCustom { inputs: ptr::null(), ..good }, list);
    check(RawCustom { input_count: 65, ..good }, list);
    check(RawCustom { input_count: 0, ..good }, "input 0 is asked for, and there are 0");
    check(RawCustom { outputs: &raw const x, ..good }, "the memory of `an output` and `another operand` overlaps");
}

#[test]
fn hostile_calls_are_refused() {
    let (mut a, mut b, mut out) = ([1.0; 4], [2.0; 4], [0.0; 4]);
    let good = RawAdd {
        header: ArgsHeader::of::<RawAdd>(),
        a: tensor(&mut a, &[4]),
        b: tensor(&mut b, &[4]),
        out: tensor(&mut out, &[4]),
    };
    let host = host();
    let check = |args: RawAdd, status: Status, message: &str| {
        assert_eq!(host.call(&args), (status, message.to_owned()));
    };
    let small = ArgsHeader { struct_size: 16, reserved: 0 };
    check(RawAdd { header: small, ..good }, Status::Invalid, "the argument struct has 16 bytes, 248 are needed");
    check(RawAdd { a: Tensor::NONE, ..good }, Status::Invalid, "`a` is missing");
    let bytes = Tensor { dtype: DType(9), ..good.b };
    check(RawAdd { b: bytes, ..good }, Status::Unsupported, "`b` has dtype 9, not f32");
    check(RawAdd { b: Tensor { rank: 4_000_000_000, ..good.b }, ..good }, Status::Invalid, {
        "`b` has rank 4000000000, not 1 to 4"
    });
    check(RawAdd { out: good.b, ..good }, Status::Invalid, "the memory of `out` and `b` overlaps");
    let short = Tensor::contiguous(good.out.data, DType::F32, &[3]);
    check(RawAdd { out: short, ..good }, Status::Invalid, "`out` is [3], but `a` is [4]");
    assert_eq!(host.call_raw(RawAdd::ID, ptr::null()).0, Status::Invalid);
    assert_eq!(host.call_raw(RawAdd::ID, ptr::without_provenance(3)).0, Status::Invalid);
    assert_eq!(out, [0.0; 4], "nothing was written");
}

#[test]
fn matmul_operands_must_fit() {
    let (mut a, mut b, mut c) = ([1.0; 6], [1.0; 12], [0.0; 8]);
    let (a, b, c) = (tensor(&mut a, &[2, 3]), tensor(&mut b, &[3, 4]), tensor(&mut c, &[2, 4]));
    let (header, bias) = (ArgsHeader::of::<RawMatmul>(), Tensor::NONE);
    let good = RawMatmul { header, trans_b: 0, reserved: 0, a, b, c, bias, b_prepared: ptr::null() };
    let host = host();
    let check = |args: RawMatmul, want: &str| assert_eq!(host.call(&args).1, want);
    check(good, "only with prepared weights");
    check(RawMatmul { trans_b: 1, ..good }, "`b` is [3×4], not [3×3]");
    check(RawMatmul { trans_b: 2, ..good }, "`trans_b` is 2, not 0 or 1");
    check(RawMatmul { c: a, ..good }, "`c` is [2×3], not [2×4]");
    let short = Tensor::contiguous(a.data, DType::F32, &[3]);
    check(RawMatmul { bias: short, ..good }, "`bias` is [3], not [4]");
}

/// q, k and v as slices of one fused matrix of `4 + 2 + 2` vectors a position, two positions of two sequences.
fn fused(data: &mut [f32; 2 * 2 * 8 * 3], out: &mut [f32; 2 * 2 * 4 * 3]) -> RawAttention {
    let slice = |first: usize, heads: u64, data: &mut [f32; 96]| Tensor {
        dims: [2, 2, heads, 3],
        strides: [48, 24, 3, 1],
        ..tensor(&mut data[first * 3..], &[1, 1, 1, 1])
    };
    RawAttention {
        header: ArgsHeader::of::<RawAttention>(),
        heads: 4,
        causal: 1,
        past_len: 0,
        scale: 1000.0,
        reserved: 0,
        q: slice(0, 4, data),
        k: slice(4, 2, data),
        v: slice(6, 2, data),
        out: tensor(out, &[2, 2, 4, 3]),
    }
}

#[test]
fn attention_reads_slices_of_one_matrix() {
    let (mut data, mut out) = (std::array::from_fn(|i| i as f32), [0.0; 48]);
    let args = fused(&mut data, &mut out);
    assert_eq!(host().call(&args), (Status::Ok, String::new()));
    // Vectors 4 and 5 of a position are keys, 6 and 7 values; heads 0 and 1 share the first of each.
    let want = |vector: usize| (1000 * 3 * (vector + 4) + 3 * (vector + 6)) as f32;
    assert_eq!([out[0], out[3], out[6], out[9]], [want(0), want(0), want(1), want(1)]);
    assert_eq!([out[12], out[24], out[45]], [want(8), want(16), want(25)]);
    assert_eq!(host().call(&RawAttention { causal: 0, ..args }).0, Status::Ok);
    assert_eq!(out[0], want(8), "the last key");
    assert_eq!(host().call(&RawAttention { past_len: u64::MAX, ..args }).0, Status::Ok);
    assert_eq!(out[0], want(8), "all keys are past");
}

#[test]
fn attention_operands_must_fit() {
    let (mut data, mut out) = ([0.0; 96], [0.0; 48]);
    let good = fused(&mut data, &mut out);
    let host = host();
    let check = |args: RawAttention, want: &str| assert_eq!(host.call(&args).1, want);
    check(good, "");
    check(RawAttention { heads: 3, ..good }, "`heads` is 3, but `q` has 4");
    check(RawAttention { causal: 2, ..good }, "`causal` is 2, not 0 or 1");
    check(RawAttention { v: good.q, ..good }, "`v` is [2×2×4×3], but `k` is [2×2×2×3]");
    let three = |tensor: Tensor| Tensor { dims: [2, 2, 3, 3], ..tensor };
    check(
        RawAttention { k: three(good.k), v: three(good.v), ..good },
        "`q` is [2×2×4×3] and `k` is [2×2×3×3]: batch and head_dim must be the same, and heads a multiple",
    );
    let (batch, overlapping) = (Tensor { dims: [1, 2, 2, 3], ..good.k }, Tensor { strides: [0, 12, 3, 1], ..good.out });
    check(
        RawAttention { k: batch, v: batch, ..good },
        "`q` is [2×2×4×3] and `k` is [1×2×2×3]: batch and head_dim must be the same, and heads a multiple",
    );
    check(RawAttention { out: overlapping, ..good }, "`out` has vectors that overlap");
    check(RawAttention { out: good.q, ..good }, "the memory of `out` and `q` overlaps");
    check(RawAttention { out: good.k, ..good }, "`out` is [2×2×2×3], but `q` is [2×2×4×3]");
    check(RawAttention { q: Tensor { strides: [48, 24, 3, 2], ..good.q }, ..good }, {
        "`q` has stride 2 in its last dimension, not 1"
    });
    check(RawAttention { q: Tensor { strides: [-48, 24, 3, 1], ..good.q }, ..good }, "`q` has a negative stride");
}

#[test]
fn an_embedding_of_ids_that_are_there() {
    let (mut table, mut ids, mut out) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2_u32, 0, 2], [0.0; 6]);
    let ids_of = |ids: &mut [u32]| Tensor::contiguous(ids.as_mut_ptr().cast(), DType::U32, &[ids.len()]);
    let good = RawEmbedding {
        header: ArgsHeader::of::<RawEmbedding>(),
        table: tensor(&mut table, &[3, 2]),
        ids: ids_of(&mut ids),
        out: tensor(&mut out, &[3, 2]),
    };
    let host = host();
    assert_eq!(host.call(&good), (Status::Ok, String::new()));
    assert_eq!(out, [5.0, 6.0, 1.0, 2.0, 5.0, 6.0]);

    let check = |args: RawEmbedding, status: Status, message: &str| {
        assert_eq!(host.call(&args), (status, message.to_owned()));
    };
    let floats = Tensor { dtype: DType::F32, ..good.ids };
    check(RawEmbedding { ids: floats, ..good }, Status::Unsupported, "`ids` has dtype 1, not u32");
    check(RawEmbedding { out: good.table, ..good }, Status::Invalid, "the memory of `out` and `table` overlaps");
    let flat = Tensor::contiguous(good.table.data, DType::F32, &[6]);
    check(RawEmbedding { table: flat, ..good }, Status::Invalid, "`table` is [6], not [1×6]");
    check(RawEmbedding { out: flat, ..good }, Status::Invalid, "`out` is [6], not [3×2]");
    for id in [3, u32::MAX] {
        let message = format!("`ids[1]` is {id}, but `table` has 3 rows");
        check(RawEmbedding { ids: ids_of(&mut [2, id, 0]), ..good }, Status::Invalid, &message);
    }
}

#[test]
fn a_panic_is_a_status_and_the_context_lives_on() {
    let (mut x, mut out) = ([1.0; 3], [0.0; 3]);
    let (x, out) = (tensor(&mut x, &[3]), tensor(&mut out, &[3]));
    let host = host();
    let relu = RawRelu { header: ArgsHeader::of::<RawRelu>(), x, out };
    assert_eq!(host.call(&relu), (Status::Panicked, "no relu for 3 elements".to_owned()));
    let scale = RawScale { header: ArgsHeader::of::<RawScale>(), factor: 1.0, reserved: 0, x, out };
    assert_eq!(host.call(&scale), (Status::Unsupported, "scale is left to others".to_owned()));
}

#[test]
fn memory_comes_back_and_goes_out_again() {
    let host = host();
    let memory: raw::Memory = host.extension();
    let acquire = |dims: &[u64], align: usize| {
        let (mut tensor, mut error) = (Tensor::NONE, abi::Error::EMPTY);
        let rank = dims.len() as u32;
        // SAFETY: a live context; all arguments outlive the call.
        let status = unsafe {
            memory.acquire.unwrap()(host.context, DType::F32, rank, dims.as_ptr(), align, 1, &mut tensor, &mut error)
        };
        (status, tensor, error.text().to_owned())
    };
    // SAFETY: a live context, and tensors from it.
    unsafe {
        for _ in 0..3 {
            let (status, tensor, _) = acquire(&[10, 10], 4096);
            assert_eq!((status, tensor.is_contiguous(), tensor.data.addr() % 4096), (Status::Ok, true, 0));
            let data = std::slice::from_raw_parts_mut(tensor.data.cast::<f32>(), 100);
            assert!(data.iter().all(|&x| x == 0.0));
            data.fill(1.0);
            memory.release.unwrap()(host.context, &tensor);
        }
        let (_, kept, _) = acquire(&[100], 64);
        memory.release.unwrap()(host.context, &Tensor { data: ptr::without_provenance_mut(64), ..kept });
        memory.release.unwrap()(host.context, ptr::null());
        let mut stats = MemoryStats { struct_size: size_of::<MemoryStats>() as u32, ..MemoryStats::default() };
        memory.stats.unwrap()(host.context, &mut stats);
        assert_eq!((stats.acquired, stats.reused, stats.live_bytes), (4, 2, 400));
        memory.trim.unwrap()(host.context);
        let mut short = MemoryStats { struct_size: 16, held_bytes: 7, ..MemoryStats::default() };
        memory.stats.unwrap()(host.context, &mut short);
        assert_eq!((short.struct_size, short.acquired, short.held_bytes), (16, 4, 7), "no further than its size");
    }
    assert_eq!(acquire(&[u64::MAX, 2], 64).0, Status::Invalid);
    assert_eq!(acquire(&[4, 0], 64).0, Status::Invalid);
    assert_eq!(acquire(&[4], 48).2, "alignment 48 is not a power of two up to 4096");
    assert_eq!(acquire(&[], 64).0, Status::Invalid);
}

#[test]
fn prepared_weights_arrive_in_the_op_and_die_with_their_context() {
    let (mut a, mut b, mut c) = ([1.0, 2.0], [1.0, 2.0, 3.0, 4.0], [0.0; 2]);
    let (a, b, out) = (tensor(&mut a, &[1, 2]), tensor(&mut b, &[2, 2]), tensor(&mut c, &[1, 2]));
    let host = host();
    let weights: raw::Weights = host.extension();
    let prepare = |role: &CStr| {
        let mut handle = ptr::null();
        // SAFETY: a live context; all arguments outlive the call.
        let status = unsafe { weights.prepare.unwrap()(host.context, &b, role.as_ptr(), &mut handle, ptr::null_mut()) };
        (status, handle)
    };
    assert_eq!(prepare(c"conv2d.kernel"), (Status::Unsupported, ptr::null()));
    let ((status, b_prepared), (_, released)) = (prepare(c"matmul.b"), prepare(c"matmul.b"));
    assert_eq!((status, ALIVE.load(Ordering::Relaxed)), (Status::Ok, 2));
    for handle in [released, released, ptr::null(), ptr::without_provenance(8)] {
        // SAFETY: a live context, and a handle of it; then what is none any more, and what never was one.
        unsafe { weights.release.unwrap()(host.context, handle) };
    }
    assert_eq!((ALIVE.load(Ordering::Relaxed), TAKEN_BACK.load(Ordering::Relaxed)), (1, 1));

    let (header, bias) = (ArgsHeader::of::<RawMatmul>(), Tensor::NONE);
    let args = RawMatmul { header, trans_b: 0, reserved: 0, a, b, c: out, bias, b_prepared };
    assert_eq!(host.call(&args).0, Status::Ok);
    assert_eq!(c, [7.0, 10.0]);
    drop(host);
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0);
}

#[test]
fn a_session_runs_the_body_once_elsewhere_and_ops_work_inside() {
    struct Seen<'a> {
        host: &'a Host,
        threads: Vec<std::thread::ThreadId>,
        answer: Status,
    }
    unsafe extern "C" fn body(data: *mut c_void) {
        // SAFETY: what `run` was given, and nobody else's meanwhile.
        let seen = unsafe { &mut *data.cast::<Seen<'_>>() };
        seen.threads.push(std::thread::current().id());
        let (mut a, mut b) = ([1.0_f32], [2.0_f32]);
        let (a, b) = (tensor(&mut a, &[1]), tensor(&mut b, &[1]));
        seen.answer = seen.host.call(&RawAdd { header: ArgsHeader::of::<RawAdd>(), a, b, out: a }).0;
    }
    let host = host();
    let session: raw::Session = host.extension();
    let mut seen = Seen { host: &host, threads: Vec::new(), answer: Status::Failed };
    // SAFETY: a live context; `seen` outlives the call.
    let status = unsafe { session.run.unwrap()(host.context, body, (&raw mut seen).cast(), ptr::null_mut()) };
    assert_eq!((status, seen.answer, seen.threads.len()), (Status::Ok, Status::Ok, 1));
    assert_ne!(seen.threads[0], std::thread::current().id());
}

#[test]
fn a_receipt_names_what_runs() {
    let host = host();
    let table: ReceiptTable = host.extension();
    let read = |id: &CStr| {
        let mut receipt = raw::Receipt::EMPTY;
        // SAFETY: a live context; all arguments outlive the call.
        unsafe { table.read.unwrap()(host.context, id.as_ptr(), &mut receipt) };
        let text = |bytes: &[u8]| CStr::from_bytes_until_nul(bytes).unwrap().to_str().unwrap().to_owned();
        (text(&receipt.implementation), text(&receipt.tier), receipt.threads)
    };
    assert_eq!(read(c"add/1"), ("one loop".to_owned(), "fast".to_owned(), 1));
    assert_eq!(read(c"conv2d/1"), (String::new(), String::new(), 0));
}

/// A vocabulary of 2 and two sequences of up to 5 positions.
const SPEC: raw::ModelSpec = raw::ModelSpec {
    struct_size: size_of::<raw::ModelSpec>() as u32,
    vocabulary: 2,
    context: 5,
    width: 1,
    layers: 0,
    heads: 1,
    hidden: 1,
    batch: 2,
    normalisation: raw::Normalisation::RMSNORM,
    activation: raw::Activation::GELU_ERF,
    eps: 0.0,
    cached: 1,
};

fn build(host: &Host, spec: &raw::ModelSpec) -> std::result::Result<*mut c_void, (Status, String)> {
    let (mut gain, mut handle, mut error) = ([10.0], ptr::null_mut(), abi::Error::EMPTY);
    let weight = raw::NamedTensor { name: c"norm.gain".as_ptr(), tensor: tensor(&mut gain, &[1]) };
    let build = host.extension::<raw::Model>().build.unwrap();
    // SAFETY: a live context; the plugin copies what it keeps.
    let status = unsafe { build(host.context, spec, &weight, 1, &mut handle, &mut error) };
    if status == Status::Ok { Ok(handle) } else { Err((status, error.text().to_owned())) }
}

fn forward(
    host: &Host,
    model: *mut c_void,
    ids: &mut [u32],
    past_len: u64,
    rows: usize,
) -> std::result::Result<Vec<f32>, String> {
    let ids = Tensor::contiguous(ids.as_mut_ptr().cast(), DType::U32, &[ids.len()]);
    let mut values = vec![f32::NAN; 2 * rows];
    let (logits, mut error) = (tensor(&mut values, &[rows, 2]), abi::Error::EMPTY);
    let forward = host.extension::<raw::Model>().forward.unwrap();
    // SAFETY: a live context, and arguments of the test's choice, which the SDK has to bear.
    match unsafe { forward(host.context, model, &ids, past_len, &logits, &mut error) } {
        Status::Ok => Ok(values),
        _ => Err(error.text().to_owned()),
    }
}

#[test]
fn a_model_is_built_run_and_ended() {
    let host = host();
    let model = build(&host, &SPEC).unwrap();
    assert_eq!(
        forward(&host, model, &mut [1, 0, 1, 1], 3, 4).unwrap(),
        [10.0, 30.0, 0.0, 40.0, 10.0, 30.0, 10.0, 40.0]
    );
    assert_eq!(forward(&host, model, &mut [1, 0, 1, 1], 0, 2).unwrap(), [0.0, 10.0, 10.0, 10.0], "the last positions");

    let refused = |ids: &mut [u32], past_len, rows, why: &str| {
        assert_eq!(forward(&host, model, ids, past_len, rows).unwrap_err(), why);
    };
    refused(&mut [1, 0, 1], 0, 3, "3 ids of 2 sequences after 0 of 5 positions");
    refused(&mut [1, 0], 5, 2, "2 ids of 2 sequences after 5 of 5 positions");
    refused(&mut [1, 0], u64::MAX, 2, &format!("2 ids of 2 sequences after {} of 5 positions", u64::MAX));
    refused(&mut [1, 2], 0, 2, "id 2 is beyond a vocabulary of 2");
    refused(&mut [1, 0, 1, 1], 0, 3, "logits are 3×2, for 4 ids");
    assert_eq!(
        forward(&host, ptr::null_mut(), &mut [1, 0], 0, 2).unwrap_err(),
        "the handle is of no model that is built"
    );

    let forgetful = build(&host, &raw::ModelSpec { cached: 0, ..SPEC }).unwrap();
    let past = forward(&host, forgetful, &mut [1, 0], 1, 2);
    assert_eq!(past.unwrap_err(), "a model that remembers nothing has no past");
    let silu = raw::ModelSpec { activation: raw::Activation::SILU, ..SPEC };
    assert_eq!(build(&host, &silu).unwrap_err(), (Status::Unsupported, "no silu".to_owned()));
    let heads = raw::ModelSpec { heads: 0, ..SPEC };
    assert_eq!(build(&host, &heads).unwrap_err().0, Status::Invalid);

    assert_eq!(MODELS.load(Ordering::Relaxed), 2);
    // SAFETY: a live context, and handles: one of a model, one of none.
    unsafe {
        let release = host.extension::<raw::Model>().release.unwrap();
        release(host.context, model);
        release(host.context, model);
    }
    assert_eq!(MODELS.load(Ordering::Relaxed), 1);
    drop(host);
    assert_eq!(MODELS.load(Ordering::Relaxed), 0, "a model dies with its context");
}
