//! Section 4: matrix products size by size, then the element-wise tensor ops.

use smbench_core::case::Case;
use smbench_core::study::{Comparison, Row, Study};
use smbench_core::units::{Nanoseconds, Ratio};
use smbench_core::verdict::Verdict;

use super::theme::{self, is_matmul};
use super::{Section, activations, drawn, ladder};
use crate::document::{Bar, Bars, Block, Column, Document, Row as Line, Table, Text, Tone};
use crate::figure;
use crate::panel::{Contender, Panel, panels};
use crate::view::Options;

/// Matrix products size by size, then the element-wise tensor ops.
pub struct Simd;

impl Section for Simd {
    fn title(&self) -> &'static str {
        "SIMD and tensor ops"
    }

    fn write(&self, study: &Study, _: &Options) -> Document {
        let mut document = Document { blocks: drawn::roofs(study) };
        for panel in panels(study) {
            for case in panel.cases(study).into_iter().filter(|case| is_matmul(case)) {
                document.append(matmul(study, &panel, case));
            }
            // Whatever has no section of its own stands here: a stranger's ops too.
            let elsewhere =
                |case: &Case| theme::is_model(case) || theme::is_acquire(case) || activations::is_row_op(case);
            let others = |case: &Case| !is_matmul(case) && !elsewhere(case);
            for ladder in ladder::ladders(study, &panel, others) {
                document.heading(3, title(&panel, &ladder.title));
                document.push(Block::Table(ladder::table(study, &panel, &ladder)));
                document.list(ladder::patterns(study, &panel, &ladder));
            }
        }
        document
    }
}

/// The title of a part, with the panel's if there are several.
pub fn title(panel: &Panel, part: &str) -> String {
    if panel.title.is_empty() { part.to_owned() } else { format!("{part}, {}", panel.title) }
}

/// One size: the figures of all contenders, and their times as bars.
fn matmul(study: &Study, panel: &Panel, case: &Case) -> Document {
    let mut document = Document::default();
    let rest: String = case.id.split('/').skip(3).map(|part| format!("{part}, ")).collect();
    let threads = figure::count(case.threads as usize, "thread");
    document.heading(3, title(panel, &format!("{} {} ({rest}{threads})", case.op(), case.size())));
    let columns = vec![
        Column::words(panel.who()),
        Column::figures("time"),
        Column::figures("± 95 %").near(),
        Column::figures("rate"),
        Column::figures("peak"),
        Column::words("status"),
    ];
    let rows = panel.contenders.iter().map(|contender| line(study, panel, contender, case)).collect();
    document.push(Block::Table(Table { columns, rows }));
    let bars = panel.contenders.iter().map(|contender| bar(study, panel, contender, case)).collect();
    document.push(Block::Bars(Bars { bars }));
    document
}

fn line(study: &Study, panel: &Panel, contender: &Contender, case: &Case) -> Line {
    let name = Text::code(&*contender.label);
    let row = contender.row(study, case).map(|(_, row)| row);
    let Some(row) = row.filter(|row| row.time_ns.is_some()) else {
        return Line::ending(vec![name], absent(row));
    };
    let status = status(panel, contender, contender.comparison(study, case, panel));
    Line::of(vec![name, figure::time(row), figure::spread(row), figure::rate(row), figure::peak(row), status])
}

/// In place of the figures of a contender that has none.
pub fn absent(row: Option<&Row>) -> Text {
    Text::of(
        Tone::Caution,
        row.map_or_else(|| "not measured".to_owned(), |row| format!("not measured, {}", row.outcome)),
    )
}

fn status(panel: &Panel, contender: &Contender, comparison: Option<&Comparison>) -> Text {
    let Some(comparison) = comparison else {
        let baseline = contender.is_baseline(panel);
        let why = if baseline { "baseline".to_owned() } else { format!("{} not measured", panel.baseline) };
        return Text::of(Tone::Faint, why);
    };
    if panel.over_runs {
        return format!("{}, {} evidence: not judged", figure::change(comparison.ratio), comparison.evidence.word())
            .into();
    }
    let mut status = figure::ratio(comparison);
    if comparison.interval.is_some() {
        let interval = figure::interval(comparison.interval);
        status.spans.extend(Text::from(" (").spans.into_iter().chain(interval.spans).chain(Text::from(")").spans));
    }
    status.spans.extend(Text::from(", ").spans.into_iter().chain(figure::judgement(comparison).spans));
    status
}

/// `3.1 µs, 5.3x slower than naive`: in the words of the verdict.
fn bar(study: &Study, panel: &Panel, contender: &Contender, case: &Case) -> Bar {
    let value = contender.measured(study, case).and_then(|row| row.time_ns).map(|time| time.median);
    let words = times(study, panel, contender, case);
    let caption = value.map_or_else(String::new, |ns| Nanoseconds(ns).to_string()) + &words;
    Bar { label: contender.label.clone(), value, caption }
}

/// `, 5.3x slower than naive`; nothing of the baseline, nor between runs.
pub fn times(study: &Study, panel: &Panel, contender: &Contender, case: &Case) -> String {
    let comparison = contender.comparison(study, case, panel).filter(|_| !panel.over_runs);
    let Some(comparison) = comparison else { return String::new() };
    let baseline = &panel.baseline;
    match comparison.verdict() {
        Some(Verdict::Improved) => format!(", {} faster than {baseline}", Ratio(1.0 / comparison.ratio)),
        Some(Verdict::Regressed) => format!(", {} slower than {baseline}", Ratio(comparison.ratio)),
        Some(Verdict::Equivalent) => format!(", equivalent to {baseline}"),
        Some(other) => format!(", {} against {baseline}", figure::verdict(other)),
        None => String::new(),
    }
}
