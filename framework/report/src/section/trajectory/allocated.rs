//! Allocations are counted, not sampled: a change in them is a change, between separate runs too.

use smbench_core::case::Case;
use smbench_core::message::Allocations;
use smbench_core::study::Study;

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
        let blocks = self.before.count - self.now.count;
        if bytes == 0.0 && !blocks.is_nan() { blocks } else { bytes }
    }

    fn arrows(&self) -> String {
        let (now, before) = (self.now.bytes, self.before.bytes);
        if self.spared() > 0.0 {
            figure::arrows("⬆️", before / now)
        } else {
            figure::arrows("⬇️", now / before)
        }
    }
}

/// Cases that ask for less and cases that ask for more than in the baseline, most bytes first.
pub fn write(study: &Study, panel: &Panel, index: usize) -> Document {
    let mut document = Document::default();
    let all = changes(study, panel, index);
    let (equal, changed): (Vec<&Change>, Vec<&Change>) = all.iter().partition(|change| change.spared() == 0.0);
    let (less, more): (Vec<&Change>, Vec<&Change>) = changed.iter().partition(|change| change.spared() > 0.0);
    let head = Text::of(Tone::Strong, "Allocations").plain(" (exact): ");
    let cases = figure::count(equal.len(), "case");
    match (changed.is_empty(), equal.is_empty()) {
        (true, true) => return document,
        (true, false) => document.paragraph(head.plain(format!("the same in all {cases} counted."))),
        (false, _) => {
            let counts = format!("less in {}, more in {}, the same in {}.", less.len(), more.len(), equal.len());
            document.paragraph(head.plain(counts)).push(Block::Table(table(&less, &more)))
        }
    };
    document
}

/// What was counted on both sides, most bytes of difference first.
fn changes<'a>(study: &'a Study, panel: &Panel, index: usize) -> Vec<Change<'a>> {
    let of = |case| {
        let (now, before) = panel.pair(study, index, case)?;
        Some(Change { case, now: now.allocations?, before: before.allocations? })
    };
    let mut all: Vec<Change> = panel.cases(study).into_iter().filter_map(of).collect();
    all.sort_by(|a, b| b.spared().abs().total_cmp(&a.spared().abs()));
    all
}

fn table(less: &[&Change], more: &[&Change]) -> Table {
    let columns =
        vec![Column::words("case"), Column::figures("per call"), Column::figures("change"), Column::words("")];
    Table { columns, rows: [less, more].into_iter().flat_map(lines).collect() }
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
        Line::ending(vec![Text::default()], rest)
    });
    changes.iter().take(LISTED).map(line).chain(last).collect()
}

fn blocks(allocations: Allocations) -> String {
    figure::blocks(allocations.count, allocations.bytes)
}
