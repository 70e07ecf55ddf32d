//! Allocations are counted, not sampled: a change in them is a change, between separate runs too.

use smbench_core::case::Case;
use smbench_core::message::Allocations;
use smbench_core::study::Study;

use super::finding::arrows;
use crate::document::{Block, Column, Document, Row as Line, Table, Text, Tone};
use crate::figure;
use crate::panel::Panel;

/// More are counted.
const LISTED: usize = 5;

/// What one side asks for in a call, and the other.
struct Change<'a> {
    case: &'a Case,
    now: Allocations,
    before: Allocations,
}

impl Change<'_> {
    /// Bytes spared; blocks decide where bytes are equal.
    fn spared(&self) -> f64 {
        let bytes = self.before.bytes - self.now.bytes;
        if bytes == 0.0 { self.before.count - self.now.count } else { bytes }
    }

    fn arrows(&self) -> String {
        let (now, before) = (self.now.bytes, self.before.bytes);
        if self.spared() > 0.0 { arrows("⬆️", before / now) } else { arrows("⬇️", now / before) }
    }
}

/// Cases that ask for less and cases that ask for more than in the baseline, most bytes first.
pub fn write(study: &Study, panel: &Panel, index: usize) -> Document {
    let mut document = Document::default();
    let of = |case| {
        let (now, before) = panel.pair(study, index, case)?;
        Some(Change { case, now: now.allocations?, before: before.allocations? })
    };
    let mut all: Vec<Change> = panel.cases(study).into_iter().filter_map(of).collect();
    all.sort_by(|a, b| b.spared().abs().total_cmp(&a.spared().abs()));
    let (less, more): (Vec<&Change>, Vec<&Change>) =
        all.iter().filter(|change| change.spared() != 0.0).partition(|change| change.spared() > 0.0);
    let equal = all.len() - less.len() - more.len();
    if less.is_empty() && more.is_empty() {
        let cases = figure::count(equal, "case");
        let text = Text::of(Tone::Strong, "Allocations").plain(format!(" (exact): the same in all {cases} counted."));
        return if equal > 0 { std::mem::take(document.paragraph(text)) } else { document };
    }
    let counts = format!(" (exact): less in {}, more in {}, the same in {equal}.", less.len(), more.len());
    document.paragraph(Text::of(Tone::Strong, "Allocations").plain(counts));
    let rows = [less, more].into_iter().flat_map(|changes| lines(&changes)).collect();
    let columns =
        vec![Column::words("case"), Column::figures("per call"), Column::figures("change"), Column::words("")];
    document.push(Block::Table(Table { columns, rows }));
    document
}

fn lines(changes: &[&Change]) -> Vec<Line> {
    let line = |change: &&Change| {
        let step = figure::step(blocks(change.before), blocks(change.now));
        let less = figure::less(change.now.bytes, change.before.bytes);
        Line::of(vec![Text::code(change.case.title()), step.into(), less, change.arrows().into()])
    };
    let more = changes.len().saturating_sub(LISTED);
    let last = changes.last().filter(|_| more > 0).map(|last| {
        let words = if last.spared() > 0.0 { "fewer" } else { "more" };
        let rest = format!("and {} with {words} bytes or blocks", figure::count(more, "more case"));
        Line { cells: vec![Text::default()], rest: Some(rest.into()) }
    });
    changes.iter().take(LISTED).map(line).chain(last).collect()
}

fn blocks(allocations: Allocations) -> String {
    figure::blocks(allocations.count, allocations.bytes)
}
