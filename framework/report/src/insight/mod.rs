//! Why: reasons for what a study found, one rule a file. No rule speaks without figures, and a rule that its own figures
//! contradict says so.
//!
//! A reason is never more than its evidence. *Measured*: counted, or nothing else differs. *Consistent with*: the figures are as
//! they would be, and a command would decide it. *Ruled out*: they are not.

mod allocations;
mod cache;
mod first_call;
mod implementation;
mod instructions;
mod noise;
mod pair;
mod pooling;
mod roofline;
mod same_content;
mod savings;
mod size;
mod spans;
mod tail;
#[cfg(test)]
mod tests;

use smbench_core::study::Study;

use crate::document::Text;

/// A reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Insight {
    /// What it says.
    pub claim: Text,
    /// Figures for it, and against it.
    pub evidence: Vec<Text>,
    /// How far they carry.
    pub status: Status,
    /// Where to look.
    pub look: Text,
    /// The command that would decide it; none where it is decided, or nothing here can.
    pub decide: Option<String>,
    /// How much it would explain, to put the largest first: the largest ratio, on a log scale.
    pub weight: f64,
}

/// How far the evidence of a reason carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Counted, or nothing else differs.
    Measured,
    /// As it would be.
    Consistent,
    /// Not as it would be.
    RuledOut,
}

impl Status {
    /// The words in reports.
    pub fn words(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Consistent => "consistent with the figures",
            Self::RuledOut => "ruled out",
        }
    }
}

/// A kind of reason.
pub struct Rule {
    /// In a heading.
    pub title: &'static str,
    /// What it finds.
    pub find: fn(&Study) -> Vec<Insight>,
}

/// All of them, in the order of reports: what would make the others void comes first.
pub const RULES: &[Rule] = &[
    Rule { title: "One content, two dates", find: same_content::find },
    Rule { title: "Too noisy to tell", find: noise::find },
    Rule { title: "Faster than possible, or as fast as possible", find: roofline::find },
    Rule { title: "Another implementation, tier or number of threads", find: implementation::find },
    Rule { title: "Allocations", find: allocations::find },
    Rule { title: "Less memory for more time", find: pooling::find },
    Rule { title: "Memory spared", find: savings::find },
    Rule { title: "An op of a model", find: spans::find },
    Rule { title: "Size", find: size::find },
    Rule { title: "Working set", find: cache::find },
    Rule { title: "Instructions", find: instructions::find },
    Rule { title: "First call", find: first_call::find },
    Rule { title: "Tail", find: tail::find },
];
