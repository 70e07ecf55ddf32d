//! A model as written in a suite, and the cases it makes.

use serde::{Deserialize, Serialize};
use smbench_core::case::{Cost, Tokens};
use smbench_core::config::ThreadList;
use smbench_ops::decoder;

/// A decoder and what is done with it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// Last part of its cases' ids, where a suite has several models.
    #[serde(default)]
    pub name: Option<String>,
    /// Token ids are below this.
    pub vocabulary: usize,
    /// Most positions.
    pub context: usize,
    /// Width of the residual stream; a multiple of `heads`.
    pub width: usize,
    /// Blocks.
    pub layers: usize,
    /// Attention heads.
    pub heads: usize,
    /// Width of the feed-forward block; four times `width` if not said.
    #[serde(default)]
    pub hidden: Option<usize>,
    /// `layernorm` or `rmsnorm`.
    #[serde(default)]
    pub normalisation: Normalisation,
    /// `gelu_tanh`, `gelu_erf` or `silu`.
    #[serde(default)]
    pub activation: Activation,
    /// Of the weights.
    #[serde(default)]
    pub seed: u64,
    /// What is measured.
    pub cases: Vec<Phase>,
    /// `"1"`, `"1,all"`.
    #[serde(default)]
    pub threads: ThreadList,
}

/// How rows are normalised, as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalisation {
    /// With gain and bias.
    #[default]
    Layernorm,
    /// With gain only.
    Rmsnorm,
}

/// What stands between the two halves of a feed-forward block, as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// GELU by its tanh form.
    #[default]
    GeluTanh,
    /// GELU by its erf form.
    GeluErf,
    /// SiLU.
    Silu,
}

/// What is done with a model in one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Phase {
    /// The weights are loaded into tensors of the backend's own and prepared, the cache is made; then all is released.
    Creation,
    /// A prompt goes through the model and fills the cache; logits for the last position.
    Prefill {
        /// Tokens of the prompt.
        tokens: usize,
        /// Sequences side by side.
        #[serde(default = "one")]
        batch: usize,
    },
    /// So many tokens without a cache: the whole context is computed again for each, with logits for every position.
    Inference {
        /// Tokens of the prompt.
        prompt: usize,
        /// Tokens made: the first pass sees the prompt, each further one a token more.
        tokens: usize,
    },
    /// So many tokens with the cache of a prompt, which is filled outside the clock.
    Decode {
        /// Tokens of the prompt.
        prompt: usize,
        /// Steps: a token for each sequence.
        tokens: usize,
        /// Sequences side by side.
        #[serde(default = "one")]
        batch: usize,
    },
}

fn one() -> usize {
    1
}

/// All that a worker needs to build a model's workload again, in canonical form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    vocabulary: usize,
    context: usize,
    width: usize,
    layers: usize,
    heads: usize,
    hidden: usize,
    normalisation: Normalisation,
    activation: Activation,
    /// Of the weights.
    pub seed: u64,
    /// What a call does.
    pub phase: Phase,
}

/// More weights than this fit no machine that smbench was tried on: 32 GiB.
const PARAMETERS_MAX: u128 = 1 << 33;

impl ModelEntry {
    /// What is wrong with it, if something is.
    pub fn check(&self) -> Result<(), String> {
        let sizes = [
            ("vocabulary", self.vocabulary),
            ("context", self.context),
            ("width", self.width),
            ("layers", self.layers),
            ("heads", self.heads),
            ("hidden", self.hidden.unwrap_or(1)),
        ];
        if let Some((name, _)) = sizes.iter().find(|(_, size)| *size == 0) {
            return Err(format!("`{name}` of a model is 0; write at least 1"));
        }
        if !self.width.is_multiple_of(self.heads) {
            return Err(format!(
                "a width of {} cannot be shared by {} heads; make it a multiple",
                self.width, self.heads
            ));
        }
        if self.cases.is_empty() {
            return Err("a model without cases: give it `cases: [creation, prefill(tokens: 10)]`".to_owned());
        }
        self.parameters_fit()?;
        self.cases.iter().try_for_each(|phase| phase.check(self.context))
    }

    /// Before the weights are listed, which for absurd sizes would be a long list.
    fn parameters_fit(&self) -> Result<(), String> {
        let [vocabulary, context, width, layers, hidden] =
            [self.vocabulary, self.context, self.width, self.layers, self.hidden()].map(|size| size as u128);
        let block = width.saturating_mul(4 * width).saturating_add(width.saturating_mul(2 * hidden));
        let tables = width.saturating_mul(2 * vocabulary + context);
        let parameters = layers.saturating_mul(block).saturating_add(tables);
        if parameters <= PARAMETERS_MAX && layers <= 1024 { Ok(()) } else { Err("the model is too large".to_owned()) }
    }

    fn hidden(&self) -> usize {
        self.hidden.unwrap_or(self.width.saturating_mul(4))
    }

    /// The workload of one of its cases.
    pub fn spec(&self, phase: Phase) -> ModelSpec {
        let Self { vocabulary, context, width, layers, heads, normalisation, activation, seed, .. } = *self;
        let hidden = self.hidden();
        ModelSpec { vocabulary, context, width, layers, heads, hidden, normalisation, activation, seed, phase }
    }
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

impl Phase {
    /// The part of a case's id that stands where an op's name does.
    pub fn word(self) -> &'static str {
        match self {
            Self::Creation => "creation",
            Self::Prefill { .. } => "prefill",
            Self::Inference { .. } => "inference",
            Self::Decode { .. } => "decode",
        }
    }

    /// Does it keep keys and values?
    pub fn is_cached(self) -> bool {
        matches!(self, Self::Prefill { .. } | Self::Decode { .. })
    }

    /// Sequences side by side.
    pub fn batch(self) -> usize {
        match self {
            Self::Creation | Self::Inference { .. } => 1,
            Self::Prefill { batch, .. } | Self::Decode { batch, .. } => batch,
        }
    }

    /// Tokens of each sequence that are there from the beginning. A creation is tried out with a few: with one alone,
    /// attention would have nothing to choose from.
    pub fn prompt(self) -> usize {
        match self {
            Self::Creation => 3,
            Self::Prefill { tokens, .. } => tokens,
            Self::Inference { prompt, tokens } => prompt + tokens - 1,
            Self::Decode { prompt, .. } => prompt,
        }
    }

    /// Tokens of each sequence that come one by one.
    pub fn steps(self) -> usize {
        if let Self::Decode { tokens, .. } = self { tokens } else { 0 }
    }

    /// Rows of logits that the host gets to see.
    pub fn logits(self) -> usize {
        match self {
            Self::Prefill { batch, .. } => batch,
            Self::Creation | Self::Inference { .. } => self.prompt(),
            Self::Decode { tokens, batch, .. } => tokens * batch,
        }
    }

    /// The sequence and the position that row `row` of the logits is about.
    pub fn place(self, row: usize) -> (usize, usize) {
        match self {
            Self::Creation | Self::Inference { .. } => (0, row),
            Self::Prefill { tokens, .. } => (row, tokens - 1),
            Self::Decode { prompt, batch, .. } => (row % batch, prompt + row / batch),
        }
    }

    fn check(self, context: usize) -> Result<(), String> {
        let numbers = match self {
            Self::Creation => [1, 1, 1],
            Self::Prefill { tokens, batch } => [1, tokens, batch],
            Self::Inference { prompt, tokens } => [prompt, tokens, 1],
            Self::Decode { prompt, tokens, batch } => [prompt, tokens, batch],
        };
        let word = self.word();
        if numbers.contains(&0) {
            return Err(format!("`{word}` of nothing: every number is at least 1"));
        }
        let most = numbers.iter().copied().max().unwrap_or(0);
        if most > 1 << 20 {
            return Err(format!("`{word}` with {most} of something is too large"));
        }
        let positions = self.prompt() + self.steps();
        if positions > context {
            return Err(format!("`{word}` has {positions} positions, which a context of {context} does not hold"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(cases: Vec<Phase>) -> ModelEntry {
        ModelEntry {
            name: None,
            vocabulary: 256,
            context: 64,
            width: 128,
            layers: 2,
            heads: 4,
            hidden: None,
            normalisation: Normalisation::default(),
            activation: Activation::default(),
            seed: 1,
            cases,
            threads: ThreadList::default(),
        }
    }

    #[track_caller]
    fn check(change: fn(&mut ModelEntry), want: &str) {
        let mut changed = entry(vec![Phase::Creation]);
        change(&mut changed);
        let said = changed.check().unwrap_err();
        assert!(said.contains(want), "{said}");
    }

    #[test]
    fn what_is_no_model_is_refused() {
        assert_eq!(entry(vec![Phase::Creation]).check(), Ok(()));
        check(|model| model.heads = 3, "a width of 128 cannot be shared by 3 heads");
        check(|model| model.layers = 0, "`layers` of a model is 0");
        check(|model| model.cases.clear(), "without cases");
        check(|model| model.vocabulary = usize::MAX, "too large");
        check(|model| (model.width, model.heads) = (usize::MAX, 1), "too large");
        check(
            |model| model.cases = vec![Phase::Prefill { tokens: 65, batch: 1 }],
            "which a context of 64 does not hold",
        );
        check(|model| model.cases = vec![Phase::Inference { prompt: 40, tokens: 26 }], "`inference` has 65 positions");
        check(|model| model.cases = vec![Phase::Decode { prompt: 40, tokens: 25, batch: 1 }], "65 positions");
        check(|model| model.cases = vec![Phase::Decode { prompt: 1, tokens: 0, batch: 1 }], "of nothing");
        check(|model| model.cases = vec![Phase::Decode { prompt: 1, tokens: 1, batch: 1 << 30 }], "too large");
    }

    #[test]
    fn a_phase_says_what_it_is_about() {
        #[track_caller]
        fn check(phase: Phase, size: &str, per_call: Option<u64>, passes: u64, logits: usize) {
            let spec = entry(vec![phase]).spec(phase);
            assert_eq!(spec.size(), size);
            assert_eq!(spec.tokens().map(|tokens| tokens.per_call), per_call);
            assert_eq!((spec.cost().passes, phase.logits()), (passes, logits));
        }
        check(Phase::Creation, "470528", None, 1, 3);
        check(Phase::Prefill { tokens: 32, batch: 1 }, "32", Some(32), 1, 1);
        check(Phase::Prefill { tokens: 32, batch: 2 }, "2x32", Some(64), 1, 2);
        check(Phase::Inference { prompt: 10, tokens: 25 }, "10+25", Some(25), 25, 34);
        check(Phase::Decode { prompt: 10, tokens: 24, batch: 1 }, "10+24", Some(24), 24, 24);
        check(Phase::Decode { prompt: 10, tokens: 24, batch: 4 }, "4x10+24", Some(96), 24, 96);
    }

    #[test]
    fn rows_of_logits_have_a_place() {
        let decode = Phase::Decode { prompt: 10, tokens: 24, batch: 4 };
        assert_eq!([0, 3, 4, 95].map(|row| decode.place(row)), [(0, 10), (3, 10), (0, 11), (3, 33)]);
        assert_eq!(Phase::Prefill { tokens: 9, batch: 3 }.place(2), (2, 8));
        assert_eq!(Phase::Inference { prompt: 10, tokens: 25 }.place(33), (0, 33));
    }

    /// A pass of the whole context costs more than a cached one, and reads the same weights.
    #[test]
    fn a_cache_saves_flops_and_no_weights() {
        let model = entry(Vec::new());
        let inference = model.spec(Phase::Inference { prompt: 10, tokens: 24 }).cost();
        let decode = model.spec(Phase::Decode { prompt: 9, tokens: 24, batch: 1 }).cost();
        assert!(inference.flops > 15 * decode.flops);
        assert!(inference.footprint() < 2 * decode.footprint(), "{inference:?} {decode:?}");
    }
}
