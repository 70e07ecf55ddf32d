//! What is done with a model in one call.

use serde::{Deserialize, Serialize};

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
        !matches!(self, Self::Inference { .. })
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

    /// What is wrong with it in a context of so many positions, if something is.
    pub fn check(self, context: usize) -> Result<(), String> {
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
