//! A decoder in the hands of one backend, which runs it whole or has it composed of its ops.

use std::sync::Arc;

use smbench_abi::extension::{self as raw, ModelSpec};
use smbench_harness::{Buffers, BuiltModel, CallError, Instance, NamedWeights, Tap};
use smbench_ops::decoder::{Activation, Decoder, Normalisation};

use super::Model;
use super::built::{Built, Parts, Pass};

/// A decoder in the hands of one backend.
#[expect(clippy::large_enum_variant, reason = "a box would be an allocation in every creation that is timed")]
pub enum Engine<'a> {
    /// By its extension `model`.
    Whole(Whole<'a>),
    /// Of its ops.
    Composed(Built<'a>),
}

impl<'a> Engine<'a> {
    /// Whole if the backend can, else composed. The weights are the host's.
    pub fn new(
        tap: &mut impl Tap,
        model: &'a Model,
        instance: &'a Instance,
        buffers: &Buffers,
    ) -> Result<Self, CallError> {
        if let Some(whole) = Whole::new(tap, model, instance, &Arc::new(model.named(buffers)))? {
            return Ok(Self::Whole(whole));
        }
        let (decoder, phase) = (model.decoder(), model.phase());
        let parts = Parts::of(instance, model.weights(buffers));
        parts.ops.check(decoder)?;
        let batch = phase.is_cached().then(|| phase.batch());
        Ok(Self::Composed(Built::new(tap, decoder, instance, parts, batch)?))
    }

    /// From ids to logits.
    pub fn forward(&self, tap: &mut impl Tap, pass: &Pass) -> Result<(), CallError> {
        match self {
            Self::Whole(whole) => whole.forward(tap, pass),
            Self::Composed(built) => built.forward(tap, pass),
        }
    }
}

/// A decoder that the backend has built.
pub struct Whole<'a> {
    instance: &'a Instance,
    /// There until it is dropped.
    built: Option<BuiltModel>,
    /// What it is built of.
    _weights: Arc<NamedWeights>,
}

impl<'a> Whole<'a> {
    /// `None` if the backend cannot, or not this one.
    pub fn new(
        tap: &mut impl Tap,
        model: &Model,
        instance: &'a Instance,
        weights: &Arc<NamedWeights>,
    ) -> Result<Option<Self>, CallError> {
        let spec = spec(model);
        let built = tap.around("build model", || instance.build(&spec, weights))?;
        Ok(built.map(|built| Self { instance, built: Some(built), _weights: Arc::clone(weights) }))
    }

    /// From ids to logits.
    pub fn forward(&self, tap: &mut impl Tap, pass: &Pass) -> Result<(), CallError> {
        let built = self.built.as_ref().expect("gone only when dropped");
        tap.around("model", || self.instance.forward(built, pass.ids.tensor(), pass.past, pass.logits))
    }

    /// Gives it back.
    pub fn end(self, tap: &mut impl Tap) {
        tap.around("release model", || drop(self));
    }
}

impl Drop for Whole<'_> {
    fn drop(&mut self) {
        self.built.take().into_iter().for_each(|built| self.instance.unbuild(built));
    }
}

/// As the contract has it.
fn spec(model: &Model) -> ModelSpec {
    let (phase, decoder) = (model.phase(), model.decoder());
    let Decoder { vocabulary, context, width, layers, heads, hidden, .. } = *decoder;
    let [vocabulary, context, width, layers, heads, hidden, batch] =
        [vocabulary, context, width, layers, heads, hidden, phase.batch()].map(|size| size as u32);
    ModelSpec {
        struct_size: size_of::<ModelSpec>() as u32,
        vocabulary,
        context,
        width,
        layers,
        heads,
        hidden,
        batch,
        normalisation: match decoder.normalisation {
            Normalisation::Layernorm => raw::Normalisation::LAYERNORM,
            Normalisation::Rmsnorm => raw::Normalisation::RMSNORM,
        },
        activation: match decoder.activation {
            Activation::GeluTanh => raw::Activation::GELU_TANH,
            Activation::GeluErf => raw::Activation::GELU_ERF,
            Activation::Silu => raw::Activation::SILU,
        },
        eps: Decoder::EPS,
        cached: u32::from(phase.is_cached()),
    }
}
