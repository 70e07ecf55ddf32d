//! Section 12: totals, counts and the dearest case of every contender, their differences, and every row.

use smbench_core::study::{Row, Study};
use smbench_core::units::Nanoseconds;

use super::counters::counters;
use super::{Section, drawn};
use crate::document::{Block, Column, Document, Row as Line, Table, Text, Tone};
use crate::figure;
use crate::panel::{Contender, Panel, panels};
use crate::table::table;
use crate::view::{Options, View};

/// Totals, counts and the dearest case of every contender, their differences, and every row.
pub struct RawData;

impl Section for RawData {
    fn title(&self) -> &'static str {
        "Raw data and delta"
    }

    fn write(&self, study: &Study, _: &Options) -> Document {
        let mut document = Document::default();
        for panel in panels(study) {
            if !panel.title.is_empty() {
                document.heading(3, panel.title.as_str());
            }
            document.push(Block::Table(totals(study, &panel)));
            document.list(deltas(study, &panel));
        }
        document.append(table(study, &View::default()));
        document.append(Document { blocks: drawn::samples(study) });
        document.append(counters(study));
        if let Some(newest) = study.runs.last() {
            let made = format!("smbench {}, from the run of {}.", newest.smbench, newest.created);
            document.paragraph(Text::of(Tone::Strong, "Made by ").plain(made));
        }
        document
    }
}

/// What a contender did in all, over whatever it was measured at: not to be compared line by line.
struct Sum<'a> {
    measured: Vec<&'a Row>,
    planned: usize,
}

impl<'a> Sum<'a> {
    fn of(study: &'a Study, contender: &Contender) -> Self {
        let rows = study.rows_of(contender.run).map(|(_, row)| row).filter(|row| row.alias == contender.alias);
        let rows: Vec<&Row> = rows.collect();
        Self { planned: rows.len(), measured: rows.into_iter().filter(|row| row.time_ns.is_some()).collect() }
    }

    fn time_ns(&self) -> f64 {
        self.measured.iter().filter_map(|row| row.time_ns).map(|time| time.median).sum()
    }

    fn bytes(&self) -> Option<f64> {
        self.measured.iter().map(|row| row.allocations.map(|allocations| allocations.bytes)).sum()
    }

    fn top(&self) -> Option<&'a Row> {
        let by_time = |a: &&&Row, b: &&&Row| median(a).total_cmp(&median(b));
        self.measured.iter().max_by(by_time).copied()
    }
}

fn median(row: &Row) -> f64 {
    row.time_ns.map_or(0.0, |time| time.median)
}

fn totals(study: &Study, panel: &Panel) -> Table {
    let columns = vec![
        Column::words(panel.who()),
        Column::figures("measured"),
        Column::figures("total time"),
        Column::figures("total allocations"),
        Column::words("top case"),
    ];
    let rows = panel.contenders.iter().map(|contender| {
        let sum = Sum::of(study, contender);
        let none = || "not measured".to_owned();
        let bytes = sum.bytes().filter(|_| !sum.measured.is_empty());
        let time = if sum.measured.is_empty() { none() } else { Nanoseconds(sum.time_ns()).to_string() };
        Line::of(vec![
            Text::code(&*contender.label),
            format!("{} of {}", sum.measured.len(), sum.planned).into(),
            time.into(),
            bytes.map_or_else(none, figure::bytes).into(),
            sum.top().map_or_else(|| none().into(), top),
        ])
    });
    Table { rows: rows.collect(), columns }
}

fn top(row: &Row) -> Text {
    Text::code(row.case.title()).plain(format!(" ({})", Nanoseconds(median(row))))
}

/// Differences of totals over the cases that both sides measured.
fn deltas(study: &Study, panel: &Panel) -> Vec<Text> {
    panel
        .contenders
        .iter()
        .enumerate()
        .filter_map(|(index, contender)| {
            let baseline = &panel.contenders[panel.baseline_of(index)?];
            Some(delta(study, panel, contender, baseline))
        })
        .collect()
}

fn delta(study: &Study, panel: &Panel, contender: &Contender, baseline: &Contender) -> Text {
    let cases = panel.cases(study);
    let pairs: Vec<(f64, f64)> = cases
        .iter()
        .filter_map(|case| Some((median(contender.measured(study, case)?), median(baseline.measured(study, case)?))))
        .collect();
    let title = Text::code(&*contender.label).plain(" − ").and(Tone::Code, &*baseline.label);
    if pairs.is_empty() {
        return title.plain(": no case was measured by both");
    }
    let (ours, theirs) = pairs.iter().fold((0.0, 0.0), |(a, b), (ours, theirs)| (a + ours, b + theirs));
    let sign = if ours < theirs { "−" } else { "+" };
    let difference = Nanoseconds((ours - theirs).abs());
    let over = figure::count(pairs.len(), "case");
    title.plain(format!(": {sign}{difference} ({}) over the {over} measured by both", figure::change(ours / theirs)))
}
