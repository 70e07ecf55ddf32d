//! The Markdown of SmallMind's CodeProfiler: a date, totals, a table of methods and one of allocators.
//!
//! ```text
//! **Generated:** 2026-02-04 02:02:13
//! - **Total Runtime:** 9,237.19 ms
//! | Rank | Method | Time (ms) | Calls | Avg (ms) | Alloc (MB) |
//! | 4 | `MatMul_512x512` | 905.90 | 1 | 905.900 | 0.00 |
//! ```
//!
//! Three things of it are put right. A row of an op holds several calls (`FAMILIES`), so times are divided by them. A model's
//! scopes contain each other (`Inference`, `GenerateToken`, `Forward`), so the outermost is a case and the others its spans. And
//! what the clock did not resolve (0.00 ms) is not measured.

use std::path::Path;

use smbench_core::case::{Case, Cost, Tokens};
use smbench_core::imported::{Scope, Totals};
use smbench_core::message::{Allocations, Span};
use smbench_core::outcome::Outcome;

use super::{Fault, Format, Measured, Named, Report, Source, not_a_report, series, time};
use crate::error::Result;

/// `smbench import codeprofiler`.
pub const FORMAT: Format = Format { name: "codeprofiler", gathers: is_markdown, parse };

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// Methods that differ in size only.
struct Family {
    /// Before the first underscore of the method.
    name: &'static str,
    suite: &'static str,
    op: &'static str,
    /// Calls in one row: the timed ones, and the warm-up where the profiler makes one.
    held: u64,
}

/// As the profiler runs them: a warm-up and three products, a warm-up and five calls, ten calls.
const FAMILIES: [Family; 6] = [
    Family { name: "MatMul", suite: "simd", op: "matmul", held: 4 },
    Family { name: "GELU", suite: "activations", op: "gelu", held: 6 },
    Family { name: "Softmax", suite: "activations", op: "softmax", held: 6 },
    Family { name: "TensorAdd", suite: "simd", op: "add", held: 10 },
    Family { name: "TensorMul", suite: "simd", op: "mul", held: 10 },
    Family { name: "BroadcastAdd", suite: "simd", op: "broadcast_add", held: 10 },
];

/// Scopes of a model, each within the one before it.
const SCOPES: [&str; 3] = ["Inference", "GenerateToken", "Forward"];
/// The calls of an op, within the rows of all its sizes.
const ITERATION: &str = "Iteration";

const NS_PER_MS: f64 = 1e6;
/// The profiler's megabytes are those of memory: 729.97 MB are its 747,486.22 KB.
const BYTES_PER_MB: f64 = (1 << 20) as f64;

/// What a report says.
pub fn parse(sources: &[Source]) -> Result<Report> {
    let [Source { name, text }] = sources else {
        return Err(not_a_report(&sources[0].name, &FORMAT, "its reports are single files: name them one by one"));
    };
    let mut reader = Reader::default();
    for (index, line) in text.lines().enumerate() {
        reader.line(index + 1, line.trim());
    }
    if reader.rows.is_empty() {
        let why =
            "it has no table of methods that could be read: | Method | Time (ms) | Calls | Avg (ms) | Alloc (MB) |";
        return Err(not_a_report(name, &FORMAT, why));
    }
    Ok(reader.report())
}

/// A row of the table of methods.
struct Row {
    line: usize,
    method: String,
    /// All its time; none where only its allocations are told.
    ns: Option<f64>,
    calls: u64,
    bytes: f64,
}

/// Where a table has its columns.
#[derive(Clone, Copy)]
struct Columns {
    count: usize,
    method: usize,
    time: Option<usize>,
    calls: usize,
    average: Option<usize>,
    megabytes: usize,
}

#[derive(Default)]
struct Reader {
    report: Report,
    ns: Option<f64>,
    bytes: Option<f64>,
    table: Option<Columns>,
    rows: Vec<Row>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) {
        if line.contains('|') {
            return self.of_table(number, line);
        }
        self.table = None;
        let value = |name: &str| Some(line.split_once(name)?.1.trim().to_owned());
        if let Some(text) = value("**Generated:**") {
            self.report.created = time(&text);
            self.fault_if(self.report.created.is_none(), number, || format!("`{text}` is no date"));
        } else if let Some(text) = value("**Total Runtime:**") {
            self.ns = quantity(&text, "ms").map(|ms| ms * NS_PER_MS);
            self.fault_if(self.ns.is_none(), number, || format!("`{text}` is no number of ms"));
        } else if let Some(text) = value("**Total Allocations:**") {
            self.bytes = quantity(&text, "MB").map(|megabytes| megabytes * BYTES_PER_MB);
            self.fault_if(self.bytes.is_none(), number, || format!("`{text}` is no number of MB"));
        }
    }

    fn fault_if(&mut self, wrong: bool, line: usize, what: impl FnOnce() -> String) {
        if wrong {
            self.report.faults.push(Fault { line, what: what() });
        }
    }

    fn of_table(&mut self, number: usize, line: &str) {
        let inside = line.strip_prefix('|').unwrap_or(line);
        let cells: Vec<&str> = inside.strip_suffix('|').unwrap_or(inside).split('|').map(str::trim).collect();
        if cells.iter().all(|cell| cell.chars().all(|c| matches!(c, '-' | ':' | ' '))) {
            return;
        }
        if cells.contains(&"Method") {
            self.table = Columns::of(&cells);
            return self
                .fault_if(self.table.is_none(), number, || "a table without the columns that it needs".to_owned());
        }
        let Some(columns) = self.table else { return };
        match columns.row(number, &cells) {
            Ok((row, doubt)) => self.keep(row, doubt),
            Err(what) => self.fault_if(true, number, || format!("{what}: the row is left out")),
        }
    }

    /// The table of allocators repeats methods; it adds those that the table of methods had no room for.
    fn keep(&mut self, row: Row, doubt: Option<String>) {
        let known = self.rows.iter().any(|known| known.method == row.method);
        let line = row.line;
        if known && row.ns.is_some() {
            return self.fault_if(true, line, || format!("`{}` is there already: the row is left out", row.method));
        }
        if let Some(what) = doubt {
            self.fault_if(true, line, || what);
        }
        if !known {
            self.rows.push(row);
        }
    }

    fn report(mut self) -> Report {
        let (inner, outer): (Vec<usize>, Vec<usize>) = (0..self.rows.len()).partition(|&row| self.is_nested(row));
        for &row in &outer {
            let measured = self.measured(row, &inner);
            self.report.measured.push(measured);
        }
        // Ranks differ from report to report; models stay ahead, and sizes of an op side by side.
        self.report.measured.sort_by_cached_key(|Measured { case, .. }| {
            let family =
                FAMILIES.iter().position(|family| case.id.starts_with(&format!("{}/{}/", family.suite, family.op)));
            (case.suite.starts_with("profiled"), family, case.suite.clone(), case.cost.elements, case.id.clone())
        });
        let shared = inner.iter().map(|&row| &self.rows[row]).filter(|row| self.siblings(&row.method).count() > 1);
        let scope = |row: &Row| Some(Scope { name: row.method.clone(), calls: row.calls, ns: row.ns? });
        self.report.nested = shared.filter_map(scope).collect();
        self.report.totals = self.ns.map(|ns| Totals { ns, bytes: self.bytes });
        self.report
    }

    fn row(&self, method: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.method == method)
    }

    /// Does its time belong to another row?
    fn is_nested(&self, row: usize) -> bool {
        let method = self.rows[row].method.as_str();
        let is_timed = |method: &str| self.row(method).is_some_and(|row| row.ns.is_some());
        let within = |(model, scope): (&str, &str)| {
            let place = SCOPES.iter().position(|name| *name == scope);
            place.is_some_and(|place| SCOPES[..place].iter().any(|outer| is_timed(&format!("{model}_{outer}"))))
        };
        method.rsplit_once('_').is_some_and(within) || self.siblings(method).next().is_some()
    }

    /// Of an iteration: the rows of the sizes that it lies within.
    fn siblings<'a>(&'a self, method: &str) -> impl Iterator<Item = &'a Row> {
        let family =
            method.rsplit_once('_').filter(|(_, last)| *last == ITERATION).map(|(family, _)| family.to_owned());
        self.rows.iter().filter(move |row| {
            let own = row.method.rsplit_once('_').filter(|(_, last)| *last != ITERATION);
            own.map(|(name, _)| name) == family.as_deref() && family.is_some()
        })
    }

    fn measured(&self, row: usize, inner: &[usize]) -> Measured {
        let row = &self.rows[row];
        let (case, held) = self.case(row);
        let calls = held * row.calls;
        let outcome = match row.ns {
            Some(ns) if ns > 0.0 => Outcome::Measured,
            Some(_) => Outcome::Unsupported("not measured: 0.00 ms is below what the report resolves".to_owned()),
            None => Outcome::Unsupported("not in this report, but for its allocations".to_owned()),
        };
        let launches = row.ns.filter(|ns| *ns > 0.0).map(|ns| series([(calls, ns)]));
        let unknown = f64::NAN;
        Measured {
            case,
            outcome,
            launches: launches.into_iter().collect(),
            allocations: Some(Allocations {
                count: unknown,
                bytes: row.bytes / calls as f64,
                peak_bytes: None,
                kept_bytes: unknown,
            }),
            spans: self.spans(row, calls, inner),
        }
    }

    /// The scopes within a row, from the outermost: each with the time that no further one has.
    fn spans(&self, row: &Row, calls: u64, inner: &[usize]) -> Option<Vec<Span>> {
        let whole = row.ns.filter(|ns| *ns > 0.0)?;
        let (model, own) = row.method.rsplit_once('_').unwrap_or((&row.method, ""));
        let is_within = |inner: &&Row| match inner.method.rsplit_once('_') {
            Some((family, ITERATION)) => family == model && self.siblings(&inner.method).count() == 1,
            Some((family, _)) => family == model && SCOPES.contains(&own),
            None => false,
        };
        let mut scopes: Vec<&Row> = inner.iter().map(|&row| &self.rows[row]).filter(is_within).collect();
        scopes.sort_by_key(|scope| SCOPES.iter().position(|name| scope.method.ends_with(name)));
        let mut spans = Vec::new();
        let mut outer = (Span::OUTSIDE, whole, 0);
        for scope in scopes {
            let Some(ns) = scope.ns.map(|ns| ns.min(outer.1)) else { continue };
            spans.push(span(outer.0, outer.1 - ns, whole, calls, outer.2));
            outer = (scope.method.rsplit('_').next().unwrap_or(&scope.method), ns, scope.calls);
        }
        if spans.is_empty() {
            return None;
        }
        spans.push(span(outer.0, outer.1, whole, calls, outer.2));
        spans.rotate_left(1); // what is outside all of them stands last
        Some(spans)
    }

    /// The case that a method stands for, and how many calls one entry of it holds.
    fn case(&self, row: &Row) -> (Case, u64) {
        let method = row.method.as_str();
        let named = |id: String| Named { format: &FORMAT, name: method, id };
        if let Some((family, size)) = family(method) {
            let (size, cost) = family.sized(size);
            return (named(format!("{}/{}/{size}/f32", family.suite, family.op)).costing(cost, None), family.held);
        }
        let Some((model, scope)) = model(method) else { return (named(format!("profiled/{method}")).case(), 1) };
        let tokens = match scope {
            "Inference" => {
                SCOPES[1..].iter().find_map(|inner| Some(self.row(&format!("Model_{model}_{inner}"))?.calls))
            }
            "GenerateToken" => Some(1),
            _ => None,
        };
        let size = tokens.map_or_else(|| "whole".to_owned(), |tokens| tokens.to_string());
        let id = format!("model_{}/{}/{size}/f32", model.to_lowercase(), scope.to_lowercase());
        let tokens = tokens.map(|per_call| Tokens { per_call, kv_bytes: None });
        let mut case = named(id).costing(Cost { flops: 0, bytes: 0, elements: 0, passes: 1 }, tokens);
        case.params.insert("phase".to_owned(), scope.to_lowercase().into());
        (case, 1)
    }
}

fn span(name: &str, ns: f64, whole: f64, calls: u64, runs: u64) -> Span {
    let per_call = |value: f64| value / calls as f64;
    Span { op: name.to_owned(), share: ns / whole, ns: per_call(ns), runs: per_call(runs as f64) }
}

fn family(method: &str) -> Option<(&'static Family, &str)> {
    let (name, size) = method.split_once('_')?;
    let family = FAMILIES.iter().find(|family| family.name == name)?;
    size.split('x').all(|part| part.parse::<u32>().is_ok_and(|part| part > 0)).then_some((family, size))
}

/// `Model_Medium_Inference` is `Medium` and `Inference`.
fn model(method: &str) -> Option<(&str, &str)> {
    method.strip_prefix("Model_")?.rsplit_once('_')
}

impl Family {
    /// The size as smbench writes it, and what one call costs as far as that is known: what a GELU takes, it is not.
    fn sized(&self, size: &str) -> (String, Cost) {
        let parts: Vec<u64> = size.split('x').filter_map(|part| part.parse().ok()).collect();
        let elements = parts.iter().fold(1u64, |product, &part| product.saturating_mul(part));
        let cost = |flops, bytes, elements| Cost { flops, bytes, elements, passes: 1 };
        match (self.op, &parts[..]) {
            ("matmul", &[m, n]) if m == n => {
                let square = m.saturating_mul(m);
                let (flops, bytes) = (square.saturating_mul(m).saturating_mul(2), square.saturating_mul(12));
                (format!("{m}x{m}x{m}"), cost(flops, bytes, square))
            }
            ("add" | "mul", &[_]) => (size.to_owned(), cost(elements, elements.saturating_mul(12), elements)),
            ("broadcast_add", &[_, columns]) => {
                let bytes = elements.saturating_mul(8).saturating_add(columns * 4);
                (size.to_owned(), cost(elements, bytes, elements))
            }
            _ => (size.to_owned(), cost(0, 0, elements)),
        }
    }
}

impl Columns {
    fn of(cells: &[&str]) -> Option<Self> {
        let at = |names: [&str; 2]| cells.iter().position(|cell| names.contains(cell));
        let time = at(["Time (ms)"; 2]);
        let average = time.and_then(|_| at(["Avg (ms)"; 2]));
        let (method, calls, megabytes) = (at(["Method"; 2])?, at(["Calls"; 2])?, at(["Alloc (MB)", "Total (MB)"])?);
        Some(Self { count: cells.len(), method, time, calls, average, megabytes })
    }

    /// A row, and what is odd about it.
    fn row(self, line: usize, cells: &[&str]) -> std::result::Result<(Row, Option<String>), String> {
        if cells.len() != self.count {
            return Err(format!("{} cells where {} should be", cells.len(), self.count));
        }
        let figure = |column: usize| number(cells[column]).ok_or_else(|| format!("`{}` is no number", cells[column]));
        let method = cells[self.method].trim_matches('`').trim();
        if method.is_empty() {
            return Err("no method".to_owned());
        }
        let calls = figure(self.calls)?;
        if calls < 1.0 || calls.fract() != 0.0 {
            return Err(format!("`{}` is no number of calls", cells[self.calls]));
        }
        let (time, average) = (self.time.map(figure).transpose()?, self.average.map(figure).transpose()?);
        let (ns, doubt) = match time {
            Some(time) => finer(method, time, average, calls),
            None => (None, None),
        };
        let bytes = figure(self.megabytes)? * BYTES_PER_MB;
        Ok((Row { line, method: method.to_owned(), ns, calls: calls as u64, bytes }, doubt))
    }
}

/// Of few calls the average has more digits than the time. Where the two do not agree the time is taken.
fn finer(method: &str, time: f64, average: Option<f64>, calls: f64) -> (Option<f64>, Option<String>) {
    const TIME: f64 = 0.005; // half of its last digit
    const AVERAGE: f64 = 0.0005;
    let from_average = average.map(|average| average * calls);
    let rounded = 1.001 * (TIME + AVERAGE * calls);
    match from_average {
        Some(ms) if (ms - time).abs() > rounded => {
            let what =
                format!("`{method}`: its average times its calls is {ms:.3} ms, not {time:.2}; the time is taken");
            (Some(time * NS_PER_MS), Some(what))
        }
        Some(ms) if AVERAGE * calls < TIME => (Some(ms * NS_PER_MS), None),
        _ => (Some(time * NS_PER_MS), None),
    }
}

/// `5,927.59 ms`
fn quantity(text: &str, unit: &str) -> Option<f64> {
    number(text.strip_suffix(unit)?.trim())
}

/// A number from 0, with thousands separators or without: `1234.5`, `1,234.5`.
fn number(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let groups: Vec<&str> = whole.split([',', '_', '\u{a0}', '\u{202f}', ' ']).collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let grouped = groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    let sound = grouped && groups.iter().all(|group| digits(group)) && digits(fraction);
    sound.then(|| format!("{}.{fraction}", groups.concat()).parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
