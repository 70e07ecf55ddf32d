//! Of the raw data: what the processor counted, where it counts; else why not.

use std::collections::BTreeSet;

use smbench_core::message::Counters;
use smbench_core::study::{Row, Study};
use smbench_core::units::{Count, significant};

use crate::document::{Block, Column, Document, Fit, Row as Line, Table, Text, Tone};
use crate::figure;

/// A line for each row of the newest run that has counters, and a point for each reason why others have none.
pub fn counters(study: &Study) -> Document {
    let mut document = Document::default();
    let newest = study.runs.len().saturating_sub(1);
    let rows: Vec<&Row> = study.rows_of(newest).map(|(_, row)| row).collect();
    let lines: Vec<Line> = rows.iter().filter_map(|row| Some(line(row, row.counters?))).collect();
    if !lines.is_empty() {
        document
            .heading(3, "Counters of the processor, in one call")
            .push(Block::Table(Table { columns: columns(), rows: lines }));
    }
    let reasons: BTreeSet<&str> = rows.iter().filter_map(|row| row.counters_missing.as_deref()).collect();
    let point = |why: &str| Text::of(Tone::Faint, "counters of the processor").plain(format!(": {why}"));
    document.list(reasons.into_iter().map(point).collect());
    document
}

fn columns() -> Vec<Column> {
    vec![
        Column::words("case").fit(Fit::Stub),
        Column::words("backend"),
        Column::figures("instructions"),
        Column::figures("per element").near(),
        Column::figures("cycles"),
        Column::figures("per element").near(),
        Column::figures("a cycle").fit(Fit::Drop(1)),
        Column::figures("cache misses"),
        Column::figures("branch misses"),
    ]
}

fn line(row: &Row, counters: Counters) -> Line {
    let Counters { instructions, cycles, cache_misses, branch_misses } = counters;
    let each = counters.per(row.case.cost.elements).unwrap_or_default();
    let per_cycle = instructions.zip(cycles).filter(|(_, cycles)| *cycles > 0.0).map(|(count, cycles)| count / cycles);
    Line::of(vec![
        Text::code(row.case.title()),
        Text::code(&*row.alias),
        count(instructions),
        digits(each.instructions),
        count(cycles),
        digits(each.cycles),
        digits(per_cycle),
        count(cache_misses),
        count(branch_misses),
    ])
}

fn count(value: Option<f64>) -> Text {
    value.map_or_else(|| figure::NONE.into(), |value| Count(value).to_string().into())
}

fn digits(value: Option<f64>) -> Text {
    value.map_or_else(|| figure::NONE.into(), |value| significant(value).into())
}
