//! Noise floor too high to tell: what the A/A control moved by, against the margins that verdicts need.

use smbench_core::study::{Comparison, Study};
use smbench_core::units::Percent;
use smbench_core::verdict::Verdict;

use super::{Insight, Status};
use crate::document::Text;
use crate::figure;

/// Of the newest run.
pub fn find(study: &Study) -> Vec<Insight> {
    study.runs.len().checked_sub(1).and_then(|run| of_run(study, run)).into_iter().collect()
}

fn of_run(study: &Study, run: usize) -> Option<Insight> {
    let all: Vec<&Comparison> = study.within(run).collect();
    let lost: Vec<&&Comparison> = all.iter().filter(|of| of.verdict() == Some(Verdict::Unreliable)).collect();
    let floor = study.noise_floor(run)?;
    let margin = all.iter().map(|of| of.margin).reduce(f64::min)?;
    if floor <= margin / 2.0 || lost.is_empty() {
        return None;
    }
    let reason = lost.iter().find_map(|of| of.reason()).unwrap_or_default();
    Some(Insight {
        claim: Text::from("This machine was too noisy to tell"),
        evidence: vec![
            format!(
                "Identical code was told apart by {}; verdicts need {} at least.",
                Percent(100.0 * floor),
                Percent(100.0 * margin)
            )
            .into(),
            format!("{} of {} unreliable, as in: {reason}.", lost.len(), figure::count(all.len(), "comparison")).into(),
        ],
        status: Status::Measured,
        look: "what else runs here".into(),
        decide: Some("smbench doctor".to_owned()),
        weight: floor,
    })
}
