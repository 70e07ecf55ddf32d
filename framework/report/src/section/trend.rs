//! Section 2: how much it is in all, over what everybody did, and by how much that changed.

use smbench_core::case::Case;
use smbench_core::study::{Comparison, Row, Study};
use smbench_core::units::{Nanoseconds, Ratio};
use smbench_core::verdict::Verdict;

use super::{Section, drawn};
use crate::document::{Bar, Bars, Block, Column, Document, Row as Line, Table, Text};
use crate::figure;
use crate::panel::{Contender, Panel, panels};
use crate::view::Options;

/// How much it is in all.
pub struct Trend;

/// More of them are counted, not listed.
const LISTED: usize = 12;

impl Section for Trend {
    fn title(&self) -> &'static str {
        "Overall metrics trend"
    }

    fn write(&self, study: &Study, _: &Options) -> Document {
        let mut document =
            Document { blocks: [drawn::ratios(study), drawn::trends(study), drawn::heat(study)].concat() };
        for panel in panels(study) {
            document.append(of_panel(study, &panel));
        }
        document
    }
}

fn of_panel(study: &Study, panel: &Panel) -> Document {
    let mut document = Document::default();
    if !panel.title.is_empty() {
        document.heading(3, panel.title.as_str());
    }
    let all = panel.cases(study);
    let (common, excluded): (Vec<&Case>, Vec<&Case>) =
        all.into_iter().partition(|case| measured_by_all(study, panel, case));
    let over = format!("over the {} measured by all of them, one call each", figure::count(common.len(), "case"));
    if common.is_empty() {
        document.paragraph("No case was measured by all of them, so there are no totals.");
    } else {
        document.paragraph(format!("Total time, {over}:"));
        document.push(Block::Bars(totals(
            study,
            panel,
            &common,
            |row| row.time_ns.map(|time| time.median),
            |ns| Nanoseconds(ns).to_string(),
        )));
        document.paragraph(format!("Total allocations, {over}:"));
        document.push(Block::Bars(totals(
            study,
            panel,
            &common,
            |row| row.allocations.map(|a| a.bytes),
            figure::bytes,
        )));
    }
    document.append(left_out(study, panel, &excluded));
    document.append(suites(study, panel));
    document
}

fn measured_by_all(study: &Study, panel: &Panel, case: &Case) -> bool {
    panel.contenders.iter().all(|contender| contender.measured(study, case).is_some())
}

/// A bar for each contender: the sum of a figure, and the change against its baseline.
fn totals(
    study: &Study,
    panel: &Panel,
    cases: &[&Case],
    figure: fn(&Row) -> Option<f64>,
    words: fn(f64) -> String,
) -> Bars {
    let total = |contender: &Contender| -> Option<f64> {
        cases.iter().map(|case| contender.measured(study, case).and_then(figure)).sum()
    };
    let totals: Vec<Option<f64>> = panel.contenders.iter().map(total).collect();
    let bars = panel.contenders.iter().enumerate().map(|(index, contender)| {
        let baseline = panel.baseline_of(index).and_then(|baseline| totals[baseline]);
        let both = totals[index].zip(baseline).filter(|&(total, base)| total > 0.0 && base > 0.0);
        let change = both.map(|(total, base)| change(panel, total / base));
        let caption = totals[index].map_or_else(String::new, words) + &change.unwrap_or_default();
        Bar { label: contender.label.clone(), value: totals[index], caption }
    });
    Bars { bars: bars.collect() }
}

fn change(panel: &Panel, ratio: f64) -> String {
    if panel.over_runs {
        format!(" ({})", figure::change(ratio))
    } else {
        format!(" ({} of {})", Ratio(ratio), panel.baseline)
    }
}

/// What the totals leave out, and because of whom.
fn left_out(study: &Study, panel: &Panel, excluded: &[&Case]) -> Document {
    let mut document = Document::default();
    let mut titles = Vec::new();
    let mut points = Vec::new();
    for case in excluded {
        let title = case.title();
        if !titles.contains(&title) {
            points.push(Text::code(&*title).plain(format!(": {}", missing(study, panel, case))));
            titles.push(title);
        }
    }
    if points.len() > LISTED {
        let more = points.len() - LISTED;
        points.truncate(LISTED);
        points.push(format!("and {more} more").into());
    }
    if !points.is_empty() {
        document.paragraph("Left out of the totals:").list(points);
    }
    document
}

/// Who keeps a case out of the totals, and how.
fn missing(study: &Study, panel: &Panel, case: &Case) -> String {
    let why = panel.contenders.iter().filter_map(|contender| {
        let why = match contender.row(study, case) {
            Some((_, row)) if row.time_ns.is_some() => return None,
            Some((_, row)) => row.outcome.word(),
            None if contender.defines(study, case) => "defines it differently",
            None => "not measured",
        };
        Some(format!("{} {why}", contender.label))
    });
    why.collect::<Vec<_>>().join(", ")
}

/// The geometric mean of ratios, suite by suite, and the verdicts behind it.
fn suites(study: &Study, panel: &Panel) -> Document {
    let mut document = Document::default();
    let cases = panel.cases(study);
    let mut rows = Vec::new();
    for suite in names(&cases) {
        let mut name = Text::code(suite);
        for (index, contender) in panel.contenders.iter().enumerate() {
            let of_suite = cases.iter().filter(|case| case.suite == suite);
            let of_suite = of_suite.filter_map(|case| contender.comparison(study, case, panel)).collect();
            if panel.baseline_of(index).is_some() {
                let cells = geomean(of_suite, panel);
                rows.push(Line::of([vec![std::mem::take(&mut name), Text::code(&*contender.label)], cells].concat()));
            }
        }
    }
    if !rows.is_empty() {
        let title = format!("Geometric mean of the ratios to {}:", panel.baseline);
        document.paragraph(title).push(Block::Table(Table { columns: columns(panel), rows }));
    }
    document
}

/// The suites, in the order in which they first appear.
fn names<'a>(cases: &[&'a Case]) -> Vec<&'a str> {
    let mut names = Vec::new();
    for case in cases {
        if !names.contains(&case.suite.as_str()) {
            names.push(&case.suite);
        }
    }
    names
}

fn columns(panel: &Panel) -> Vec<Column> {
    let mut columns =
        vec![Column::words("suite"), Column::words(panel.who()), Column::figures("geomean"), Column::figures("cases")];
    if !panel.over_runs {
        columns.extend(Verdict::ALL.map(|verdict| Column::figures(figure::verdict(verdict))));
    }
    columns
}

/// The mean, over how many cases, and their verdicts; between separate runs there are none.
fn geomean(comparisons: Vec<&Comparison>, panel: &Panel) -> Vec<Text> {
    let Some(mean) = Study::geomean(comparisons.iter().copied()) else { return vec!["not measured".into()] };
    let mut cells = vec![Ratio(mean).to_string().into(), comparisons.len().to_string().into()];
    if !panel.over_runs {
        let count = |verdict| comparisons.iter().filter(|comparison| comparison.verdict() == Some(verdict)).count();
        cells.extend(Verdict::ALL.map(|verdict| Text::from(count(verdict).to_string())));
    }
    cells
}
