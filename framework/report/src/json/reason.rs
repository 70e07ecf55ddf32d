//! Why something differs, as section 9 of the chart says it.

use serde::Serialize;
use smbench_core::study::Study;

use crate::document::Text;
use crate::insight::{Insight, RULES, Rule, Status};

/// A reason with its evidence.
#[derive(Serialize)]
pub struct Reason {
    rule: &'static str,
    status: &'static str,
    claim: String,
    evidence: Vec<String>,
    look: String,
    decide: Option<String>,
}

impl Reason {
    /// What every rule says of a study.
    pub fn all(study: &Study) -> Vec<Self> {
        let of = |rule: &Rule| {
            let found = (rule.find)(study).into_iter();
            found.map(|insight| Self::of(rule.title, insight)).collect::<Vec<_>>()
        };
        RULES.iter().flat_map(of).collect()
    }

    fn of(rule: &'static str, insight: Insight) -> Self {
        Self {
            rule,
            status: word(insight.status),
            claim: plain(&insight.claim),
            evidence: insight.evidence.iter().map(plain).collect(),
            look: plain(&insight.look),
            decide: insight.decide,
        }
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Measured => "measured",
        Status::Consistent => "consistent",
        Status::RuledOut => "ruled_out",
    }
}

fn plain(text: &Text) -> String {
    text.spans.iter().map(|span| span.text.as_str()).collect()
}
