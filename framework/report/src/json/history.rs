//! A history as `smbench.history/1`, which `docs/history.schema.json` describes. Names are only ever added.

use serde::Serialize;
use serde_json::Value;
use smbench_core::history::{self, Entry, History};
use smbench_core::run::{Git, Machine};

/// The schema's name and revision.
pub const SCHEMA: &str = "smbench.history/1";

/// The history as a value.
pub fn json(history: &History) -> Value {
    super::value(&File::of(history))
}

/// The history as text.
pub fn render(history: &History) -> String {
    super::text(&File::of(history))
}

#[derive(Serialize)]
struct File<'a> {
    schema: &'static str,
    older: usize,
    runs: Vec<Run<'a>>,
    series: Vec<Series<'a>>,
}

#[derive(Serialize)]
struct Run<'a> {
    id: &'a str,
    label: Option<&'a str>,
    created: &'a str,
    state: &'a str,
    config: &'a str,
    preset: &'a str,
    launches: u32,
    git: Option<&'a Git>,
    machine: &'a Machine,
}

#[derive(Serialize)]
struct Series<'a> {
    case: &'a str,
    threads: u32,
    backend: &'a str,
    comparable: usize,
    builds: usize,
    ratio: Option<f64>,
    points: Vec<Point<'a>>,
}

#[derive(Serialize)]
struct Point<'a> {
    run: &'a str,
    definition: &'a str,
    sha256: &'a str,
    tier: Option<&'a str>,
    options: &'a [(String, String)],
    outcome: &'static str,
    reason: Option<&'a str>,
    launches: usize,
    time_ns: Option<Time>,
    steps: Vec<&'static str>,
}

#[derive(Serialize)]
struct Time {
    median: f64,
    low: Option<f64>,
    high: Option<f64>,
}

impl<'a> File<'a> {
    fn of(history: &'a History) -> Self {
        Self {
            schema: SCHEMA,
            older: history.older,
            runs: history.entries.iter().map(Run::of).collect(),
            series: history.series().iter().map(|series| Series::of(history, series)).collect(),
        }
    }
}

impl<'a> Run<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            id: &entry.id,
            label: entry.label.as_deref(),
            created: &entry.created,
            state: entry.state.word(),
            config: &entry.config,
            preset: entry.preset,
            launches: entry.launches,
            git: entry.git.as_ref(),
            machine: &entry.machine,
        }
    }
}

impl<'a> Series<'a> {
    fn of(history: &'a History, series: &history::Series<'a>) -> Self {
        Self {
            case: &series.case.id,
            threads: series.case.threads,
            backend: series.backend,
            comparable: series.comparable().len(),
            builds: series.builds(),
            ratio: series.ratio(),
            points: (0..series.points.len()).map(|at| Point::of(history, series, at)).collect(),
        }
    }
}

impl<'a> Point<'a> {
    fn of(history: &'a History, series: &history::Series<'a>, at: usize) -> Self {
        let (entry, point) = series.points[at];
        Self {
            run: &history.entries[entry].id,
            definition: &point.case.definition,
            sha256: &point.sha256,
            tier: point.tier.as_deref(),
            options: &point.options,
            outcome: point.outcome.word(),
            reason: point.outcome.reason(),
            launches: point.launches,
            time_ns: point.time_ns.map(Time::of),
            steps: series.steps(at).into_iter().map(history::Step::word).collect(),
        }
    }
}

impl Time {
    fn of(time: history::Time) -> Self {
        let (low, high) = time.interval.map(|interval| (interval.low, interval.high)).unzip();
        Self { median: time.median, low, high }
    }
}
