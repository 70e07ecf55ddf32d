//! model: whole decoders, run by the backend itself.

use std::any::Any;
use std::ffi::c_void;
use std::{ptr, slice};

use smbench_abi::{Context, Status, Tensor, extension as raw, tail_is_zero};

use super::ExtensionEntry;
use crate::bridge::call::answer;
use crate::bridge::context::{Decoder, instance};
use crate::bridge::table::{newer, utf8};
use crate::{Backend, Error, Operand, Result};

/// Runs whole decoders. The SDK keeps those that are built, so that they die with their context.
pub trait Model {
    /// A decoder, ready to run: weights in the engine's own form, and the keys and values it remembers.
    type Built: Any + Send;

    /// Builds a decoder; what is to stay of the weights is copied. `Unsupported` means: compose it of ops.
    fn build(&mut self, spec: &ModelSpec, weights: &Weights<'_>) -> Result<Self::Built>;

    /// Runs some positions of every sequence and overwrites the logits.
    fn forward(&mut self, model: &mut Self::Built, pass: Pass<'_>) -> Result;
}

/// Shape of a pre-normalised decoder with learned positions and an untied head; the formula stands at
/// [`smbench_abi::extension::ModelSpec`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ModelSpec {
    /// Token ids are below this.
    pub vocabulary: usize,
    /// Most positions.
    pub context: usize,
    /// Width of the residual stream, a multiple of `heads`.
    pub width: usize,
    /// Blocks.
    pub layers: usize,
    /// Attention heads.
    pub heads: usize,
    /// Width of the feed-forward block.
    pub hidden: usize,
    /// Sequences in every pass.
    pub batch: usize,
    /// Whether keys and values are remembered from pass to pass.
    pub cached: bool,
    /// Before each half of a block, and before the head.
    pub normalisation: Normalisation,
    /// In the feed-forward block.
    pub activation: Activation,
    /// Of the normalisation.
    pub eps: f32,
}

/// How rows are normalised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Normalisation {
    /// With gain and bias.
    Layernorm,
    /// With gain only.
    Rmsnorm,
}

/// What stands between the two halves of a feed-forward block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Activation {
    /// GELU, tanh form.
    GeluTanh,
    /// GELU, erf form.
    GeluErf,
    /// SiLU.
    Silu,
}

/// The weights of a decoder, by the names that stand at [`smbench_abi::extension::NamedTensor`].
pub struct Weights<'a> {
    list: Vec<(&'a str, Weight<'a>)>,
}

/// A weight, row-major without gaps.
#[derive(Clone, PartialEq, Debug)]
pub struct Weight<'a> {
    /// Sizes: `[in × out]` of a matrix.
    pub dims: Vec<usize>,
    /// Its elements.
    pub data: &'a [f32],
}

impl<'a> Weights<'a> {
    /// The weight of this name.
    pub fn get(&self, name: &str) -> Result<&Weight<'a>> {
        let found = self.list.iter().find(|(known, _)| *known == name);
        found.map(|(_, weight)| weight).ok_or_else(|| Error::invalid(format!("there is no weight `{name}`")))
    }

    /// All of them, in the host's order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &Weight<'a>)> {
        self.list.iter().map(|(name, weight)| (*name, weight))
    }
}

/// Some positions of every sequence.
pub struct Pass<'a> {
    /// `[batch × new]`, each below the vocabulary.
    pub ids: &'a [u32],
    /// Positions of each sequence in this pass.
    pub new: usize,
    /// Positions before them, remembered from earlier passes; what was remembered of later ones is forgotten.
    pub past_len: usize,
    /// Whether logits are wanted for the last position of each sequence only.
    pub last_only: bool,
    /// `[batch × new × vocabulary]`, or `[batch × vocabulary]` with `last_only`.
    pub logits: &'a mut [f32],
}

/// The line for [`Backend::EXTENSIONS`].
pub const fn entry<B: Backend + Model>() -> ExtensionEntry<B> {
    // SAFETY: the shims below keep the contract.
    unsafe { ExtensionEntry::raw(&Shim::<B>::TABLE) }
}

struct Shim<B>(B);

impl<B: Backend + Model> Shim<B> {
    const TABLE: raw::Model = raw::Model {
        struct_size: size_of::<raw::Model>() as u32,
        reserved: 0,
        build: Some(build::<B>),
        forward: Some(forward::<B>),
        release: Some(release::<B>),
    };
}

unsafe extern "C" fn build<B: Backend + Model>(
    context: *mut Context,
    spec: *const raw::ModelSpec,
    weights: *const raw::NamedTensor,
    weight_count: usize,
    handle: *mut *mut c_void,
    error: *mut smbench_abi::Error,
) -> Status {
    // SAFETY: the host's promises: a context of this table, a spec, so many weights, and a handle to write, or NULL.
    let build = || unsafe {
        let instance = instance::<B>(context)?;
        if spec.is_null() || weights.is_null() || handle.is_null() {
            return Err(Error::invalid("an argument of build is NULL"));
        }
        let spec = read_spec(spec)?;
        let weights = read_weights(slice::from_raw_parts(weights, weight_count))?;
        let decoder = Decoder { spec, built: Box::new(instance.backend.build(&spec, &weights)?) };
        handle.write(decoder.handle());
        instance.decoders.push(decoder);
        Ok(())
    };
    // SAFETY: NULL or writable, says the contract.
    unsafe { answer(error, build) }
}

unsafe extern "C" fn forward<B: Backend + Model>(
    context: *mut Context,
    handle: *mut c_void,
    ids: *const Tensor,
    past_len: u64,
    logits: *const Tensor,
    error: *mut smbench_abi::Error,
) -> Status {
    // SAFETY: the host's promises: a context of this table, tensors or NULL over memory as they say.
    let forward = || unsafe {
        let instance = instance::<B>(context)?;
        let decoder = instance.decoders.iter_mut().find(|decoder| decoder.handle() == handle);
        let Some(Decoder { spec, built }) = decoder else {
            return Err(Error::invalid("the handle is of no model that is built"));
        };
        let (Some(ids), Some(logits)) = (ids.as_ref(), logits.as_ref()) else {
            return Err(Error::invalid("an argument of forward is NULL"));
        };
        let pass = read_pass(spec, ids, past_len, logits)?;
        let built = built.downcast_mut().ok_or_else(|| Error::invalid("the handle is of another backend"))?;
        instance.backend.forward(built, pass)
    };
    // SAFETY: NULL or writable, says the contract.
    unsafe { answer(error, forward) }
}

unsafe extern "C" fn release<B: Backend + Model>(context: *mut Context, handle: *mut c_void) {
    // SAFETY: the host's promise: a context of this table. What is no handle of ours is left alone.
    let release = || unsafe {
        instance::<B>(context)?.decoders.retain(|decoder| decoder.handle() != handle);
        Ok(())
    };
    // SAFETY: no error to write to.
    _ = unsafe { answer(ptr::null_mut(), release) };
}

/// # Safety
/// `spec` points to as many readable bytes as it says.
unsafe fn read_spec(spec: *const raw::ModelSpec) -> Result<ModelSpec> {
    // SAFETY: says the caller: the size comes first, and the rest is read only if it is there.
    let raw = unsafe {
        if ((*spec).struct_size as usize) < size_of::<raw::ModelSpec>() {
            return Err(Error::invalid("the model's spec is smaller than it should be"));
        }
        if !tail_is_zero(spec.cast(), (*spec).struct_size as usize, size_of::<raw::ModelSpec>()) {
            return Err(newer("the model's spec"));
        }
        *spec
    };
    let normalisation = match raw.normalisation {
        raw::Normalisation::LAYERNORM => Normalisation::Layernorm,
        raw::Normalisation::RMSNORM => Normalisation::Rmsnorm,
        other => return Err(Error::unsupported(format!("normalisation {} is unknown", other.0))),
    };
    let activation = match raw.activation {
        raw::Activation::GELU_TANH => Activation::GeluTanh,
        raw::Activation::GELU_ERF => Activation::GeluErf,
        raw::Activation::SILU => Activation::Silu,
        other => return Err(Error::unsupported(format!("activation {} is unknown", other.0))),
    };
    let [vocabulary, context, width, layers, heads, hidden, batch] =
        [raw.vocabulary, raw.context, raw.width, raw.layers, raw.heads, raw.hidden, raw.batch]
            .map(|size| size as usize);
    let some = [vocabulary, context, width, heads, hidden, batch].iter().all(|&size| size > 0);
    if !some || width % heads > 0 {
        return Err(Error::invalid("a size of the model is 0, or its width is not a multiple of its heads"));
    }
    let (cached, eps) = (raw.cached != 0, raw.eps);
    Ok(ModelSpec { vocabulary, context, width, layers, heads, hidden, batch, cached, normalisation, activation, eps })
}

/// # Safety
/// Names are texts, and tensors describe readable memory, for `'a`.
unsafe fn read_weights<'a>(weights: &'a [raw::NamedTensor]) -> Result<Weights<'a>> {
    let read = |weight: &'a raw::NamedTensor| {
        let operand = Operand::contiguous("a weight", &weight.tensor)?;
        let dims = weight.tensor.dims[..weight.tensor.rank as usize].iter().map(|&size| size as usize).collect();
        // SAFETY: says the caller.
        let (name, data) = unsafe { (utf8(weight.name, "name of a weight")?, operand.slice()) };
        let name = name.ok_or_else(|| Error::invalid("a weight has no name"))?;
        Ok((name, Weight { dims, data }))
    };
    Ok(Weights { list: weights.iter().map(read).collect::<Result<_>>()? })
}

/// # Safety
/// The tensors describe memory as the contract says, for `'a`.
unsafe fn read_pass<'a>(spec: &ModelSpec, ids: &Tensor, past_len: u64, logits: &Tensor) -> Result<Pass<'a>> {
    let ids = Operand::ids("ids", ids)?;
    let (new, past_len) = (ids.elements() / spec.batch, past_len as usize);
    if ids.elements() % spec.batch > 0 || new > spec.context.saturating_sub(past_len) {
        let (ids, batch, context) = (ids.elements(), spec.batch, spec.context);
        return Err(Error::invalid(format!("{ids} ids of {batch} sequences after {past_len} of {context} positions")));
    }
    if past_len > 0 && !spec.cached {
        return Err(Error::invalid("a model that remembers nothing has no past"));
    }
    let logits = Operand::contiguous("logits", logits)?.apart_from(&ids)?;
    let rows = logits.rows()?;
    let last_only = rows.rows != ids.elements();
    if rows.cols != spec.vocabulary || last_only && rows.rows != spec.batch {
        return Err(Error::invalid(format!("logits are {}×{}, for {} ids", rows.rows, rows.cols, ids.elements())));
    }
    // SAFETY: the caller vouches for the memory; the logits are apart from the ids.
    let (ids, logits) = unsafe { (ids.ids_ref(), logits.slice_mut()) };
    match ids.iter().find(|&&id| id as usize >= spec.vocabulary) {
        Some(id) => Err(Error::invalid(format!("id {id} is beyond a vocabulary of {}", spec.vocabulary))),
        None => Ok(Pass { ids, new, past_len, last_only, logits }),
    }
}
