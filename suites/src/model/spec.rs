//! A model's workload in canonical form: what it is of, what it costs, what tokens it is about.

use serde::{Deserialize, Serialize};
use smbench_core::case::{Cost, Tokens};
use smbench_ops::decoder;

use super::entry::{Activation, Normalisation};
use super::phase::Phase;

/// All that a worker needs to build a model's workload again, in canonical form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    pub(super) vocabulary: usize,
    pub(super) context: usize,
    pub(super) width: usize,
    pub(super) layers: usize,
    pub(super) heads: usize,
    pub(super) hidden: usize,
    pub(super) normalisation: Normalisation,
    pub(super) activation: Activation,
    /// Of the weights.
    pub seed: u64,
    /// What a call does.
    pub phase: Phase,
}

impl ModelSpec {
    /// What it is a model of.
    pub fn decoder(&self) -> decoder::Decoder {
        let Self { vocabulary, context, width, layers, heads, hidden, .. } = *self;
        let normalisation = match self.normalisation {
            Normalisation::Layernorm => decoder::Normalisation::Layernorm,
            Normalisation::Rmsnorm => decoder::Normalisation::Rmsnorm,
        };
        let activation = match self.activation {
            Activation::GeluTanh => decoder::Activation::GeluTanh,
            Activation::GeluErf => decoder::Activation::GeluErf,
            Activation::Silu => decoder::Activation::Silu,
        };
        decoder::Decoder { vocabulary, context, width, layers, heads, hidden, normalisation, activation }
    }

    /// The same kind of model and of weights in another size: vocabulary, context, width, layers, heads, hidden.
    pub fn resized(&self, sizes: [usize; 6], phase: Phase) -> Self {
        let [vocabulary, context, width, layers, heads, hidden] = sizes;
        Self { vocabulary, context, width, layers, heads, hidden, phase, ..self.clone() }
    }

    /// Of one call. A creation computes nothing: it reads the weights, and writes them.
    pub fn cost(&self) -> Cost {
        let decoder = self.decoder();
        let passes: Vec<_> = match self.phase {
            Phase::Creation => {
                let elements = decoder.parameters() as u64;
                return Cost { flops: 0, bytes: 8 * elements, elements, passes: 1 };
            }
            Phase::Prefill { tokens, batch } => vec![decoder.cost(batch, tokens, 0, batch)],
            Phase::Inference { prompt, tokens } => {
                (prompt..prompt + tokens).map(|length| decoder.cost(1, length, 0, length)).collect()
            }
            Phase::Decode { prompt, tokens, batch } => {
                (prompt..prompt + tokens).map(|past| decoder.cost(batch, 1, past, batch)).collect()
            }
        };
        let elements = (self.phase.logits() * self.vocabulary) as u64;
        let (flops, bytes) = passes.iter().fold((0, 0), |(flops, bytes), it| (flops + it.flops, bytes + it.bytes));
        Cost { flops, bytes, elements, passes: passes.len() as u64 }
    }

    /// What tokens a call is about.
    pub fn tokens(&self) -> Option<Tokens> {
        let kv_bytes = self.phase.is_cached().then(|| self.decoder().kv_bytes() as u64);
        let per_call = match self.phase {
            Phase::Creation => return None,
            Phase::Prefill { tokens, batch } | Phase::Decode { tokens, batch, .. } => tokens * batch,
            Phase::Inference { tokens, .. } => tokens,
        };
        Some(Tokens { per_call: per_call as u64, kv_bytes })
    }

    /// The part of a case's id that stands where an op's size does.
    pub fn size(&self) -> String {
        let times = |batch: usize| if batch == 1 { String::new() } else { format!("{batch}x") };
        match self.phase {
            Phase::Creation => self.decoder().parameters().to_string(),
            Phase::Prefill { tokens, batch } => format!("{}{tokens}", times(batch)),
            Phase::Inference { prompt, tokens } => format!("{prompt}+{tokens}"),
            Phase::Decode { prompt, tokens, batch } => format!("{}{prompt}+{tokens}", times(batch)),
        }
    }
}
