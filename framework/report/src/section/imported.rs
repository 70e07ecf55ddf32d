//! Beside section 2: what reports of other tools say themselves, in their own definitions, and what of that is put right.
//!
//! Totals of a profiler count scopes within scopes again, and a row of it holds several calls. Both are shown: as reported, and
//! over the cases alone, call by call.

use smbench_core::case::Case;
use smbench_core::imported::Imported;
use smbench_core::samples::Series;
use smbench_core::study::{Row, Study};
use smbench_core::units::Nanoseconds;

use super::Section;
use crate::document::{Block, Column, Document, Fit, Row as Line, Table, Text, Tone};
use crate::figure;
use crate::view::Options;

/// What reports of other tools say themselves.
pub struct AsReported;

const NS_PER_MS: f64 = 1e6;
const BYTES_PER_MB: f64 = (1 << 20) as f64;

/// What no such report holds, and a chart would show.
const MISSING: [&str; 4] = [
    "TTFT, and times of single tokens",
    "pool, in place and fused, each with and without",
    "other engines of the industry",
    "the machine, the commit, checks against f64, intervals",
];

impl Section for AsReported {
    fn title(&self) -> &'static str {
        "As reported"
    }

    fn write(&self, study: &Study, _: &Options) -> Document {
        let mut document = Document::default();
        let profiles: Vec<Profile> = (0..study.runs.len()).filter_map(|run| Profile::of(study, run)).collect();
        let [first, ..] = &profiles[..] else { return document };
        document.paragraph(format!(
            "Figures of {}: smbench did not take them, so they are shown and not judged. As reported, a total counts nested \
             scopes again, and a row holds several calls; all other sections are about single calls, of cases that contain \
             each other nowhere.",
            first.imported.format
        ));
        document.push(Block::Table(totals(&profiles))).push(Block::Table(rows(&profiles)));
        document.list(nested(&profiles).into_iter().chain(copies(&profiles)).collect());
        document.paragraph("What a chart would show, too:");
        document.list(MISSING.map(|what| Text::from(what).plain(": ").and(Tone::Caution, "not in this report")).into());
        document
    }
}

/// A run with totals of its own.
struct Profile<'a> {
    name: &'a str,
    imported: &'a Imported,
    /// Each with its one sample.
    rows: Vec<(&'a Row, &'a Series)>,
}

impl<'a> Profile<'a> {
    fn of(study: &'a Study, index: usize) -> Option<Self> {
        let run = &study.runs[index];
        let imported = run.imported.as_ref().filter(|imported| imported.totals.is_some())?;
        let sample = |row: &Row| {
            let launch = run.launches.iter().find(|launch| run.plan.cases[launch.case] == row.case)?;
            launch.launch.of(row.backend)
        };
        let rows = study.rows_of(index).filter_map(|(_, row)| Some((row, sample(row)?))).collect();
        Some(Self { name: figure::run_name(run), imported, rows })
    }

    fn row(&self, case: &Case) -> Option<&(&'a Row, &'a Series)> {
        self.rows.iter().find(|(row, _)| row.case.definition == case.definition)
    }

    /// Time and bytes of all rows.
    fn alone(&self) -> (f64, Option<f64>) {
        let bytes = self.rows.iter().map(|(row, series)| reported_bytes(row, series));
        (self.rows.iter().map(|(_, series)| reported_ns(series)).sum(), bytes.sum())
    }
}

/// Of all its calls.
fn reported_ns(series: &Series) -> f64 {
    series.ns.iter().sum::<u64>() as f64
}

fn calls(series: &Series) -> f64 {
    series.calls.iter().sum::<u64>() as f64
}

fn reported_bytes(row: &Row, series: &Series) -> Option<f64> {
    Some(row.allocations?.bytes * calls(series))
}

/// Two rows for each run.
fn totals(profiles: &[Profile]) -> Table {
    let columns = vec![
        Column::words("run").fit(Fit::Stub),
        Column::words("total"),
        Column::figures("time (ms)"),
        Column::figures("change").near(),
        Column::figures("allocated (MB)"),
        Column::figures("change").near(),
    ];
    let mut rows = Vec::new();
    let mut before: [Option<(f64, Option<f64>)>; 2] = [None; 2];
    for profile in profiles {
        let reported = profile.imported.totals.map(|totals| (totals.ns, totals.bytes));
        let both = [("as reported", reported), ("cases alone", Some(profile.alone()))];
        let mut name = Text::code(profile.name);
        for (place, (what, total)) in both.into_iter().enumerate() {
            let Some((ns, bytes)) = total else { continue };
            let [ns_before, bytes_before] = [before[place].map(|of| of.0), before[place].and_then(|of| of.1)];
            rows.push(Line::of(vec![
                std::mem::take(&mut name),
                what.into(),
                figure::hundredths(ns / NS_PER_MS).into(),
                change(Some(ns), ns_before),
                bytes.map_or_else(figure::none, |bytes| figure::hundredths(bytes / BYTES_PER_MB).into()),
                change(bytes, bytes_before),
            ]));
            before[place] = total;
        }
    }
    Table { columns, rows }
}

/// A row for each run that has the method.
fn rows(profiles: &[Profile]) -> Table {
    let columns = vec![
        Column::words("method").fit(Fit::Stub),
        Column::words("run"),
        Column::figures("time (ms)"),
        Column::figures("change").near(),
        Column::figures("rate"),
        Column::figures("calls").fit(Fit::Drop(2)),
        Column::figures("of a call"),
        Column::figures("rate").near(),
        Column::figures("MB").fit(Fit::Drop(1)),
    ];
    let mut cases: Vec<&Case> = Vec::new();
    for (row, _) in profiles.iter().flat_map(|profile| &profile.rows) {
        if !cases.iter().any(|case| case.definition == row.case.definition) {
            cases.push(&row.case);
        }
    }
    Table { columns, rows: cases.into_iter().flat_map(|case| of_case(profiles, case)).collect() }
}

fn of_case(profiles: &[Profile], case: &Case) -> Vec<Line> {
    let mut name = Text::code(case.params.get("reported_as").and_then(|name| name.as_str()).unwrap_or(&case.id));
    let mut before = None;
    let lines = profiles.iter().map(|profile| {
        let mut cells = vec![std::mem::take(&mut name), Text::code(profile.name)];
        let Some((row, series)) = profile.row(case) else {
            return Line::ending(cells, Text::of(Tone::Caution, "not in this report"));
        };
        let ns = reported_ns(series);
        cells.extend([
            figure::hundredths(ns / NS_PER_MS).into(),
            change(Some(ns), before),
            rate(case, ns),
            figure::number(calls(series)).into(),
            Nanoseconds(ns / calls(series)).to_string().into(),
            rate(case, ns / calls(series)),
            reported_bytes(row, series)
                .map_or_else(figure::none, |bytes| figure::hundredths(bytes / BYTES_PER_MB).into()),
        ]);
        before = Some(ns);
        Line::of(cells)
    });
    lines.collect()
}

/// Of one call, if it took so long.
fn rate(case: &Case, ns: f64) -> Text {
    let arithmetic = case.cost.flops > 0 && case.cost.flops >= 4 * case.cost.bytes;
    match case.tokens {
        Some(tokens) => format!("{:.1} tok/s", tokens.per_call as f64 * 1e9 / ns).into(),
        None if arithmetic => format!("{:.2} GFLOPS", case.cost.flops as f64 / ns).into(),
        None => figure::none(),
    }
}

/// `+55.8 %`, `-86.7 %`: in percent however far it is, as such reports have it.
fn change(now: Option<f64>, before: Option<f64>) -> Text {
    let both = now.zip(before).filter(|(_, before)| *before > 0.0);
    both.map_or_else(Text::default, |(now, before)| {
        let tenths = (1000.0 * (now / before - 1.0)).round();
        format!("{:+.1} %", tenths / 10.0 + 0.0).into() // no minus before a zero
    })
}

/// Scopes that cannot be given to one case.
fn nested(profiles: &[Profile]) -> Vec<Text> {
    let mut names: Vec<&str> = Vec::new();
    for scope in profiles.iter().flat_map(|profile| &profile.imported.nested) {
        if !names.contains(&scope.name.as_str()) {
            names.push(&scope.name);
        }
    }
    let times = |name: &str| {
        let scopes =
            profiles.iter().flat_map(|profile| profile.imported.nested.iter().filter(|scope| scope.name == name));
        let times: Vec<String> = scopes.map(|scope| figure::hundredths(scope.ns / NS_PER_MS)).collect();
        times.join(" → ")
    };
    let point = |name: &str| Text::code(name).plain(format!(": {} ms, within the rows of all its sizes", times(name)));
    names.iter().map(|name| point(name)).collect()
}

/// One content under several dates.
fn copies(profiles: &[Profile]) -> Vec<Text> {
    let of = |profile: &Profile| -> Vec<Text> {
        let copies = profile.imported.copies.iter();
        let point = |label: &str, created: &str| {
            let says = format!(", which says {created}, holds the same content: one run");
            Text::code(label).plain(says).plain(" with ").and(Tone::Code, profile.name)
        };
        copies.map(|copy| point(&copy.label, &copy.created)).collect()
    };
    profiles.iter().flat_map(of).collect()
}
