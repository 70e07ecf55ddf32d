//! What a plugin is and how it fared: `smbench check`.

use crate::backend::Backend;
use crate::message::{CallCost, ReceiptInfo};
use crate::outcome::{Extremes, Outcome};

/// What `smbench check` found.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Who.
    pub backend: Backend,
    /// Threads of its contexts.
    pub threads: u32,
    /// What was tried, in the order in which it was.
    pub findings: Vec<Finding>,
    /// Ops of smbench's that it does not have, and that nobody asked for.
    pub absent: Vec<String>,
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// An op, an extension or a case: `gelu_tanh`, `memory`, `model_small/creation/f32`.
    pub name: String,
    /// `Measured`: it is right.
    pub outcome: Outcome,
    /// How far it was from the oracle.
    pub extremes: Option<Extremes>,
    /// What a call costs at the smallest size; ops only.
    pub call: Option<CallCost>,
    /// What ran.
    pub receipt: Option<ReceiptInfo>,
    /// The command that tries it again.
    pub again: String,
}

impl Finding {
    /// Is it something to mend?
    pub fn is_wrong(&self) -> bool {
        matches!(self.outcome, Outcome::Rejected(_) | Outcome::Failed(_))
    }

    /// The word for how it ended: nothing is timed here.
    pub fn word(&self) -> &'static str {
        if self.outcome.is_measured() { "right" } else { self.outcome.word() }
    }
}

impl Inspection {
    /// What is right.
    pub fn right(&self) -> usize {
        self.findings.iter().filter(|finding| finding.outcome.is_measured()).count()
    }

    /// What is to be mended.
    pub fn wrong(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_wrong())
    }

    /// The op that is called fastest, and what its call costs: more than the way into the plugin and back cannot.
    pub fn cheapest_call(&self) -> Option<(&str, CallCost)> {
        let calls = self.findings.iter().filter_map(|finding| Some((&*finding.name, finding.call?)));
        calls.min_by(|(_, a), (_, b)| a.call_ns.total_cmp(&b.call_ns))
    }
}
