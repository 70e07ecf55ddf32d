//! A decoder: created, prompted, and asked for tokens. Composed of a backend's ops, or run whole by a backend that can; logits
//! are held against f64.

mod bound;
mod built;
mod engine;
mod entry;
mod phase;
mod spec;

use std::ffi::CStr;
use std::sync::{Arc, Mutex, PoisonError};

use fastrand::Rng;
use smbench_abi::extension::{self as raw, Extension};
use smbench_abi::op::{
    AddArgs, AddLayernormArgs, AttentionArgs, EmbeddingArgs, GeluArgs, LayernormArgs, MatmulArgs, RmsnormArgs,
    ScaleArgs, SiluArgs, SoftmaxArgs,
};
use smbench_abi::{DType, OpArgs, Tensor};
use smbench_core::outcome::Extremes;
use smbench_core::schedule::CallRule;
use smbench_harness::{Bound, Buffers, CallError, Depth, Instance, Layout, Look, NamedWeights, Slot, Workload};
use smbench_ops::decoder::{Decoder, Oracle, Weight};
use smbench_ops::{Furthest, Regime, fill};

use crate::compose::view::numbers;
use crate::extremes::extremes;

pub use entry::{Activation, ModelEntry, Normalisation};
pub use phase::Phase;
pub use spec::ModelSpec;

/// The ops that a decoder may be composed of.
pub const CONTRACT: [&CStr; 11] = [
    MatmulArgs::ID,
    AddArgs::ID,
    ScaleArgs::ID,
    SoftmaxArgs::ID,
    LayernormArgs::ID,
    RmsnormArgs::ID,
    GeluArgs::ID,
    SiluArgs::ID,
    EmbeddingArgs::ID,
    AddLayernormArgs::ID,
    AttentionArgs::ID,
];

/// A decoder and what is done with it.
pub struct Model {
    spec: ModelSpec,
    decoder: Decoder,
    weights: Vec<Weight>,
    oracles: Mutex<Option<Known>>,
}

/// The oracles of the sequences that were looked at last: all backends of a launch see the same ones.
#[derive(Clone)]
struct Known {
    sequences: Vec<Vec<u32>>,
    oracles: Arc<Vec<Oracle>>,
}

/// Where things lie among the buffers; the weights come first.
#[derive(Clone, Copy)]
struct Places {
    prompt: usize,
    prompt_positions: usize,
    next: usize,
    next_positions: usize,
    logits: usize,
}

impl Model {
    /// The workload that `spec` describes.
    pub fn new(spec: ModelSpec) -> Self {
        let decoder = spec.decoder();
        let weights = decoder.weights();
        Self { spec, decoder, weights, oracles: Mutex::new(None) }
    }

    /// The same, with their names.
    fn named(&self, buffers: &Buffers) -> NamedWeights {
        NamedWeights::new(self.weights.iter().map(|weight| weight.name.as_str()).zip(self.weights(buffers)))
    }

    fn phase(&self) -> Phase {
        self.spec.phase
    }

    fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    fn weight_list(&self) -> &[Weight] {
        &self.weights
    }

    /// Tokens that come one by one have buffers only where there are some.
    fn places(&self) -> Places {
        let prompt = self.weights.len();
        let logits = prompt + if self.phase().steps() > 0 { 4 } else { 2 };
        Places { prompt, prompt_positions: prompt + 1, next: prompt + 2, next_positions: prompt + 3, logits }
    }

    /// Tensors over the host's weights.
    fn weights<'m>(&'m self, buffers: &'m Buffers) -> impl Iterator<Item = Tensor> + 'm {
        self.weights.iter().enumerate().map(|(index, weight)| numbers(buffers.place(index), &weight.dims))
    }

    /// The ids of every sequence, prompt and what follows.
    pub fn sequences(&self, buffers: &Buffers) -> Vec<Vec<u32>> {
        let (places, phase) = (self.places(), self.phase());
        let (batch, prompt) = (phase.batch(), phase.prompt());
        let id = |slot: usize, index: usize| buffers.values(slot)[index].to_bits();
        let sequence = |number: usize| {
            let prompt = (0..prompt).map(|position| id(places.prompt, number * prompt + position));
            let next = (0..phase.steps()).map(|step| id(places.next, step * batch + number));
            prompt.chain(next).collect()
        };
        (0..batch).map(sequence).collect()
    }

    fn oracles(&self, buffers: &Buffers) -> Arc<Vec<Oracle>> {
        let sequences = self.sequences(buffers);
        let mut known = self.oracles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_ref().filter(|known| known.sequences == sequences) {
            return Arc::clone(&known.oracles);
        }
        let weights: Vec<&[f32]> = (0..self.weights.len()).map(|index| buffers.values(index)).collect();
        let oracles = sequences.iter().map(|ids| self.decoder.oracle(&weights, ids)).collect();
        let oracles = Arc::new(oracles);
        *known = Some(Known { sequences, oracles: Arc::clone(&oracles) });
        oracles
    }

    /// Rows of logits to look at.
    fn rows(&self, depth: Depth, seed: u64) -> Vec<usize> {
        let all = self.phase().logits();
        match depth {
            Depth::All | Depth::Most => (0..all).collect(),
            Depth::Some => {
                let mut rng = Rng::with_seed(seed);
                let mut rows = vec![all - 1, 0, rng.usize(0..all), rng.usize(0..all)];
                rows.sort_unstable();
                rows.dedup();
                rows
            }
        }
    }

    /// Small models in which everything is ragged, or everything aligned.
    fn small(&self, phase: Phase, ragged: bool) -> Box<dyn Workload> {
        let sizes = if ragged { [19, 12, 21, 2, 3, 50] } else { [32, 16, 32, 1, 2, 64] };
        Box::new(Self::new(self.spec.resized(sizes, phase)))
    }
}

impl Workload for Model {
    fn variants(&self) -> Vec<Box<dyn Workload>> {
        let phases = match self.phase() {
            Phase::Creation => vec![Phase::Creation],
            Phase::Prefill { .. } => {
                vec![Phase::Prefill { tokens: 1, batch: 1 }, Phase::Prefill { tokens: 9, batch: 3 }]
            }
            Phase::Inference { .. } => vec![Phase::Inference { prompt: 1, tokens: 9 }],
            Phase::Decode { .. } => {
                vec![Phase::Decode { prompt: 1, tokens: 1, batch: 1 }, Phase::Decode { prompt: 7, tokens: 5, batch: 3 }]
            }
        };
        phases.into_iter().flat_map(|phase| [true, false].map(|ragged| self.small(phase, ragged))).collect()
    }

    /// Composed, it spends its time in products.
    fn receipt_id(&self, instance: &Instance) -> &'static CStr {
        if instance.has_extension(raw::Model::ID) { raw::Model::ID } else { MatmulArgs::ID }
    }

    fn title(&self) -> String {
        let Decoder { width, layers, .. } = self.decoder;
        let (norm, activation) = (self.decoder.normalisation.op(), self.decoder.activation.op());
        format!("{} {} of {layers}x{width} with {norm} and {activation}", self.phase().word(), self.spec.size())
    }

    fn layout(&self) -> Layout {
        let (phase, vocabulary) = (self.phase(), self.decoder.vocabulary);
        let mut slots: Vec<Slot> = self.weights.iter().map(|weight| Slot::input(&weight.name, &weight.dims)).collect();
        let mut ids = |name: &str, dims: [usize; 2]| {
            slots.push(Slot::input(name, &dims).of(DType::U32));
            slots.push(Slot::input(format!("{name}.positions"), &dims).of(DType::U32));
        };
        ids("prompt", [phase.batch(), phase.prompt()]);
        if phase.steps() > 0 {
            ids("next", [phase.steps(), phase.batch()]);
        }
        slots.push(Slot::output("logits", &[phase.logits(), vocabulary]));
        Layout { slots }
    }

    fn calls(&self) -> CallRule {
        CallRule::default()
    }

    /// Weights follow from the suite's seed, so that they are the same in every launch and on every machine; ids from the
    /// launch's. Outliers are the ops' own business.
    fn fill(&self, buffers: &Buffers, _regime: Regime, seed: u64) {
        for (index, weight) in self.weights.iter().enumerate() {
            let seed = self.spec.seed.wrapping_add(index as u64);
            buffers.write(index, |values| fill(values, weight.fill, Regime::Usual, seed));
        }
        let (places, phase, mut rng) = (self.places(), self.phase(), Rng::with_seed(seed));
        let mut ids = |slot: usize, position: &dyn Fn(usize) -> usize| {
            let vocabulary = self.decoder.vocabulary as u32;
            buffers.write(slot, |ids| ids.fill_with(|| f32::from_bits(rng.u32(0..vocabulary))));
            buffers.write(slot + 1, |positions| {
                let value = |index: usize| f32::from_bits(position(index) as u32);
                positions.iter_mut().enumerate().for_each(|(index, slot)| *slot = value(index));
            });
        };
        ids(places.prompt, &|index| index % phase.prompt());
        if phase.steps() > 0 {
            ids(places.next, &|index| phase.prompt() + index / phase.batch());
        }
    }

    fn bind<'a>(&'a self, instance: &'a Instance, buffers: &'a Buffers) -> Result<Box<dyn Bound + 'a>, CallError> {
        match self.phase() {
            Phase::Creation => Ok(Box::new(bound::Creation::new(self, instance, buffers)?)),
            _ => Ok(Box::new(bound::Generation::new(self, instance, buffers)?)),
        }
    }

    fn verify(&self, buffers: &Buffers, look: Look) -> Result<Extremes, String> {
        let (oracles, places, vocabulary) = (self.oracles(buffers), self.places(), self.decoder.vocabulary);
        let (head, logits) = (buffers.values(self.decoder.head()), buffers.values(places.logits));
        let mut expected = Vec::new();
        for row in self.rows(look.depth, look.seed) {
            let (sequence, position) = self.phase().place(row);
            let exact = oracles[sequence].logits(head, position).into_iter().enumerate();
            expected.extend(exact.map(|(token, exact)| (row * vocabulary + token, exact.within(look.logit_tolerance))));
        }
        let elements = expected.into_iter().map(|(index, exact)| (index, logits[index], exact));
        let logit = |index: usize| {
            let (sequence, position) = self.phase().place(index / vocabulary);
            format!("the logit of token {} at position {position} of sequence {sequence} is", index % vocabulary)
        };
        let deviation = smbench_ops::compare(elements).map_err(|wrong| format!("{} {wrong}", logit(wrong.index)))?;
        Ok(extremes(&deviation, |&Furthest { index, actual, exact, .. }| {
            format!("{}: {} {actual:e}, exactly {exact:.9e}", self.title(), logit(index))
        }))
    }
}
