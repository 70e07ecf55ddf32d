//! A model as written in a suite.

use serde::{Deserialize, Serialize};
use smbench_core::config::ThreadList;

use super::phase::Phase;
use super::spec::ModelSpec;

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
