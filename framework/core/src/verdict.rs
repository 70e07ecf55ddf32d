//! What may be said of a difference (METHOD §4). The rules that hand these words out come with the
//! issue on verdicts; until then a comparison's verdict is `None` and reports speak of intervals only.

use serde::{Deserialize, Serialize};

use crate::case::{Bound, Case};

/// What may be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Really faster, by at least the margin.
    Improved,
    /// Really slower, by at least the margin.
    Regressed,
    /// No difference worth the margin.
    Equivalent,
    /// Cannot tell yet.
    Inconclusive,
    /// Measured under conditions that allow no statement.
    Unreliable,
}

/// How two figures came to stand beside each other (METHOD §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Measured in the same run, interleaved.
    Paired,
    /// Stored plugins, run again interleaved.
    Replayed,
    /// Both runs hold the same anchor plugin.
    Anchored,
    /// Two runs on the same machine.
    Raw,
    /// From another tool or machine.
    Imported,
}

impl Evidence {
    /// The word in reports and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Paired => "paired",
            Self::Replayed => "replayed",
            Self::Anchored => "anchored",
            Self::Raw => "raw",
            Self::Imported => "imported",
        }
    }
}

/// Nothing smaller is ever called real: it is what identical code differs by between two files on disk.
pub const REAL: f64 = 0.002;

/// The relative change that would matter (METHOD §4): 5 % with several threads, else 1 % where the
/// arithmetic limits and 2 % where the memory does, and for models.
pub fn margin(case: &Case) -> f64 {
    match (case.threads, case.bound) {
        (2.., _) => 0.05,
        (_, Bound::Compute) if case.tokens.is_none() => 0.01,
        _ => 0.02,
    }
}
