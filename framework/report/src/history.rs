//! The tables of `history`: what runs measured over time. They show, and judge nothing.

use smbench_core::history::{Entry, History, Point, Series, Step};
use smbench_core::run::State;
use smbench_core::units::{Nanoseconds, Ratio};

use crate::compare::MOVED;
use crate::document::{Block, Column, Document, Fit, Row, Table, Text, Tone};
use crate::figure::{self, none};
use crate::section::drawn;
use crate::spark::spark;

/// A run's name in a row, a backend's in the head of a column.
const NAME: usize = 24;
/// More columns of times would not fit a terminal: further backends have a table of their own.
const SIDE_BY_SIDE: usize = 3;
/// Blocks of a trend.
const BLOCKS: usize = 24;

/// One case through all runs: a row for each run, then the trend of each backend.
pub fn case_history(history: &History) -> Document {
    let mut document = Document::default();
    let series = history.series();
    let Some(first) = series.first() else { return document };
    let runs = figure::count(history.entries.len(), "run");
    document.heading(3, Text::code(first.case.title()).plain(format!(" · {runs}, oldest first")));
    for part in series.chunks(SIDE_BY_SIDE) {
        document.push(Block::Table(times(history, part)));
    }
    document.push(Block::Table(Table { columns: trend_columns(false), rows: trends(&series, false) }));
    document.blocks.extend(series.iter().filter_map(|series| drawn::times(history, series)));
    document.append(closing(history));
    document
}

/// Every case that a backend was measured at in two runs or more: a row for each.
pub fn history(history: &History) -> Document {
    let mut document = Document::default();
    let series: Vec<Series> = history.series().into_iter().filter(|series| series.measured() > 1).collect();
    if series.is_empty() {
        let runs = figure::count(history.entries.len(), "run");
        document.paragraph(format!("no case was measured by the same backend in two runs; {runs} looked at"));
        return document;
    }
    document.blocks.extend(drawn::means(history));
    document.push(Block::Table(Table { columns: trend_columns(true), rows: trends(&series, true) }));
    document.append(closing(history));
    document
}

// A row for each run.

fn times(history: &History, part: &[Series]) -> Table {
    let mut columns = vec![
        Column::words("date").fit(Fit::Drop(1)),
        Column::words("run"),
        Column::words("commit").fit(Fit::Drop(2)),
        Column::words("preset").fit(Fit::Drop(4)),
    ];
    for series in part {
        columns.push(Column::figures(Text::code(figure::cut(series.backend, NAME))));
        columns.push(Column::figures("± 95 %").fit(Fit::Drop(3)).near());
    }
    let has_any = |index: &usize| part.iter().any(|series| series.points.iter().any(|(entry, _)| entry == index));
    let mut rows = Vec::with_capacity(history.entries.len());
    let mut above = None;
    for index in (0..history.entries.len()).filter(has_any) {
        rows.push(run_row(history, index, above, part));
        above = Some(&history.entries[index]);
    }
    Table { columns, rows }
}

fn run_row(history: &History, index: usize, above: Option<&Entry>, part: &[Series]) -> Row {
    let entry = &history.entries[index];
    let mut cells = vec![date(entry).into(), name(entry, above), commit(entry), entry.preset.into()];
    cells.extend(part.iter().flat_map(|series| of_backend(series, index)));
    Row::of(cells)
}

/// `2026-11-23`: the time of the day stands in the id.
fn date(entry: &Entry) -> String {
    entry.created.chars().take("2026-11-23".len()).collect()
}

/// The run with what parts it from the one above, and whether it came to its end.
fn name(entry: &Entry, above: Option<&Entry>) -> Text {
    let breaks = above.map_or_else(Vec::new, |above| entry.breaks(above)).into_iter().map(|step| said(step).to_owned());
    let unfinished =
        (entry.state != State::Finished).then(|| format!("{}: not all of its launches", entry.state.word()));
    let notes: Vec<String> = breaks.chain(unfinished).collect();
    noted(Text::code(figure::cut(entry.name(), NAME)), notes)
}

/// `8158a91c`, with a star if there were changes that it does not hold.
fn commit(entry: &Entry) -> Text {
    const DIGITS: usize = 8;
    let Some(git) = &entry.git else { return none() };
    let commit: String = git.commit.chars().take(DIGITS).collect();
    format!("{commit}{}", if git.dirty { "*" } else { "" }).into()
}

/// Time and spread of one backend in one run, marked where its build is another than the time before.
fn of_backend(series: &Series, entry: usize) -> [Text; 2] {
    let Some(at) = series.points.iter().position(|(index, _)| *index == entry) else { return [none(), none()] };
    let point = series.points[at].1;
    let own = series.steps(at).into_iter().filter(|step| matches!(step, Step::Plugin | Step::Request));
    let why = point.outcome.reason().map(str::to_owned);
    let notes: Vec<String> = own.map(|step| said(step).to_owned()).chain(why).collect();
    [noted(time(point), notes), point.time_ns.map_or_else(none, |time| figure::spread_of(time.median, time.interval))]
}

fn time(point: &Point) -> Text {
    match point.time_ns {
        Some(time) => Nanoseconds(time.median).to_string().into(),
        None => Text::of(Tone::Caution, point.outcome.word()),
    }
}

fn said(step: Step) -> &'static str {
    match step {
        Step::Definition => "the case is defined otherwise than in the run above: the times are not comparable",
        Step::Machine => "another machine than in the run above: the times are not comparable",
        Step::Plugin => "another build of the plugin than the time before",
        Step::Request => "another tier or other options than the time before",
    }
}

// A row for each trend.

fn trend_columns(of_cases: bool) -> Vec<Column> {
    let case = of_cases.then(|| Column::words("case").fit(Fit::Stub));
    let columns = [
        Column::words("backend"),
        Column::figures("runs"),
        Column::figures("builds").fit(Fit::Drop(1)),
        Column::figures("oldest"),
        Column::figures("newest"),
        Column::words("trend"),
        Column::figures("ratio"),
    ];
    case.into_iter().chain(columns).collect()
}

fn trends(series: &[Series], of_cases: bool) -> Vec<Row> {
    let mut named = None;
    let mut rows = Vec::with_capacity(series.len());
    for series in series {
        let title = series.case.title();
        let new = named.as_ref() != Some(&title);
        let case = if new { Text::code(&*title) } else { Text::default() };
        named = Some(title);
        let cells = of_cases.then_some(case).into_iter().chain([Text::code(series.backend)]);
        rows.push(trend(series, cells.collect()));
    }
    rows
}

fn trend(series: &Series, mut cells: Vec<Text>) -> Row {
    let times: Vec<f64> = series.comparable().iter().map(|(_, time)| time.median).collect();
    let [Some(oldest), Some(newest)] = [times.first(), times.last()] else {
        return Row::ending(cells, "not measured");
    };
    cells.extend([
        runs(series, times.len()),
        series.builds().to_string().into(),
        Nanoseconds(*oldest).to_string().into(),
        Nanoseconds(*newest).to_string().into(),
        spark(&times, BLOCKS).into(),
        series.ratio().map_or_else(none, |ratio| Ratio(ratio).to_string().into()),
    ]);
    Row::of(cells)
}

/// How many are comparable, and how many are not.
fn runs(series: &Series, comparable: usize) -> Text {
    let text = Text::from(comparable.to_string());
    match series.measured() - comparable {
        0 => text,
        others => {
            let runs = figure::count(others, "more run");
            text.note(format!("{runs} on another machine or of another definition: not comparable with the newest"))
        }
    }
}

// What is below.

fn closing(history: &History) -> Document {
    let mut document = Document::default();
    if history.older > 0 {
        let all = history.older + history.entries.len();
        let older = figure::count(history.older, "older run");
        document.paragraph(
            Text::from(format!("{older} not looked at; all of them: ")).and(Tone::Code, format!("--last {all}")),
        );
    }
    document.paragraph(Text::of(Tone::Faint, LEGEND));
    let beside = "smbench run -b old=… -b new=…";
    document.paragraph(
        Text::of(Tone::Strong, "evidence raw: ")
            .plain(format!("separate runs. {MOVED}, so nothing here is judged; runs of the plugins side by side are: "))
            .and(Tone::Code, beside),
    );
    document
}

const LEGEND: &str = "time: median over launches of one call, ± half its 95 % interval; commit: * with uncommitted changes; \
                      runs: comparable with the newest; builds: of the plugin in these; trend: their times, oldest left, \
                      on a scale of at least ±10 % round the median; ratio: newest time over the median of the earlier ones";

fn noted(text: Text, notes: Vec<String>) -> Text {
    if notes.is_empty() { text } else { text.note(notes.join("; ")) }
}
