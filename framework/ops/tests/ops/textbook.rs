//! A plugin on a page: every op in plain f32 loops, called through its argument struct, with the mistakes people make.

use std::ffi::{CStr, c_void};
use std::slice;

use smbench_abi::op::{
    AddArgs, AddLayernormArgs, AttentionArgs, BroadcastAddArgs, EmbeddingArgs, GeluArgs, GeluForm, LayernormArgs,
    MatmulArgs, MulArgs, ReluArgs, RmsnormArgs, ScaleArgs, SiluArgs, SoftmaxArgs,
};
use smbench_abi::{ArgsHeader, DType, OpArgs, Tensor};
use smbench_ops::Args;

/// What can go wrong in a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    None,
    /// Matmul leaves out the last product.
    ShortK,
    /// Matmul reads `b` as if it were not transposed, or the reverse.
    Transposed,
    /// Matmul and layernorm leave out what they should add.
    NoBias,
    /// Gelu's other form.
    OtherForm,
    /// Layernorm divides by `cols - 1`.
    UnbiasedVariance,
    /// Layernorm and rmsnorm leave `eps` out.
    NoEps,
    /// Norms leave `gamma` out.
    NoGamma,
    /// Rmsnorm subtracts the mean.
    Centred,
    /// Softmax stops at the exponentials, alone or within attention.
    NotNormalised,
    /// Softmax does not subtract the maximum.
    NoMaximum,
    /// The causal mask hides one column more.
    MaskedEarly,
    /// The causal mask hides one column less.
    MaskedLate,
    /// Sums are rounded to bf16 as they grow, scores when they are complete.
    Bf16,
    /// Add_layernorm keeps the sum to itself.
    SumNotStored,
    /// Add_layernorm leaves the residual out.
    NoResidual,
    /// Attention leaves the scale out.
    NoScale,
    /// Attention reads the keys of the next head.
    OtherHead,
    /// Embedding takes the next row.
    NextRow,
}

/// Calls the op of that id.
pub fn call(id: &CStr, args: &Args, mistake: Mistake) {
    let args = args.as_ptr();
    match id {
        id if id == MatmulArgs::ID => matmul(&read(args), mistake),
        id if id == AddArgs::ID => add(&read(args)),
        id if id == MulArgs::ID => mul(&read(args)),
        id if id == BroadcastAddArgs::ID => broadcast_add(&read(args)),
        id if id == ScaleArgs::ID => scale(&read(args)),
        id if id == GeluArgs::ID => gelu(&read(args), mistake),
        id if id == SiluArgs::ID => silu(&read(args)),
        id if id == ReluArgs::ID => relu(&read(args)),
        id if id == SoftmaxArgs::ID => softmax(&read(args), mistake),
        id if id == LayernormArgs::ID => layernorm(&read(args), mistake),
        id if id == AddLayernormArgs::ID => add_layernorm(&read(args), mistake),
        id if id == RmsnormArgs::ID => rmsnorm(&read(args), mistake),
        id if id == AttentionArgs::ID => attention(&read(args), mistake),
        id if id == EmbeddingArgs::ID => embedding(&read(args), mistake),
        id => panic!("the textbook has no {id:?}"),
    }
}

fn matmul(args: &MatmulArgs, mistake: Mistake) {
    let (m, k) = (dim(&args.a, 0), dim(&args.a, 1));
    let n = dim(&args.c, 1);
    assert!(args.b_prepared.is_null());
    let trans_b = (args.trans_b == 1) != (mistake == Mistake::Transposed);
    let terms = if mistake == Mistake::ShortK { k - 1 } else { k };
    let (a, b) = (load(&args.a), load(&args.b));
    let bias = if args.bias.is_some() && mistake != Mistake::NoBias { load(&args.bias) } else { vec![0.0; n] };
    let mut c = vec![0.0; m * n];
    for i in 0..m {
        for j in 0..n {
            let mut sum = bias[j];
            for p in 0..terms {
                sum += a[i * k + p] * if trans_b { b[j * k + p] } else { b[p * n + j] };
                sum = if mistake == Mistake::Bf16 { bf16(sum) } else { sum };
            }
            c[i * n + j] = sum;
        }
    }
    store(&args.c, &c);
}

fn add(args: &AddArgs) {
    let (a, b) = (load(&args.a), load(&args.b));
    store(&args.out, &a.iter().zip(&b).map(|(a, b)| a + b).collect::<Vec<_>>());
}

fn mul(args: &MulArgs) {
    let (a, b) = (load(&args.a), load(&args.b));
    store(&args.out, &a.iter().zip(&b).map(|(a, b)| a * b).collect::<Vec<_>>());
}

fn broadcast_add(args: &BroadcastAddArgs) {
    let row = load(&args.row);
    let rows = |x: &[f32]| x.iter().zip(&row).map(|(x, row)| x + row).collect();
    map_rows(&args.x, &args.out, |_, x| rows(x));
}

fn scale(args: &ScaleArgs) {
    map(&args.x, &args.out, |x| args.factor * x);
}

fn gelu(args: &GeluArgs, mistake: Mistake) {
    let tanh_form = (args.form == GeluForm::TANH) != (mistake == Mistake::OtherForm);
    let tanh = |x: f32| 0.5 * x * (1.0 + ((2.0 / std::f32::consts::PI).sqrt() * (x + 0.044715 * x * x * x)).tanh());
    let erf = |x: f32| 0.5 * x * (1.0 + libm::erff(x / std::f32::consts::SQRT_2));
    map(&args.x, &args.out, |x| if tanh_form { tanh(x) } else { erf(x) });
}

fn silu(args: &SiluArgs) {
    map(&args.x, &args.out, |x| x / (1.0 + (-x).exp()));
}

fn relu(args: &ReluArgs) {
    map(&args.x, &args.out, |x| x.max(0.0));
}

fn softmax(args: &SoftmaxArgs, mistake: Mistake) {
    let rows = args.x.elements() / dim(&args.x, args.x.rank as usize - 1);
    map_rows(&args.x, &args.out, |i, x| {
        let seen = match (args.causal, mistake) {
            (0, _) => x.len(),
            (_, Mistake::MaskedEarly) => i + x.len() - rows,
            (_, Mistake::MaskedLate) => (i + 2 + x.len() - rows).min(x.len()),
            _ => i + 1 + x.len() - rows,
        };
        let largest = x[..seen].iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let largest = if mistake == Mistake::NoMaximum { 0.0 } else { largest };
        let exponentials: Vec<f32> = x[..seen].iter().map(|x| (x - largest).exp()).collect();
        let sum: f32 = if mistake == Mistake::NotNormalised { 1.0 } else { exponentials.iter().sum() };
        (0..x.len()).map(|j| exponentials.get(j).map_or(0.0, |e| e / sum)).collect()
    });
}

fn layernorm(args: &LayernormArgs, mistake: Mistake) {
    let (gamma, beta) = (load(&args.gamma), load(&args.beta));
    map_rows(&args.x, &args.out, |_, x| {
        let cols = x.len() as f32;
        let mean = x.iter().sum::<f32>() / cols;
        let squares = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>();
        let variance = squares / if mistake == Mistake::UnbiasedVariance { cols - 1.0 } else { cols };
        let deviation = (variance + if mistake == Mistake::NoEps { 0.0 } else { args.eps }).sqrt();
        let gain = |j: usize| if mistake == Mistake::NoGamma { 1.0 } else { gamma[j] };
        let offset = |j: usize| if mistake == Mistake::NoBias { 0.0 } else { beta[j] };
        (0..x.len()).map(|j| (x[j] - mean) / deviation * gain(j) + offset(j)).collect()
    });
}

fn add_layernorm(args: &AddLayernormArgs, mistake: Mistake) {
    let residual = if mistake == Mistake::NoResidual { vec![0.0; args.x.elements()] } else { load(&args.residual) };
    let mut sum: Vec<f32> = load(&args.x).iter().zip(&residual).map(|(x, residual)| x + residual).collect();
    if mistake != Mistake::SumNotStored {
        store(&args.sum, &sum);
    }
    let x = Tensor { data: sum.as_mut_ptr().cast(), ..args.x };
    let (header, eps, gamma, beta, out) =
        (ArgsHeader::of::<LayernormArgs>(), args.eps, args.gamma, args.beta, args.out);
    layernorm(&LayernormArgs { header, eps, reserved: 0, x, gamma, beta, out }, mistake);
}

fn rmsnorm(args: &RmsnormArgs, mistake: Mistake) {
    let gamma = load(&args.gamma);
    map_rows(&args.x, &args.out, |_, x| {
        let cols = x.len() as f32;
        let mean = if mistake == Mistake::Centred { x.iter().sum::<f32>() / cols } else { 0.0 };
        let square = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / cols;
        let root = (square + if mistake == Mistake::NoEps { 0.0 } else { args.eps }).sqrt();
        let gain = |j: usize| if mistake == Mistake::NoGamma { 1.0 } else { gamma[j] };
        (0..x.len()).map(|j| (x[j] - mean) / root * gain(j)).collect()
    });
}

fn attention(args: &AttentionArgs, mistake: Mistake) {
    let [batch, queries, heads, head_dim] = args.q.dims.map(|dim| dim as usize);
    let keys = dim(&args.k, 1);
    assert_eq!((args.heads as usize, args.k.dims, dim(&args.k, 2)), (heads, args.v.dims, heads));
    let (q, k, v) = (load(&args.q), load(&args.k), load(&args.v));
    let key_head = |h: usize| if mistake == Mistake::OtherHead { (h + 1) % heads } else { h };
    let scale = if mistake == Mistake::NoScale { 1.0 } else { args.scale };
    let mut out = vec![0.0; q.len()];
    for (vector, out) in out.chunks_mut(head_dim).enumerate() {
        let (h, i, b) = (vector % heads, vector / heads % queries, vector / heads / queries);
        assert!(b < batch);
        let at = |j: usize, h: usize| ((b * keys + j) * heads + h) * head_dim;
        let last = i + args.past_len as usize;
        let seen = match (args.causal, mistake) {
            (0, _) => keys,
            (_, Mistake::MaskedEarly) => last,
            (_, Mistake::MaskedLate) => (last + 2).min(keys),
            _ => (last + 1).min(keys),
        };
        let q = &q[vector * head_dim..][..head_dim];
        let dot = |j: usize| q.iter().zip(&k[at(j, key_head(h))..]).map(|(q, k)| q * k).sum::<f32>();
        let score = |j: usize| if mistake == Mistake::Bf16 { bf16(dot(j) * scale) } else { dot(j) * scale };
        let scores: Vec<f32> = (0..seen).map(score).collect();
        let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let weights: Vec<f32> = scores.iter().map(|score| (score - largest).exp()).collect();
        let sum: f32 = if mistake == Mistake::NotNormalised { 1.0 } else { weights.iter().sum() };
        for (d, out) in out.iter_mut().enumerate() {
            *out = weights.iter().enumerate().map(|(j, weight)| weight / sum * v[at(j, h) + d]).sum();
        }
    }
    store(&args.out, &out);
}

fn embedding(args: &EmbeddingArgs, mistake: Mistake) {
    let (table, ids) = (load(&args.table), load_ids(&args.ids));
    let (vocabulary, width) = (dim(&args.table, 0), dim(&args.table, 1));
    let row = |id: u32| if mistake == Mistake::NextRow { (id as usize + 1) % vocabulary } else { id as usize };
    store(&args.out, &ids.iter().flat_map(|&id| &table[row(id) * width..][..width]).copied().collect::<Vec<_>>());
}

fn map(x: &Tensor, out: &Tensor, f: impl Fn(f32) -> f32) {
    store(out, &load(x).into_iter().map(f).collect::<Vec<_>>());
}

fn map_rows(x: &Tensor, out: &Tensor, f: impl Fn(usize, &[f32]) -> Vec<f32>) {
    let cols = dim(x, x.rank as usize - 1);
    let rows = load(x);
    store(out, &rows.chunks(cols).enumerate().flat_map(|(i, row)| f(i, row)).collect::<Vec<_>>());
}

fn bf16(x: f32) -> f32 {
    f32::from_bits((x.to_bits() + 0x8000) & 0xffff_0000)
}

fn dim(tensor: &Tensor, axis: usize) -> usize {
    tensor.dims[axis] as usize
}

/// The arguments, if they say the right size.
fn read<T: OpArgs>(args: *const c_void) -> T {
    // SAFETY: `Args` hold an argument struct, which starts with its header.
    let header = unsafe { args.cast::<ArgsHeader>().read() };
    assert_eq!(header.struct_size as usize, size_of::<T>());
    // SAFETY: it is the struct that its size and the op's id say.
    unsafe { args.cast::<T>().read() }
}

/// A copy, so that `out` may be `x`.
fn load(tensor: &Tensor) -> Vec<f32> {
    assert!(tensor.dtype == DType::F32 && tensor.is_contiguous());
    // SAFETY: a trial's tensors lie in its live buffers.
    unsafe { slice::from_raw_parts(tensor.data.cast::<f32>(), tensor.elements()) }.to_vec()
}

fn load_ids(tensor: &Tensor) -> Vec<u32> {
    assert!(tensor.dtype == DType::U32 && tensor.is_contiguous());
    // SAFETY: as `load`.
    unsafe { slice::from_raw_parts(tensor.data.cast::<u32>(), tensor.elements()) }.to_vec()
}

fn store(tensor: &Tensor, values: &[f32]) {
    assert_eq!(tensor.elements(), values.len());
    // SAFETY: as `load`; the buffers of outputs are borrowed mutably.
    unsafe { slice::from_raw_parts_mut(tensor.data.cast::<f32>(), tensor.elements()) }.copy_from_slice(values);
}
