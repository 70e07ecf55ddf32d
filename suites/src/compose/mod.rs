//! The ops that workloads are composed of, in the hands of one backend: looked up once, called with what stands round
//! them (a [`Tap`]). Where a backend lacks a fused op, its parts take its place.

mod attention;
mod norm;
pub mod view;

use smbench_abi::op::{
    AddArgs, AddLayernormArgs, AttentionArgs, EmbeddingArgs, GeluArgs, GeluForm, LayernormArgs, MatmulArgs,
    RmsnormArgs, ScaleArgs, SiluArgs, SoftmaxArgs,
};
use smbench_abi::{ArgsHeader, OpArgs, Tensor};
use smbench_core::message::Span;
use smbench_harness::{CallError, Function, Instance, Prepared, Scratch, Tap, id_at};
use smbench_ops::decoder::{Activation, Decoder, Normalisation};

pub use attention::Attention;
pub use norm::NormWeights;

/// A backend's ops, and where their results go.
pub struct Ops<'a> {
    /// Where results go until the next op has read them.
    pub scratch: Scratch<'a>,
    matmul: Option<Function<'a, MatmulArgs>>,
    add: Option<Function<'a, AddArgs>>,
    scale: Option<Function<'a, ScaleArgs>>,
    softmax: Option<Function<'a, SoftmaxArgs>>,
    layernorm: Option<Function<'a, LayernormArgs>>,
    rmsnorm: Option<Function<'a, RmsnormArgs>>,
    gelu: Option<Function<'a, GeluArgs>>,
    silu: Option<Function<'a, SiluArgs>>,
    embedding: Option<Function<'a, EmbeddingArgs>>,
    add_layernorm: Option<Function<'a, AddLayernormArgs>>,
    attention: Option<Function<'a, AttentionArgs>>,
}

/// A matrix that stays the same, and what the backend has made of it.
#[derive(Clone, Copy)]
pub struct Matrix<'p> {
    /// `[k×n]`.
    pub b: Tensor,
    /// `[n]`, or none.
    pub bias: Tensor,
    /// From the backend's `weights`.
    pub prepared: Option<&'p Prepared>,
}

impl<'a> Ops<'a> {
    /// All that the backend has.
    pub fn of(instance: &'a Instance) -> Self {
        Self {
            scratch: Scratch::new(instance),
            matmul: instance.function(),
            add: instance.function(),
            scale: instance.function(),
            softmax: instance.function(),
            layernorm: instance.function(),
            rmsnorm: instance.function(),
            gelu: instance.function(),
            silu: instance.function(),
            embedding: instance.function(),
            add_layernorm: instance.function(),
            attention: instance.function(),
        }
    }

    /// All but the fused ones.
    pub fn unfused(instance: &'a Instance) -> Self {
        Self { add_layernorm: None, attention: None, ..Self::of(instance) }
    }

    /// Fails, in words, where the backend lacks what a decoder needs.
    pub fn check(&self, decoder: &Decoder) -> Result<(), CallError> {
        let attention = self.attention.is_some() || self.scale.is_some() && self.softmax.is_some();
        let norm = match decoder.normalisation {
            Normalisation::Layernorm => self.layernorm.is_some(),
            Normalisation::Rmsnorm => self.rmsnorm.is_some(),
        };
        let activation = match decoder.activation {
            Activation::Silu => self.silu.is_some(),
            Activation::GeluTanh | Activation::GeluErf => self.gelu.is_some(),
        };
        let needs = [
            (self.matmul.is_some(), "matmul (with a bias)"),
            (self.add.is_some(), "add"),
            (norm, decoder.normalisation.op()),
            (activation, decoder.activation.op()),
            (attention, "attention, or scale and softmax (causal)"),
        ];
        let missing: Vec<&str> = needs.into_iter().filter(|(there, _)| !there).map(|(_, what)| what).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(CallError::unsupported(format!("a model needs ops that the plugin lacks: {}", missing.join("; "))))
    }

    /// `c = a · b + bias`, as `name` in a trace.
    pub fn matmul(
        &self,
        tap: &mut impl Tap,
        name: &'static str,
        a: Tensor,
        matrix: Matrix<'_>,
        c: Tensor,
    ) -> Result<(), CallError> {
        let Matrix { b, bias, prepared } = matrix;
        let args = MatmulArgs {
            header: ArgsHeader::of::<MatmulArgs>(),
            trans_b: 0,
            reserved: 0,
            a,
            b,
            c,
            bias,
            b_prepared: Prepared::handle(prepared),
        };
        tap.around(name, || need(&self.matmul)?.call(&args))
    }

    /// `out = a + b`; `out` may be `a`.
    pub fn add(&self, tap: &mut impl Tap, a: Tensor, b: Tensor, out: Tensor) -> Result<(), CallError> {
        let args = AddArgs { header: ArgsHeader::of::<AddArgs>(), a, b, out };
        tap.around("add", || need(&self.add)?.call(&args))
    }

    /// `x = activation(x)`
    pub fn activate(&self, tap: &mut impl Tap, activation: Activation, x: Tensor) -> Result<(), CallError> {
        let form = if activation == Activation::GeluErf { GeluForm::ERF } else { GeluForm::TANH };
        tap.around(activation.op(), || match activation {
            Activation::GeluTanh | Activation::GeluErf => {
                let header = ArgsHeader::of::<GeluArgs>();
                need(&self.gelu)?.call(&GeluArgs { header, form, reserved: 0, x, out: x })
            }
            Activation::Silu => need(&self.silu)?.call(&SiluArgs { header: ArgsHeader::of::<SiluArgs>(), x, out: x }),
        })
    }

    /// `out[i] = table[ids[i]]`; without such an op the host copies the rows.
    pub fn embed(&self, tap: &mut impl Tap, table: Tensor, ids: Ids, out: Tensor) -> Result<(), CallError> {
        let Some(embedding) = &self.embedding else {
            ids.copy_rows(&table, &out);
            return Ok(());
        };
        let args = EmbeddingArgs { header: ArgsHeader::of::<EmbeddingArgs>(), table, ids: ids.tensor, out };
        tap.around("embedding", || embedding.call(&args))
    }

    /// Acquires a matrix for a result.
    pub fn acquire(&self, tap: &mut impl Tap, rows: usize, cols: usize) -> Result<Tensor, CallError> {
        tap.around(Span::MEMORY, || self.scratch.acquire(&[rows, cols]))
    }

    /// Gives it back.
    pub fn release(&self, tap: &mut impl Tap, tensor: &Tensor) {
        tap.around(Span::MEMORY, || self.scratch.release(tensor));
    }
}

/// Rows of a table to be looked up.
#[derive(Clone, Copy)]
pub struct Ids {
    tensor: Tensor,
}

impl Ids {
    /// So many ids at a place among the host's buffers.
    pub fn new(place: *mut f32, len: usize) -> Self {
        Self { tensor: view::ids(place, len) }
    }

    /// As an op, or a backend that runs whole models, takes them.
    pub fn tensor(&self) -> &Tensor {
        &self.tensor
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.tensor.elements()
    }

    fn copy_rows(&self, table: &Tensor, out: &Tensor) {
        let width = table.dims[1] as usize;
        for row in 0..self.len() {
            let from = view::rows(table, id_at(&self.tensor, row) as usize, 1, width);
            smbench_harness::copy(&from, &view::rows(out, row, 1, width));
        }
    }
}

/// An op that there is no way round.
fn need<'f, 'a, A: OpArgs>(function: &'f Option<Function<'a, A>>) -> Result<&'f Function<'a, A>, CallError> {
    function.as_ref().ok_or_else(|| CallError::unsupported(Instance::lacks(A::ID)))
}
