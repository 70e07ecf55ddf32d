//! One content under two dates: the same figures cannot have been measured twice.

use smbench_core::run::Run;
use smbench_core::study::Study;

use super::{Insight, Status};
use crate::document::{Text, Tone};
use crate::figure;

/// Of every two runs of the study, and of every import that came more than once.
pub fn find(study: &Study) -> Vec<Insight> {
    let twice = (1..study.runs.len()).filter_map(|later| {
        let earlier = (0..later).find(|&earlier| is_same(&study.runs[earlier], &study.runs[later]))?;
        Some(two_runs(&study.runs[earlier], &study.runs[later]))
    });
    twice.chain(study.runs.iter().filter_map(copied)).collect()
}

fn is_same(a: &Run, b: &Run) -> bool {
    match (&a.imported, &b.imported) {
        (Some(a), Some(b)) => a.content == b.content,
        (None, None) => !a.launches.is_empty() && a.launches == b.launches,
        _ => false,
    }
}

fn two_runs(earlier: &Run, later: &Run) -> Insight {
    let claim = Text::code(figure::run_name(earlier)).plain(" and ").and(Tone::Code, figure::run_name(later));
    let samples: usize = later.launches.iter().flat_map(|of| &of.launch.series).map(|(_, series)| series.len()).sum();
    let equal =
        format!("All {samples} samples are equal to the nanosecond; dates: {} and {}.", earlier.created, later.created);
    card(claim.plain(" hold the same content: one measurement, not two"), equal)
}

fn copied(run: &Run) -> Option<Insight> {
    let copies = run.imported.as_ref().map(|imported| &imported.copies).filter(|copies| !copies.is_empty())?;
    let named: Vec<String> = copies.iter().map(|copy| format!("{} ({})", copy.label, copy.created)).collect();
    let claim =
        Text::code(figure::run_name(run)).plain(" came more than once, under other names or dates: one measurement");
    Some(card(claim, format!("Made {}; the same figures again as {}.", run.created, named.join(", "))))
}

fn card(claim: Text, evidence: String) -> Insight {
    Insight {
        claim,
        evidence: vec![evidence.into()],
        status: Status::Measured,
        look: "which of the dates is true: the earlier one, unless a clock was wrong".into(),
        decide: None,
        weight: 1.0,
    }
}
