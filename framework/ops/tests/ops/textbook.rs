//! A plugin on a page: every op in plain f32 loops, called through its argument struct, with the mistakes people make.

use std::ffi::{CStr, c_void};
use std::slice;

use smbench_abi::op::{
    AddArgs, BroadcastAddArgs, GeluArgs, GeluForm, LayernormArgs, MatmulArgs, MulArgs, ReluArgs, RmsnormArgs,
    ScaleArgs, SiluArgs, SoftmaxArgs,
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
    /// Softmax stops at the exponentials.
    NotNormalised,
    /// Softmax does not subtract the maximum.
    NoMaximum,
    /// The causal mask hides one column more.
    MaskedEarly,
    /// The causal mask hides one column less.
    MaskedLate,
    /// Sums are rounded to bf16 as they grow.
    Bf16,
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
        id if id == RmsnormArgs::ID => rmsnorm(&read(args), mistake),
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

fn store(tensor: &Tensor, values: &[f32]) {
    assert_eq!(tensor.elements(), values.len());
    // SAFETY: as `load`; the buffers of outputs are borrowed mutably.
    unsafe { slice::from_raw_parts_mut(tensor.data.cast::<f32>(), tensor.elements()) }.copy_from_slice(values);
}
