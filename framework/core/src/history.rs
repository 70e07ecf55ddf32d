//! What several runs measured of the same cases over time, and where their times stop being comparable.
//!
//! Separate runs are evidence of the weakest kind (METHOD §5): nothing here is judged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::backend::Backend;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::run::{Git, Machine, Run, State};
use crate::samples::Launch;
use crate::stats::Interval;
use crate::stats::quantile;
use crate::study;

/// Runs with the times they measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// Older runs that would belong here and were not asked for.
    pub older: usize,
}

/// A run, without its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Id of the run.
    pub id: String,
    /// Its label, if it has one.
    pub label: Option<String>,
    /// When it began, RFC 3339, UTC.
    pub created: String,
    /// Where it stands.
    pub state: State,
    /// Name of the config.
    pub config: String,
    /// How long it was to be: the preset's word.
    pub preset: &'static str,
    /// Launches planned for each case.
    pub launches: u32,
    /// The repository it was run in.
    pub git: Option<Git>,
    /// The machine it ran on.
    pub machine: Machine,
    /// Every backend at every case, as far as they were asked for.
    pub points: Vec<Point>,
}

/// One backend at one case of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// What.
    pub case: Case,
    /// Who, by name.
    pub backend: String,
    /// SHA-256 of the plugin.
    pub sha256: String,
    /// Hash of the libraries that the plugin brings along.
    pub libraries_sha256: String,
    /// Tier asked for.
    pub tier: Option<String>,
    /// Options asked for.
    pub options: Vec<(String, String)>,
    /// How it fared.
    pub outcome: Outcome,
    /// Launches it took part in.
    pub launches: usize,
    /// Time of one call.
    pub time_ns: Option<Time>,
}

/// Goes up when a figure of a finished run would come out otherwise than before.
pub const STATISTICS: u32 = 1;

/// What follows from the samples of one backend at one case: all that a history needs of them, so that a store can keep it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Index into the plan's cases.
    pub case: usize,
    /// Index into the plan's backends.
    pub backend: usize,
    /// How it fared.
    pub outcome: Outcome,
    /// Launches it took part in.
    pub launches: usize,
    /// Time of one call.
    pub time_ns: Option<Time>,
}

/// Time of one call in nanoseconds; tails would take every sample of every run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Time {
    /// Median over launches of launch medians.
    pub median: f64,
    /// Its 95 % interval; `None` under 6 launches.
    pub interval: Option<Interval>,
}

/// One backend at one case through all runs that had both.
#[derive(Clone, Debug)]
pub struct Series<'a> {
    /// What, as the newest run defines it.
    pub case: &'a Case,
    /// Who, by name.
    pub backend: &'a str,
    /// Oldest first, with the index of each one's entry.
    pub points: Vec<(usize, &'a Point)>,
    entries: &'a [Entry],
}

/// What changed from one run to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What is measured: times on both sides are not comparable.
    Definition,
    /// The machine: times on both sides are not comparable.
    Machine,
    /// The plugin or a library it brings along: what one looks for.
    Plugin,
    /// The tier or the options asked for.
    Request,
}

impl Step {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Definition => "definition",
            Self::Machine => "machine",
            Self::Plugin => "plugin",
            Self::Request => "request",
        }
    }
}

impl Entry {
    /// What a run has of the cases and backends that are `wanted`.
    pub fn of(run: &Run, wanted: &dyn Fn(&Case, &str) -> bool) -> Self {
        Self::with(run, Figures::of(run), wanted)
    }

    /// The same, of a run without its samples and of what follows from them.
    pub fn with(run: &Run, figures: Vec<Figures>, wanted: &dyn Fn(&Case, &str) -> bool) -> Self {
        let (cases, backends) = (&run.plan.cases, &run.plan.backends);
        let asked = |of: &Figures| wanted(&cases[of.case], backends[of.backend].alias());
        Self {
            id: run.id.clone(),
            label: run.label.clone(),
            created: run.created.clone(),
            state: run.state,
            config: run.plan.config.clone(),
            preset: run.plan.preset.word(),
            launches: run.plan.launches,
            git: run.git.clone(),
            machine: run.machine.clone(),
            points: figures.into_iter().filter(asked).map(|figures| Point::of(run, figures)).collect(),
        }
    }

    /// What it is called: its label, else its id.
    pub fn name(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.id)
    }

    /// What parts it from an older one, in a history of one case: no time compares across these.
    pub fn breaks(&self, older: &Self) -> Vec<Step> {
        let definition = |entry: &Self| entry.points.first().map(|point| point.case.definition.clone());
        steps([
            (Step::Definition, definition(older) != definition(self)),
            (Step::Machine, older.machine.fingerprint != self.machine.fingerprint),
        ])
    }

    /// Was anything of it measured, or found to be wrong? A run that never came so far is no part of a history.
    pub fn tells(&self) -> bool {
        self.points.iter().any(|point| !matches!(point.outcome, Outcome::Unsupported(_)))
    }
}

impl Figures {
    /// Every backend at every case.
    pub fn of(run: &Run) -> Vec<Self> {
        let by_case = study::launches_by_case(run);
        run.pairs().map(|(case, backend)| Self::at(run, case, backend, &by_case[case])).collect()
    }

    fn at(run: &Run, case: usize, backend: usize, launches: &[&Launch]) -> Self {
        let outcome = run.outcome_in(case, backend, launches);
        let series = launches.iter().filter_map(|launch| launch.of(backend));
        let per_launch: Vec<Vec<f64>> = series.map(|series| series.per_call_ns()).collect();
        let time = study::centre(&per_launch).filter(|_| outcome.is_measured());
        let time_ns = time.map(|(median, interval)| Time { median, interval });
        Self { case, backend, outcome, launches: per_launch.len(), time_ns }
    }
}

impl Point {
    fn of(run: &Run, figures: Figures) -> Self {
        let Backend { spec, sha256, libraries_sha256, .. } = &run.plan.backends[figures.backend];
        Self {
            case: run.plan.cases[figures.case].clone(),
            backend: spec.alias.clone(),
            sha256: sha256.clone(),
            libraries_sha256: libraries_sha256.clone(),
            tier: spec.tier.clone(),
            options: spec.options.clone(),
            outcome: figures.outcome,
            launches: figures.launches,
            time_ns: figures.time_ns,
        }
    }

    /// The file that ran, and what it brought along.
    pub fn build(&self) -> (&str, &str) {
        (&self.sha256, &self.libraries_sha256)
    }
}

impl History {
    /// Every backend at every case: those of the newest run first, in its order.
    pub fn series(&self) -> Vec<Series<'_>> {
        let mut series: Vec<Series<'_>> = Vec::new();
        let mut known = BTreeMap::new();
        for (index, entry) in self.entries.iter().enumerate().rev() {
            for point in &entry.points {
                let key = (&*point.case.id, point.case.threads, &*point.backend);
                let at = *known.entry(key).or_insert_with(|| {
                    series.push(Series::begin(point, &self.entries));
                    series.len() - 1
                });
                series[at].points.push((index, point));
            }
        }
        series.iter_mut().for_each(|series| series.points.reverse());
        series
    }
}

impl<'a> Series<'a> {
    fn begin(point: &'a Point, entries: &'a [Entry]) -> Self {
        Self { case: &point.case, backend: &point.backend, points: Vec::new(), entries }
    }

    /// What changed between a point and the one before it.
    pub fn steps(&self, at: usize) -> Vec<Step> {
        let Some(before) = at.checked_sub(1) else { return Vec::new() };
        let [(before, old), (now, new)] = [self.points[before], self.points[at]];
        let machine = |entry: usize| &self.entries[entry].machine.fingerprint;
        steps([
            (Step::Definition, old.case.definition != new.case.definition),
            (Step::Machine, machine(before) != machine(now)),
            (Step::Plugin, old.build() != new.build()),
            (Step::Request, (&old.tier, &old.options) != (&new.tier, &new.options)),
        ])
    }

    /// How many runs measured it.
    pub fn measured(&self) -> usize {
        self.points.iter().filter(|(_, point)| point.time_ns.is_some()).count()
    }

    /// Those that were measured and may stand beside the newest of them: same definition, same machine.
    pub fn comparable(&self) -> Vec<(&'a Point, Time)> {
        self.comparable_at().into_iter().map(|(_, point, time)| (point, time)).collect()
    }

    /// The same, with the index of each one's entry.
    pub fn comparable_at(&self) -> Vec<(usize, &'a Point, Time)> {
        let measured = || self.points.iter().filter_map(|&(entry, point)| Some((entry, point, point.time_ns?)));
        let key = |entry: usize, point: &'a Point| (&self.entries[entry].machine.fingerprint, &point.case.definition);
        let Some(newest) = measured().next_back().map(|(entry, point, _)| key(entry, point)) else { return Vec::new() };
        measured().filter(|&(entry, point, _)| key(entry, point) == newest).collect()
    }

    /// Newest time over the median of the comparable ones before it; `None` if there is none before.
    pub fn ratio(&self) -> Option<f64> {
        let times: Vec<f64> = self.comparable().iter().map(|(_, time)| time.median).collect();
        let (newest, earlier) = times.split_last()?;
        (!earlier.is_empty()).then(|| newest / quantile::median(earlier))
    }

    /// How many different builds of the plugin are among the comparable ones.
    pub fn builds(&self) -> usize {
        let mut builds: Vec<_> = self.comparable().iter().map(|(point, _)| point.build()).collect();
        builds.sort_unstable();
        builds.dedup();
        builds.len()
    }
}

fn steps<const N: usize>(steps: [(Step, bool); N]) -> Vec<Step> {
    steps.into_iter().filter(|(_, taken)| *taken).map(|(step, _)| step).collect()
}
