//! What others have published, marked as quoted; measured rows in its place where their plugin ran.

use smbench_core::goal::Metric;
use smbench_core::reference::Reference;
use smbench_core::study::{Row as Measured, Study};

use crate::document::{Block, Column, Document, Fit, Row, Table, Text, Tone};
use crate::figure;

/// Measured rows in place of one figure; more are counted.
const LISTED: usize = 3;

/// A row for each figure; nothing where none is known, or where nothing of its kind was measured.
pub fn write(study: &Study, references: &[Reference]) -> Document {
    let mut document = Document::default();
    let Some(newest) = study.runs.len().checked_sub(1) else { return document };
    let rows: Vec<Row> = references.iter().flat_map(|reference| rows(study, newest, reference)).collect();
    if rows.is_empty() {
        return document;
    }
    let columns = vec![
        Column::words("engine").fit(Fit::Stub),
        Column::words("what"),
        Column::figures("figure"),
        Column::words(""),
        Column::words("on"),
        Column::words("when"),
        Column::words("source").fit(Fit::Drop(1)),
    ];
    document.heading(3, "What others have published").push(Block::Table(Table { columns, rows }));
    document.paragraph(Text::of(
        Tone::Faint,
        "Quoted figures are of other machines and mostly of other models: they place a figure, and compare nothing.",
    ));
    document
}

/// Only beside something of its kind: a run of single ops needs no tokens a second of others.
fn rows(study: &Study, run: usize, reference: &Reference) -> Vec<Row> {
    let of_kind = |row: &&Measured| row.case.id.contains(&reference.case) && value(row, reference.metric).is_some();
    let kind: Vec<&Measured> = study.rows_of(run).map(|(_, row)| row).filter(of_kind).collect();
    let plugin = |row: &Measured| &study.runs[run].plan.backends[row.backend].plugin.name;
    let own: Vec<&Measured> =
        kind.iter().copied().filter(|row| reference.plugin.as_ref() == Some(plugin(row))).collect();
    match (kind.is_empty(), own.is_empty()) {
        (true, _) => Vec::new(),
        (_, true) => vec![quoted(reference)],
        _ => measured(study, run, reference, &own),
    }
}

fn quoted(reference: &Reference) -> Row {
    let Reference { engine, what, metric, value, machine, date, source, .. } = reference;
    Row::of(vec![
        engine.as_str().into(),
        what.as_str().into(),
        metric.value(*value).into(),
        Text::of(Tone::Caution, "quoted"),
        machine.as_str().into(),
        date.as_str().into(),
        Text::code(source),
    ])
}

fn measured(study: &Study, run: usize, reference: &Reference, own: &[&Measured]) -> Vec<Row> {
    let (machine, created) = (&study.runs[run].machine.cpu, &study.runs[run].created);
    let line = |row: &&Measured| {
        let words =
            value(row, reference.metric).map_or_else(figure::none, |value| reference.metric.value(value).into());
        Row::of(vec![
            Text::code(&*row.alias),
            Text::code(row.case.title()),
            words,
            Text::of(Tone::Good, "measured here"),
            machine.as_str().into(),
            created.chars().take("2026-11-25".len()).collect::<String>().into(),
            "this run".into(),
        ])
    };
    let more = own.len().saturating_sub(LISTED);
    let more = (more > 0).then(|| Row::ending(vec![Text::default()], format!("and {more} more, measured here")));
    own.iter().take(LISTED).map(line).chain(more).collect()
}

fn value(row: &Measured, metric: Metric) -> Option<f64> {
    match metric {
        Metric::TimeNs => row.time_ns.map(|time| time.median),
        Metric::Gflops => row.rates.map(|rates| rates.gflops),
        Metric::GbPerS => row.rates.map(|rates| rates.gb_per_s),
        Metric::PeakPct => row.rates.and_then(|rates| rates.peak_pct),
        Metric::TokensPerS => row.tokens.map(|tokens| tokens.per_s),
        Metric::Allocations => row.allocations.map(|allocations| allocations.count),
        Metric::Ratio => None,
    }
}
