//! Reports of other tools as runs. A format reads texts and gives a [`Report`]; what is the same for all of them is here.
//!
//! Nothing of it was checked against f64, and nothing was interleaved: such a run is shown, and never judged (METHOD §5).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use smbench_core::backend::{Backend, PluginInfo};
use smbench_core::case::{Bound, Case, Cost, Tokens};
use smbench_core::confinement::Grants;
use smbench_core::imported::{Imported, Scope, Totals};
use smbench_core::message::{AccountReport, Allocations, CheckReport, Span};
use smbench_core::outcome::Outcome;
use smbench_core::plan::Plan;
use smbench_core::run::{Account, CaseLaunch, Check, Machine, Run, State};
use smbench_core::samples::{Environment, Launch, Mode, Series};

use crate::error::{Error, Result};
use crate::hash;

pub mod codeprofiler;
pub mod criterion;
pub mod google_benchmark;
pub mod hyperfine;

/// A tool whose reports can be read.
pub struct Format {
    /// What it is called on the command line, and what its backend is called in the run.
    pub name: &'static str,
    /// Files of a folder that belong to a report; a format of single files takes none.
    pub gathers: fn(&Path) -> bool,
    /// What the files say.
    pub parse: fn(&[Source]) -> Result<Report>,
}

/// A file of a report.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path, for errors and to tell files apart.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// What a report says.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// When it was made, if it says so.
    pub created: Option<SystemTime>,
    /// Of the machine, what it says.
    pub machine: Machine,
    /// What was measured.
    pub measured: Vec<Measured>,
    /// As it adds them up.
    pub totals: Option<Totals>,
    /// Scopes within several of the cases.
    pub nested: Vec<Scope>,
    /// What could not be read.
    pub faults: Vec<Fault>,
}

/// One case of a report.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// What.
    pub case: Case,
    /// How it fared.
    pub outcome: Outcome,
    /// Samples, by the process that they were taken in.
    pub launches: Vec<Series>,
    /// Allocator traffic of a call.
    pub allocations: Option<Allocations>,
    /// Nested scopes, as shares.
    pub spans: Option<Vec<Span>>,
}

/// A part of a report that could not be read; the rest is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// What a run has that no report can say.
#[derive(Clone, Debug)]
pub struct Head {
    /// The command that imported it.
    pub command: String,
    /// Its label.
    pub label: String,
    /// When it was made, if the report does not say.
    pub changed: SystemTime,
    /// Version of smbench.
    pub smbench: String,
}

/// The files of a report, in the order of their names, and when the newest of them was changed.
pub fn gather(path: &Path, format: &Format) -> Result<(Vec<Source>, SystemTime)> {
    let mut paths = Vec::new();
    if path.is_dir() {
        walk(path, format.gathers, &mut paths)?;
    } else {
        paths.push(path.to_owned());
    }
    paths.sort();
    let mut changed = SystemTime::UNIX_EPOCH;
    let mut sources = Vec::with_capacity(paths.len());
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
        changed = changed.max(modified.unwrap_or(SystemTime::UNIX_EPOCH));
        sources.push(Source { name: path.display().to_string(), text });
    }
    if sources.is_empty() {
        let what = format!("no report of {} in `{}`", format.name, path.display());
        return Err(Error::usage(what).help("name the folder or the file that it wrote"));
    }
    Ok((sources, changed))
}

fn walk(folder: &Path, gathers: fn(&Path) -> bool, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let entry = entry.map_err(|error| unreadable(folder, error))?;
        let path = entry.path();
        match entry.file_type().map_err(|error| unreadable(&path, error))? {
            kind if kind.is_dir() => walk(&path, gathers, paths)?,
            kind if kind.is_file() && gathers(&path) => paths.push(path),
            _ => {}
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::usage(format!("cannot read `{}`", path.display())).because(error).help("check the path")
}

impl Report {
    /// SHA-256 of all figures, without the date.
    fn content(&self, format: &Format) -> Result<String> {
        let figures = serde_json::to_string(&(format.name, &self.measured, self.totals, &self.nested));
        let failed = |error| Error::internal("cannot hash the figures").because(error);
        Ok(hash::bytes(figures.map_err(failed)?.as_bytes()))
    }

    /// The run that it stands for.
    pub fn into_run(self, format: &Format, head: Head) -> Result<Run> {
        let content = self.content(format)?;
        let created = humantime::format_rfc3339_seconds(self.created.unwrap_or(head.changed)).to_string();
        let digits: String = created.chars().filter(char::is_ascii_digit).collect();
        let launches = self.measured.iter().map(|measured| measured.launches.len()).max().unwrap_or(0);
        let cases: Vec<Case> = self.measured.iter().map(|measured| measured.case.clone()).collect();
        let plan = Plan {
            config: format.name.to_owned(),
            cases,
            backends: vec![backend(format.name)],
            launches: launches as u32,
            ..Plan::default()
        };
        let mut run = Run {
            id: format!("{}-{}-{}", &digits[..8], &digits[8..], &content[..4]),
            label: Some(head.label),
            created,
            command: head.command,
            smbench: head.smbench,
            state: State::Finished,
            git: None,
            machine: Machine { fingerprint: format!("of {}", format.name), ..self.machine },
            peak: None,
            plan,
            checks: Vec::new(),
            launches: Vec::new(),
            accounts: Vec::new(),
            blames: Vec::new(),
            notes: Vec::new(),
            imported: Some(Imported {
                format: format.name.to_owned(),
                content,
                totals: self.totals,
                nested: self.nested,
                copies: Vec::new(),
            }),
        };
        for (case, measured) in self.measured.into_iter().enumerate() {
            measured.into_run(case, &mut run);
        }
        Ok(run)
    }
}

impl Measured {
    fn into_run(self, case: usize, run: &mut Run) {
        run.checks.push(Check { case, backend: 0, report: CheckReport::ended(self.outcome) });
        let launches = self.launches.into_iter().enumerate();
        run.launches.extend(launches.map(|(number, series)| CaseLaunch {
            case,
            number: number as u32,
            launch: launch(series),
        }));
        if self.allocations.is_some() || self.spans.is_some() {
            let report = AccountReport { allocations: self.allocations, spans: self.spans, ..AccountReport::default() };
            run.accounts.push(Account { case, backend: 0, report });
        }
    }
}

fn launch(series: Series) -> Launch {
    Launch {
        mode: Mode::Split,
        order: vec![0],
        environment: Environment::default(),
        series: vec![(0, series)],
        late: Vec::new(),
        flags: Vec::new(),
    }
}

/// Whoever it was that the tool measured: no plugin, and no build that could be told from another.
fn backend(format: &str) -> Backend {
    Backend {
        spec: format.parse().expect("a format's name is an alias"),
        path: String::new(),
        sha256: String::new(),
        libraries_sha256: String::new(),
        grants: Grants::default(),
        plugin: PluginInfo { name: format.to_owned(), ..PluginInfo::default() },
    }
}

/// What a case of a report is made of.
struct Named<'a> {
    format: &'a Format,
    /// As the report calls it.
    name: &'a str,
    /// As smbench calls it.
    id: String,
}

impl Named<'_> {
    /// One of which nothing is known but its name.
    fn case(self) -> Case {
        self.costing(Cost { flops: 0, bytes: 0, elements: 0, passes: 1 }, None)
    }

    /// One whose work follows from its name. It is never taken for a case of smbench's own: the definition is another.
    fn costing(self, cost: Cost, tokens: Option<Tokens>) -> Case {
        let suite = self.id.split('/').next().unwrap_or_default().to_owned();
        let definition = format!("{}: {}", self.format.name, self.name);
        Case {
            suite,
            id: self.id,
            workload: format!("`{}` of a report of {}", self.name, self.format.name),
            params: BTreeMap::from([("reported_as".to_owned(), self.name.into())]),
            threads: 1,
            cost,
            bound: Bound::of(cost),
            tokens,
            definition,
            oracle: None,
        }
    }
}

/// Samples of one process; each is calls and nanoseconds.
fn series(samples: impl IntoIterator<Item = (u64, f64)>) -> Series {
    let mut series = Series::default();
    for (round, (calls, ns)) in samples.into_iter().enumerate() {
        series.push(round as u32, 0, calls.max(1), ns.round() as u64);
    }
    series
}

/// `2026-02-03 23:06:46`, `2026-02-03T23:06:46.5Z`, `2026-02-03T23:06:46+01:00`; no zone is taken for UTC.
fn time(text: &str) -> Option<SystemTime> {
    const YEAR_10_000: Duration = Duration::from_secs(253_402_300_800); // which nobody can write as RFC 3339
    in_any_zone(text).filter(|time| time.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since < YEAR_10_000))
}

fn in_any_zone(text: &str) -> Option<SystemTime> {
    let text = text.trim().trim_end_matches("UTC").trim_end();
    let seconds_end = text.char_indices().nth("2026-02-03T23:06:46".len() - 1).map(|(index, _)| index)?;
    let zone = text[seconds_end..].find(['+', '-']).map(|index| seconds_end + index);
    let (local, zone) = text.split_at(zone.unwrap_or(text.len()));
    let local = humantime::parse_rfc3339_weak(local).ok()?;
    let Some(sign) = zone.chars().next() else { return Some(local) };
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes): (u64, u64) = (digits.get(..2)?.parse().ok()?, digits.get(2..4)?.parse().ok()?);
    let offset = Duration::from_secs(60 * (60 * hours + minutes));
    if sign == '+' { local.checked_sub(offset) } else { local.checked_add(offset) }
}

/// What is no report of a format.
fn not_a_report(name: &str, format: &Format, why: impl std::fmt::Display) -> Error {
    Error::usage(format!("`{name}` is no report of {}", format.name)).because(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_zones_or_are_utc() {
        #[track_caller]
        fn check(text: &str, want: Option<&str>) {
            let found = time(text).map(|time| humantime::format_rfc3339_seconds(time).to_string());
            assert_eq!(found.as_deref(), want, "{text}");
        }
        check("2026-02-03 23:06:46", Some("2026-02-03T23:06:46Z"));
        check(" 2026-02-03 23:06:46 UTC ", Some("2026-02-03T23:06:46Z"));
        check("2026-02-03T23:06:46.25Z", Some("2026-02-03T23:06:46Z"));
        check("2026-02-03T23:06:46+01:30", Some("2026-02-03T21:36:46Z"));
        check("2026-02-03T23:06:46-0800", Some("2026-02-04T07:06:46Z"));
        check("yesterday", None);
        check("9999-12-31T23:59:59-01:00", None);
        check("2026-02-31 23:06:46", None);
        check("2026-02-03 23:06:4é", None);
    }
}
