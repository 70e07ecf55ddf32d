//! One phase of a model: a row for each contender, below it the change against its baseline; and tokens a second as bars.

use smbench_core::case::Case;
use smbench_core::study::{Row, Study};
use smbench_core::units::TokenRate;

use super::metric::{METRICS, Metric};
use crate::document::{Bar, Bars, Block, Column, Document, Row as Line, Table, Text, Tone};
use crate::figure;
use crate::panel::{Contender, Panel};
use crate::section::simd::{self, absent};

/// A row for each contender and for each change; columns with nothing to show are left out.
pub fn table(study: &Study, panel: &Panel, case: &Case) -> Table {
    let metrics = shown(study, panel, case);
    let mut columns = vec![Column::words(panel.who()), Column::figures("time"), Column::figures("± 95 %").near()];
    columns.extend(metrics.iter().map(|metric| metric.column()));
    let lines = |(index, contender): (usize, &Contender)| {
        let change = change(study, panel, index, case, &metrics);
        [Some(line(study, contender, case, &metrics)), change].into_iter().flatten()
    };
    Table { columns, rows: panel.contenders.iter().enumerate().flat_map(lines).collect() }
}

/// The metrics that somebody has a figure for; of two tails the further one.
fn shown(study: &Study, panel: &Panel, case: &Case) -> Vec<&'static Metric> {
    let rows: Vec<&Row> = panel.contenders.iter().filter_map(|contender| contender.measured(study, case)).collect();
    let has = |metric: &Metric| rows.iter().any(|row| (metric.cell)(row).is_some());
    let next = |index: usize| METRICS.get(index + 1).filter(|next| METRICS[index].yields && has(next));
    METRICS
        .iter()
        .enumerate()
        .filter(|(index, metric)| has(metric) && next(*index).is_none())
        .map(|(_, it)| it)
        .collect()
}

fn line(study: &Study, contender: &Contender, case: &Case, metrics: &[&Metric]) -> Line {
    let name = Text::code(&*contender.label);
    let row = contender.row(study, case).map(|(_, row)| row);
    let Some(row) = row.filter(|row| row.time_ns.is_some()) else {
        return Line::ending(vec![name], absent(row));
    };
    let cells = metrics.iter().map(|metric| (metric.cell)(row).unwrap_or_else(figure::none));
    Line::of([name, figure::time(row), figure::spread(row)].into_iter().chain(cells).collect())
}

/// The change of each figure; `None` where there is nothing to compare with.
fn change(study: &Study, panel: &Panel, index: usize, case: &Case, metrics: &[&Metric]) -> Option<Line> {
    let (now, before) = panel.pair(study, index, case)?;
    let comparison = panel.contenders[index].comparison(study, case, panel);
    let time = comparison.map_or_else(figure::none, |comparison| match panel.over_runs {
        true => figure::change(comparison.ratio).into(),
        false => figure::ratio(comparison),
    });
    let cells = metrics.iter().map(|metric| metric.change(now, before, comparison, panel.over_runs));
    let name = Text::of(Tone::Strong, "  change");
    Some(Line::of([name, time, Text::default()].into_iter().chain(cells).collect()))
}

/// Tokens a second; nothing of a phase without tokens.
pub fn rates(study: &Study, panel: &Panel, case: &Case) -> Document {
    let mut document = Document::default();
    if case.tokens.is_some() {
        let bars = (0..panel.contenders.len()).map(|index| bar(study, panel, index, case)).collect();
        document.push(Block::Bars(Bars { bars }));
    }
    document
}

/// `44.9k tok/s, 2.79x faster than naive`: by the verdict on the times; between runs the change.
fn bar(study: &Study, panel: &Panel, index: usize, case: &Case) -> Bar {
    let contender = &panel.contenders[index];
    let value = contender.measured(study, case).and_then(|row| row.tokens).map(|tokens| tokens.per_s);
    let change = panel.pair(study, index, case).filter(|_| panel.over_runs);
    let change = change.and_then(|(now, before)| Some(now.tokens?.per_s / before.tokens?.per_s));
    let words = match change {
        Some(ratio) => format!(" ({})", figure::change(ratio)),
        None => simd::times(study, panel, contender, case),
    };
    let caption = value.map_or_else(String::new, |per_s| TokenRate(per_s).to_string()) + &words;
    Bar { label: contender.label.clone(), value, caption }
}
