//! What could not be told, and how many launches would tell it.

use smbench_core::study::{Comparison, Study};
use smbench_core::verdict::Verdict;

use super::{Rank, Recommendation};
use crate::document::Text;
use crate::figure;
use crate::view::Options;

/// One for all of the newest run.
pub fn rule(study: &Study, _: &Options) -> Vec<Recommendation> {
    let Some(newest) = study.runs.len().checked_sub(1) else { return Vec::new() };
    let open = |of: &&Comparison| matches!(of.verdict(), Some(Verdict::Inconclusive | Verdict::Unreliable));
    let open: Vec<&Comparison> = study.within(newest).filter(open).collect();
    if open.is_empty() {
        return Vec::new();
    }
    let needed: Vec<u32> = open.iter().filter_map(|comparison| comparison.launches_needed).collect();
    let approach = needed.iter().max().map(|most| {
        let launches = figure::count(*most as usize, "launch");
        Text::from(format!("{launches} a case would decide {} of them, should they scatter as they did", needed.len()))
    });
    vec![Recommendation {
        rank: Rank::Later,
        title: format!("Decide {}", figure::count(open.len(), "open comparison")).into(),
        target: "a verdict for each".into(),
        success: Text::code(format!("{} --until-decided", study.runs[newest].command)).plain(" leaves none undecided"),
        approach,
    }]
}
