//! What `--filter` and `--only` leave of a study to be shown.

use std::collections::BTreeSet;

use regex_lite::Regex;
use smbench_core::outcome::Outcome;
use smbench_core::separate::Claim;
use smbench_core::study::{Comparison, Row, Study};
use smbench_core::verdict::Verdict;
use smbench_host::error::Result;

use crate::args::{Only, ViewArgs};
use crate::request::regexes;

/// What is shown.
pub struct Shows {
    filters: Vec<Regex>,
    only: Option<BTreeSet<String>>,
}

impl Shows {
    /// As asked for.
    pub fn of(view: &ViewArgs, only: Option<Only>, study: &Study) -> Result<Self> {
        let filters = regexes("--filter", &view.filters)?;
        Ok(Self { filters, only: only.map(|only| titles(study, only)) })
    }

    /// Is this row shown?
    pub fn row(&self, row: &Row) -> bool {
        self.case(&row.case.id) && self.only.as_ref().is_none_or(|only| only.contains(&row.case.title()))
    }

    /// Is the case of this id shown?
    pub fn case(&self, id: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| filter.is_match(id))
    }
}

/// Cases where there is something of the kind.
fn titles(study: &Study, only: Only) -> BTreeSet<String> {
    let title = |row: &Row| row.case.title();
    if only == Only::Failed {
        let bad = |row: &&Row| matches!(row.outcome, Outcome::Rejected(_) | Outcome::Failed(_));
        return study.rows.iter().filter(bad).map(title).collect();
    }
    // Of several runs the question is what became of each since the one before it, not who is faster within one.
    let shown = |comparison: &&Comparison| study.runs.len() < 2 || !comparison.evidence.is_together();
    let of = |comparison: &&Comparison| match only {
        Only::Changed => is_changed(comparison),
        _ => is_open(comparison),
    };
    let shown = study.comparisons.iter().filter(shown).filter(of);
    shown.map(|comparison| title(&study.rows[comparison.row])).collect()
}

fn is_open(comparison: &Comparison) -> bool {
    let unclaimed = comparison.claimed.as_ref().is_some_and(|claimed| claimed.claim == Claim::NoEvidence);
    unclaimed || matches!(comparison.verdict(), Some(Verdict::Inconclusive | Verdict::Unreliable))
}

fn is_changed(comparison: &Comparison) -> bool {
    let claimed = comparison.claimed.as_ref().is_some_and(|claimed| claimed.claim != Claim::NoEvidence);
    comparison.is_difference() || claimed
}
