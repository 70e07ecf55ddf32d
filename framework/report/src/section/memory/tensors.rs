//! What the backends' own allocators did for models.

use smbench_core::message::Tensors;
use smbench_core::study::Study;

use crate::document::{Block, Column, Document, Fit, Row as Line, Table, Text};
use crate::figure;
use crate::panel::Panel;
use crate::section::theme;

/// A row for each phase of a model and each contender with an allocator of its own.
pub fn write(study: &Study, panel: &Panel) -> Document {
    let mut document = Document::default();
    let mut rows = Vec::new();
    for case in panel.cases(study).into_iter().filter(|case| theme::is_model(case)) {
        let mut name = Text::code(case.title());
        for contender in &panel.contenders {
            let tensors = contender.measured(study, case).and_then(|row| row.tensors);
            if let Some(tensors) = tensors.filter(|tensors| tensors.acquired > 0.0) {
                let cells = vec![std::mem::take(&mut name), Text::code(&*contender.label)];
                rows.push(Line::of(cells.into_iter().chain(figures(tensors)).collect()));
            }
        }
    }
    if !rows.is_empty() {
        document.push(Block::Table(Table { columns: columns(panel), rows }));
        document.paragraph("Reused: served from what was released before, without asking the system.");
    }
    document
}

fn columns(panel: &Panel) -> Vec<Column> {
    vec![
        Column::words("case").fit(Fit::Stub),
        Column::words(panel.who()),
        Column::figures("tensors per call"),
        Column::figures("reused"),
        Column::figures("held for reuse"),
    ]
}

fn figures(Tensors { acquired, reused, held_bytes }: Tensors) -> [Text; 3] {
    let held = figure::bytes(held_bytes as f64);
    [figure::number(acquired).into(), figure::share(reused / acquired).into(), held.into()]
}
