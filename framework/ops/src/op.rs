//! The shape of a definition.

use core::ffi::CStr;

use smbench_abi::{DType, OpArgs, Tensor};

use crate::generator::Fill;
use crate::tolerance::Expected;

/// One op's definition.
pub trait Op: Sync {
    /// What a suite writes: `gelu_tanh`.
    fn name(&self) -> &'static str;

    /// What a plugin is asked for: `gelu/1`.
    fn id(&self) -> &'static CStr;

    /// The mathematics, in one line.
    fn formula(&self) -> &'static str;

    /// The dimensions a size gives, in order: `["m", "n", "k"]`.
    fn dims(&self) -> &'static [&'static str];

    /// How few numbers a size may have; leading ones that are missing are 1 (see [`full_size`]). `softmax 256` is one
    /// row, but nobody who writes `matmul 256` means 1×1×256.
    fn shortest(&self) -> usize {
        self.dims().len()
    }

    /// Sizes that conformance tries: ragged, aligned, degenerate.
    fn check_sizes(&self) -> &'static [&'static [usize]];

    /// Operands and cost at a size that [`full_size`] has passed.
    fn problem(&self, size: &[usize]) -> Problem;

    /// The exact value of element `index` of output `output`, from the inputs as f32.
    fn element(&self, problem: &Problem, inputs: &[&[f32]], output: usize, index: usize) -> Expected;

    /// How many values [`Op::element`] reads, or as many as take that long.
    fn element_work(&self, _problem: &Problem) -> usize {
        1
    }

    /// The ABI's argument struct over tensors in the order inputs, then outputs.
    fn bind(&self, problem: &Problem, tensors: &[Tensor]) -> Args;

    /// How `out` may be the first input, if it may (METHOD §2.4).
    fn in_place(&self) -> InPlace {
        InPlace::Ring
    }

    /// How a call over these tensors is undone exactly; `Some` for reversible ops.
    fn undo(&self, _problem: &Problem, _tensors: &[Tensor]) -> Option<Undo> {
        None
    }

    /// A check of the whole output that costs less than computing it; `Err` says what is wrong.
    fn whole(&self, _problem: &Problem, _inputs: &[&[f32]], _outputs: &[&[f32]], _seed: u64) -> Result<(), String> {
        Ok(())
    }
}

/// Most elements of one operand: 4 TiB of f32, far above any memory, far below overflow.
const ELEMENTS_MAX: u128 = 1 << 40;

/// Largest product of all dimensions, which a matmul's cost counts: none overflows below it.
const VOLUME_MAX: u128 = 1 << 56;

/// A size of [`Op::dims`] numbers from one that may leave out leading ones; `Err` says what is wrong with it.
pub fn full_size(op: &dyn Op, size: &[usize]) -> Result<Vec<usize>, String> {
    let (name, dims, text) = (op.name(), op.dims(), joined(size, "x"));
    if !(op.shortest()..=dims.len()).contains(&size.len()) {
        let forms = forms(op);
        return Err(format!("size `{text}` does not fit `{name}`, which takes {forms}; write one number for each"));
    }
    let missing = dims.len() - size.len();
    let full: Vec<usize> = core::iter::repeat_n(1, missing).chain(size.iter().copied()).collect();
    if let Some(axis) = full.iter().position(|&dim| dim == 0) {
        return Err(format!("size `{text}` makes `{}` of `{name}` zero; write at least 1", dims[axis]));
    }
    if is_too_large(op, &full) {
        return Err(format!(
            "size `{text}` is too large for `{name}`: at most 2^40 elements an operand and a product of 2^56 are taken; \
             choose a smaller one"
        ));
    }
    Ok(full)
}

/// `rows×cols or cols`: what may be written.
fn forms(op: &dyn Op) -> String {
    let dims = op.dims();
    let forms: Vec<String> = (op.shortest()..=dims.len()).rev().map(|n| joined(&dims[dims.len() - n..], "×")).collect();
    forms.join(" or ")
}

fn is_too_large(op: &dyn Op, size: &[usize]) -> bool {
    let volume = size.iter().fold(1_u128, |volume, &dim| volume.saturating_mul(dim as u128));
    let is_long = |operand: &Operand| operand.elements() as u128 > ELEMENTS_MAX;
    volume > VOLUME_MAX || {
        let problem = op.problem(size);
        problem.inputs.iter().chain(&problem.outputs).any(is_long)
    }
}

fn joined<T: ToString>(parts: &[T], separator: &str) -> String {
    parts.iter().map(T::to_string).collect::<Vec<_>>().join(separator)
}

/// How an op runs on its own output again and again without drifting off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InPlace {
    /// The contract does not allow it.
    Never,
    /// `f(f(x)) = f(x)`: any number of calls.
    Idempotent,
    /// [`Op::undo`] gives inputs that undo the call exactly: calls in pairs.
    Reversible,
    /// Neither: single calls over a ring of slots that are restored between samples.
    Ring,
}

/// How a call in place is undone.
#[expect(clippy::large_enum_variant, reason = "boxed, it would allocate, which `Args` avoids")]
#[derive(Clone, Debug)]
pub enum Undo {
    /// By the same op with these arguments.
    With(Args),
    /// By the same op with its second input negated.
    NegatedInput,
}

/// An op at a size.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The size it was made from.
    pub size: Vec<usize>,
    /// What is read, in the order of the argument struct.
    pub inputs: Vec<Operand>,
    /// What is written.
    pub outputs: Vec<Operand>,
    /// What a call costs.
    pub cost: Cost,
}

/// One operand.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// Name in the argument struct.
    pub name: &'static str,
    /// Dimensions, row-major.
    pub dims: Vec<usize>,
    /// What an input is filled with.
    pub fill: Fill,
}

impl Operand {
    /// An operand filled with values of the op's usual range.
    pub fn new(name: &'static str, dims: &[usize]) -> Self {
        Self { name, dims: dims.to_vec(), fill: Fill::Uniform }
    }

    /// The same with another filling.
    pub fn filled(self, fill: Fill) -> Self {
        Self { fill, ..self }
    }

    /// Elements.
    pub fn elements(&self) -> usize {
        self.dims.iter().product()
    }

    /// What its elements are: f32, but for ids. Either takes four bytes, so memory is handed about as f32.
    pub fn dtype(&self) -> DType {
        match self.fill {
            Fill::Ids(_) => DType::U32,
            _ => DType::F32,
        }
    }
}

/// What one call costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Floating-point operations; a fused multiply-add is two, an exponential, tanh or erf is ten.
    pub flops: u64,
    /// Bytes of all operands, each touched once.
    pub bytes: u64,
}

impl Cost {
    /// What an exponential, a tanh, an erf or a square root with division counts as, by convention.
    pub const TRANSCENDENTAL: u64 = 10;
}

impl Problem {
    /// Puts operands and flops together; bytes follow from the operands.
    pub fn new(size: &[usize], inputs: Vec<Operand>, outputs: Vec<Operand>, flops: u64) -> Self {
        let elements: usize = inputs.iter().chain(&outputs).map(Operand::elements).sum();
        let cost = Cost { flops, bytes: elements as u64 * 4 };
        Self { size: size.to_vec(), inputs, outputs, cost }
    }

    /// Elements of all outputs.
    pub fn output_elements(&self) -> usize {
        self.outputs.iter().map(Operand::elements).sum()
    }
}

/// An argument struct of the ABI with its type forgotten. Building one allocates nothing, because
/// a workload may have to do so in a timed loop.
#[derive(Clone, Debug)]
pub struct Args {
    words: [u64; Self::WORDS],
}

impl Args {
    /// The longest struct, `add_layernorm`, has six tensors: 496 bytes.
    const WORDS: usize = 64;

    /// Where it lies; valid until `self` moves.
    pub fn as_ptr(&self) -> *const core::ffi::c_void {
        self.words.as_ptr().cast()
    }
}

impl<T: OpArgs> From<T> for Args {
    fn from(args: T) -> Self {
        let mut words = [0; Self::WORDS];
        smbench_abi::copy_to_words(&args, &mut words);
        Self { words }
    }
}
