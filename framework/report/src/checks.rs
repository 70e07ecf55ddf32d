//! The table of `run --verify-only`: who is right at what, and how far from the oracle. Nothing was timed.

use smbench_core::run::{Check, Run};
use smbench_core::units::Deviation;

use crate::document::{Block, Column, Document, Fit, Row, Table, Text, Tone};
use crate::figure;

/// Every check of a run.
pub fn checks(run: &Run) -> Document {
    let mut document = Document::default();
    let columns = vec![
        Column::words("case").fit(Fit::Stub),
        Column::words("backend"),
        Column::words("check"),
        Column::figures("max abs"),
        Column::figures("max rel"),
        Column::figures("nmse").fit(Fit::Drop(1)),
    ];
    let mut rows = Vec::new();
    for case in 0..run.plan.cases.len() {
        let checks = run.checks.iter().filter(|check| check.case == case);
        rows.extend(checks.enumerate().map(|(index, check)| line(run, check, index == 0)));
    }
    document.push(Block::Table(Table { columns, rows }));
    let right = run.checks.iter().filter(|check| check.report.error.is_some()).count();
    document
        .paragraph(Text::of(Tone::Strong, format!("{right} of {} right", figure::count(run.checks.len(), "check"))));
    document
}

fn line(run: &Run, check: &Check, first: bool) -> Row {
    let case = if first { Text::code(run.plan.cases[check.case].title()) } else { Text::default() };
    let backend = Text::code(run.plan.backends[check.backend].alias());
    match check.report.error {
        Some(error) => {
            let allowed = run.plan.logit_tolerance(check.case, check.backend);
            let [relative, nmse] = [error.max_rel, error.nmse].map(|value| Deviation(value).to_string().into());
            let figures = [figure::deviation(error.max_abs, allowed).into(), relative, nmse];
            Row::of([vec![case, backend, Text::of(Tone::Good, "right")], figures.to_vec()].concat())
        }
        None => Row::ending(vec![case, backend], check.report.outcome.to_string()),
    }
}
