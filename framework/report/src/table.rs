//! The table of `run` and `show`: what every user looks at first. A row for each backend at each case.

use std::collections::BTreeSet;

use smbench_core::case::Case;
use smbench_core::outcome::Outcome;
use smbench_core::plan::Plan;
use smbench_core::run::Run;
use smbench_core::study::{Row, Study};
use smbench_core::units::significant;

use crate::document::{Block, Column, Document, Fit, Row as Line, Table, Text, Tone};
use crate::figure;
use crate::view::View;

/// Longer reasons stand in a note.
const REASON_INLINE: usize = 66;

/// The table of the newest run, one part for each suite and thread count.
pub fn table(study: &Study, view: &View) -> Document {
    let mut document = Document::default();
    let Some(run) = study.runs.len().checked_sub(1) else { return document };
    let rows: Vec<(usize, &Row)> = study.rows_of(run).collect();
    let shown: Vec<_> = rows.iter().copied().filter(|(_, row)| view.shows(row)).collect();
    for part in parts(&shown) {
        let heading = Heading::of(&part);
        document.heading(3, heading.text());
        document.push(Block::Table(of_part(study, run, &part, &heading)));
    }
    if shown.len() < rows.len() {
        document.paragraph(hidden(&study.runs[run], &shown));
    }
    if !shown.is_empty() {
        document.paragraph(legend(&study.runs[run], &shown));
    }
    document
}

/// What the cases of one part share, said once.
struct Heading {
    suite: String,
    threads: u32,
    /// `/f32`, if every id ends so.
    ending: String,
}

impl Heading {
    fn of(part: &[(usize, &Row)]) -> Self {
        let first = &part[0].1.case;
        let ending = first.id.rfind('/').map_or("", |slash| &first.id[slash..]);
        let common = first.id.split('/').count() > 3 && part.iter().all(|(_, row)| row.case.id.ends_with(ending));
        Self {
            suite: first.suite.clone(),
            threads: first.threads,
            ending: if common { ending.to_owned() } else { String::new() },
        }
    }

    fn text(&self) -> Text {
        let threads = figure::count(self.threads as usize, "thread");
        let dtype = self.ending.strip_prefix('/').map_or_else(String::new, |dtype| format!(" · {dtype}"));
        Text::from(format!("{}{dtype} · {threads}", self.suite))
    }

    /// The id without what the heading says already.
    fn rest<'a>(&self, case: &'a Case) -> &'a str {
        let id = case.id.strip_suffix(self.ending.as_str()).unwrap_or(&case.id);
        id.strip_prefix(self.suite.as_str()).and_then(|id| id.strip_prefix('/')).unwrap_or(id)
    }
}

/// Rows of one suite and thread count stand together, in the order in which these first appear.
fn parts<'a>(rows: &[(usize, &'a Row)]) -> Vec<Vec<(usize, &'a Row)>> {
    let mut parts: Vec<Vec<(usize, &Row)>> = Vec::new();
    for &(index, row) in rows {
        let same = |part: &&mut Vec<(usize, &Row)>| {
            let first = &part[0].1.case;
            (&first.suite, first.threads) == (&row.case.suite, row.case.threads)
        };
        match parts.iter_mut().find(same) {
            Some(part) => part.push((index, row)),
            None => parts.push(vec![(index, row)]),
        }
    }
    parts
}

fn of_part(study: &Study, run: usize, part: &[(usize, &Row)], heading: &Heading) -> Table {
    let plan = &study.runs[run].plan;
    let alone = plan.backends.len() == 1;
    let mut rows = Vec::with_capacity(part.len());
    for case in part.chunk_by(|(_, a), (_, b)| a.case.id == b.case.id) {
        let mut name = Text::code(heading.rest(&case[0].1.case));
        for (place, &(index, row)) in case.iter().enumerate() {
            if !case[..place].iter().any(|(_, earlier)| alike(earlier, row)) {
                let others = case[place + 1..].iter().filter(|(_, later)| alike(row, later));
                let others: Vec<&str> = others.map(|(_, later)| later.alias.as_str()).collect();
                rows.push(line(study, index, std::mem::take(&mut name), alone, &others));
            }
        }
    }
    Table { columns: columns(alone), rows }
}

/// Engines that only do some ops do not do the others for the same reason: one line says it of all.
fn alike(one: &Row, other: &Row) -> bool {
    matches!(one.outcome, Outcome::Unsupported(_)) && one.outcome == other.outcome && one.flags == other.flags
}

fn columns(alone: bool) -> Vec<Column> {
    let mut columns = vec![
        Column::words("case").fit(Fit::Stub),
        Column::words("backend"),
        Column::figures("time"),
        Column::figures("± 95 %").near(),
    ];
    if !alone {
        columns.push(Column::figures("ratio"));
        columns.push(Column::figures("interval").fit(Fit::Drop(1)).near());
    }
    columns.extend([
        Column::figures("rate"),
        Column::figures("peak").fit(Fit::Drop(2)),
        Column::figures("allocs").fit(Fit::Drop(4)),
        Column::figures("error").fit(Fit::Drop(3)),
    ]);
    columns
}

/// A row; `others` were not measured for the same reason.
fn line(study: &Study, index: usize, case: Text, alone: bool, others: &[&str]) -> Line {
    let row = &study.rows[index];
    let mut cells = vec![case, backend(row)];
    let subject = figure::subject(study, index);
    if row.time_ns.is_none() {
        return Line::ending(cells, missing(row, others)).about(subject);
    }
    cells.extend([figure::time(row), figure::spread(row)]);
    if !alone {
        cells.extend(against_reference(study, index));
    }
    cells.extend([figure::rate(row), figure::peak(row), figure::allocations(row), figure::error(row)]);
    Line::of(cells).about(subject)
}

/// The name, with whatever a reader should be warned of.
fn backend(row: &Row) -> Text {
    let flags: Vec<&str> = row.flags.iter().map(|flag| figure::flag(flag)).collect();
    let name = Text::code(&*row.alias);
    if flags.is_empty() { name } else { name.note(flags.join("; ")) }
}

/// Ratio and interval; the reference says that it is the one.
fn against_reference(study: &Study, index: usize) -> [Text; 2] {
    let row = &study.rows[index];
    if study.runs[row.run].plan.reference_of(row.backend).is_none() {
        return [Text::of(Tone::Faint, "1"), Text::of(Tone::Faint, "reference")];
    }
    match study.comparison_of(index) {
        Some(comparison) => [figure::ratio(comparison), figure::interval(comparison.interval)],
        None => [Text::of(Tone::Faint, figure::NONE), Text::of(Tone::Faint, figure::NONE)],
    }
}

/// The outcome in place of the figures; a long reason below the table.
fn missing(row: &Row, others: &[&str]) -> Text {
    let word = Text::of(Tone::Caution, row.outcome.word());
    let too = if others.is_empty() { String::new() } else { format!("; likewise {}", others.join(", ")) };
    match row.outcome.reason().map(|reason| format!("{reason}{too}")) {
        Some(reason) if reason.chars().count() <= REASON_INLINE => word.plain(format!(": {reason}")),
        Some(reason) => word.note(reason),
        None => word,
    }
}

fn hidden(run: &Run, shown: &[(usize, &Row)]) -> Text {
    let cases = run.plan.cases.len();
    let shown = shown.iter().map(|(_, row)| row.case.title()).collect::<BTreeSet<_>>().len();
    Text::of(
        Tone::Faint,
        format!("{shown} of {} shown; no figure depends on what is hidden", figure::count(cases, "case")),
    )
}

/// Whose time a ratio is over.
fn over(plan: &Plan) -> String {
    let alias = |backend: usize| plan.backends[backend].alias();
    match plan.against.is_empty() {
        true => format!("time over {}'s", alias(plan.reference)),
        false => {
            let pairs = plan.against.iter().map(|(&backend, &own)| format!("{} over {}", alias(backend), alias(own)));
            format!("time, {}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

/// What the columns mean, once.
fn legend(run: &Run, shown: &[(usize, &Row)]) -> Text {
    let plan = &run.plan;
    let mut parts = vec!["time: median over launches of one call, ± half its 95 % interval".to_owned()];
    if plan.backends.len() > 1 {
        parts.push(format!("ratio: {}, below 1 is faster; {}; interval: 95 %", over(plan), figure::MARKS));
    }
    let models = shown.iter().any(|(_, row)| row.tokens.is_some());
    let tokens = if models { ", tokens a second of a model" } else { "" };
    parts.push(format!("rate: GFLOPS where arithmetic limits, GB/s where memory does{tokens}"));
    if let Some(peak) = run.peak {
        let (gflops, read) = (significant(peak.gflops), significant(peak.read_gbs));
        parts.push(format!("peak: of {gflops} GFLOPS a thread or {read} GB/s, measured in this run"));
    }
    parts.push("allocs: blocks; bytes of one call".to_owned());
    parts.push("error: largest against f64".to_owned());
    if shown.iter().any(|(_, row)| row.time_ns.is_some()) {
        parts.push(format!("{} not measured, or no measured limit", figure::NONE));
    }
    Text::of(Tone::Faint, parts.join("; "))
}
