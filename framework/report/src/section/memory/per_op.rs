//! What one call asks the system for, case by case, against the baseline.

use smbench_core::case::Case;
use smbench_core::message::Allocations;
use smbench_core::study::Study;

use super::blocks;
use crate::document::{Block, Column, Document, Fit, Row as Line, Table, Text};
use crate::figure;
use crate::panel::{Contender, Panel};

/// More are counted.
const LISTED: usize = 16;

/// The cases in which somebody allocates, the largest first; the others are counted.
pub fn write(study: &Study, panel: &Panel) -> Document {
    let mut document = Document::default();
    let shown_below = blocks::cases(study, panel);
    let cases: Vec<&Case> = panel.cases(study).into_iter().filter(|case| !shown_below.contains(case)).collect();
    let counted: Vec<(&Case, f64)> = cases.iter().filter_map(|case| Some((*case, most(study, panel, case)?))).collect();
    let mut some: Vec<(&Case, f64)> = counted.iter().copied().filter(|(_, bytes)| *bytes > 0.0).collect();
    some.sort_by(|a, b| b.1.total_cmp(&a.1));
    let rows: Vec<Line> = some.iter().take(LISTED).map(|(case, _)| line(study, panel, case)).collect();
    if !rows.is_empty() {
        document.push(Block::Table(Table { columns: columns(panel), rows }));
    }
    let nothing = counted.len() - some.len();
    let parts = [more(&some), none(nothing, panel), uncounted(cases.len() - counted.len())];
    let said: Vec<String> = parts.into_iter().flatten().collect();
    if !said.is_empty() {
        document.paragraph(said.join(" "));
    }
    document
}

/// The most bytes that anybody asks for; `None` if nobody was counted.
fn most(study: &Study, panel: &Panel, case: &Case) -> Option<f64> {
    let counted = panel.contenders.iter().filter_map(|contender| counted(study, contender, case));
    counted.map(|allocations| allocations.bytes).reduce(f64::max)
}

/// What a contender asks for in a call that was measured.
pub fn counted(study: &Study, contender: &Contender, case: &Case) -> Option<Allocations> {
    contender.measured(study, case)?.allocations
}

fn columns(panel: &Panel) -> Vec<Column> {
    let mut columns = vec![Column::words("case").fit(Fit::Stub)];
    for contender in &panel.contenders {
        columns.push(Column::figures(Text::code(figure::cut(&contender.label, 24))));
        if !contender.is_baseline(panel) {
            columns.push(Column::figures(if panel.over_runs { "change" } else { "reduction" }));
        }
    }
    columns
}

fn line(study: &Study, panel: &Panel, case: &Case) -> Line {
    let cells = panel.contenders.iter().enumerate().flat_map(|(index, contender)| {
        let amount = match contender.row(study, case) {
            Some((_, row)) if row.time_ns.is_some() => figure::allocations(row),
            Some((_, row)) => row.outcome.word().into(),
            None => "not measured".into(),
        };
        let change = (!contender.is_baseline(panel)).then(|| change(study, panel, index, case));
        [Some(amount), change].into_iter().flatten()
    });
    Line::of([Text::code(case.title())].into_iter().chain(cells).collect())
}

fn change(study: &Study, panel: &Panel, index: usize, case: &Case) -> Text {
    let both = panel.pair(study, index, case).and_then(|(now, before)| now.allocations.zip(before.allocations));
    both.map_or_else(figure::none, |(now, before)| figure::less(now.bytes, before.bytes))
}

fn more(some: &[(&Case, f64)]) -> Option<String> {
    let (_, largest) = some.get(LISTED)?;
    let cases = figure::count(some.len() - LISTED, "more case");
    Some(format!("{cases} ask for {} or less.", figure::bytes(*largest)))
}

fn none(count: usize, panel: &Panel) -> Option<String> {
    let verb = if count == 1 { "allocates" } else { "allocate" };
    let who = if panel.over_runs { "run" } else { "backend" };
    (count > 0).then(|| format!("{} {verb} nothing in any {who} that was counted.", figure::count(count, "case")))
}

fn uncounted(count: usize) -> Option<String> {
    let verb = if count == 1 { "was" } else { "were" };
    (count > 0).then(|| format!("{} {verb} counted for nobody.", figure::count(count, "case")))
}
