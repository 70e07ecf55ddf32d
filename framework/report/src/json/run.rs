//! What was run, where, by whom.

use std::collections::BTreeMap;

use serde::Serialize;
use smbench_core::backend;
use smbench_core::control;
use smbench_core::disturbance::Disturbance;
use smbench_core::gate::Ruling;
use smbench_core::goal::{self, Limit, Metric, Reached};
use smbench_core::imported::Imported;
use smbench_core::message::Peak;
use smbench_core::run::{Git, Machine, Note};
use smbench_core::study::{Row, Study};

/// A run.
#[derive(Serialize)]
pub struct Run<'a> {
    id: &'a str,
    label: Option<&'a str>,
    created: &'a str,
    command: &'a str,
    state: &'a str,
    config: &'a str,
    preset: &'a str,
    seed: u64,
    launches: u32,
    reference: Option<&'a str>,
    smbench: &'a str,
    git: Option<&'a Git>,
    machine: &'a Machine,
    peak: Option<Peak>,
    environment: Disturbance,
    until_decided: bool,
    alpha: f64,
    /// Percent, of the class where it is highest.
    noise_floor: Option<f64>,
    control: BTreeMap<&'static str, Control>,
    gate: Option<Gate<'a>>,
    backends: Vec<Backend<'a>>,
    skipped: &'a [backend::Skipped],
    notes: &'a [Note],
    imported: Option<&'a Imported>,
}

/// A backend of a run; rows name it by its alias.
#[derive(Serialize)]
struct Backend<'a> {
    alias: &'a str,
    name: &'a str,
    version: &'a str,
    vendor: &'a str,
    path: &'a str,
    sha256: &'a str,
    tier: Option<&'a str>,
    tiers: &'a [String],
    options: &'a [(String, String)],
    ops: &'a [String],
    extensions: &'a [String],
    doors: &'a [String],
    compiler: Option<&'a str>,
    optimised: Option<bool>,
    /// What held it to its grants.
    protection: Option<String>,
    refused: Option<&'a str>,
}

impl<'a> Run<'a> {
    /// A stored run as others see it.
    pub fn of(study: &'a Study, index: usize, ruling: Option<&'a Ruling>) -> Self {
        let (run, controls) = (&study.runs[index], &study.controls[index]);
        let plan = &run.plan;
        Self {
            id: &run.id,
            label: run.label.as_deref(),
            created: &run.created,
            command: &run.command,
            state: run.state.word(),
            config: &plan.config,
            preset: plan.preset.word(),
            seed: plan.seed,
            launches: plan.launches,
            reference: plan.backends.get(plan.reference).map(backend::Backend::alias),
            smbench: &run.smbench,
            git: run.git.as_ref(),
            machine: &run.machine,
            peak: run.peak,
            environment: Disturbance::of(run.launches.iter().map(|launch| &launch.launch.environment)),
            until_decided: plan.until_decided,
            alpha: plan.alpha(),
            noise_floor: study.noise_floor(index).map(|floor| 100.0 * floor),
            control: controls.iter().map(|control| (control.class.word(), Control::of(control))).collect(),
            gate: ruling.map(|ruling| Gate::of(study, ruling)),
            backends: plan.backends.iter().map(Backend::of).collect(),
            skipped: &plan.skipped,
            notes: &run.notes,
            imported: run.imported.as_ref(),
        }
    }
}

/// The reference against a copy of its own file, in one class of cases.
#[derive(Serialize)]
struct Control {
    cases: usize,
    launches: usize,
    ratio: f64,
    low: Option<f64>,
    high: Option<f64>,
    floor_pct: Option<f64>,
}

impl Control {
    fn of(control: &control::Control) -> Self {
        Self {
            cases: control.cases,
            launches: control.launches,
            ratio: control.ratio,
            low: control.interval.map(|interval| interval.low),
            high: control.interval.map(|interval| interval.high),
            floor_pct: control.floor.map(|floor| 100.0 * floor),
        }
    }
}

/// What `--fail-on` and `--goals` found.
#[derive(Serialize)]
struct Gate<'a> {
    fail_on: Vec<String>,
    judged: usize,
    planned: usize,
    regressed: Vec<Compared<'a>>,
    undecided: Vec<Compared<'a>>,
    incomparable: Option<&'a str>,
    goals: Vec<Goal<'a>>,
}

/// A goal, and where each row stands with it.
#[derive(Serialize)]
struct Goal<'a> {
    about: Option<&'a str>,
    case: &'a str,
    threads: Option<u32>,
    backend: Option<&'a str>,
    metric: Metric,
    at_least: Option<f64>,
    at_most: Option<f64>,
    blocker: bool,
    rows: Vec<Standing<'a>>,
}

/// Where a row stands with a goal.
#[derive(Serialize)]
struct Standing<'a> {
    #[serde(flatten)]
    row: Compared<'a>,
    reached: Reached,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    reason: Option<&'a str>,
}

/// Whose row.
#[derive(Serialize)]
struct Compared<'a> {
    case: &'a str,
    threads: u32,
    backend: &'a str,
}

impl<'a> Gate<'a> {
    fn of(study: &'a Study, ruling: &'a Ruling) -> Self {
        let listed = |rows: &[usize], comparisons: &[usize]| {
            let compared = comparisons.iter().map(|&index| study.comparisons[index].row);
            rows.iter().copied().chain(compared).map(|row| Compared::of(&study.rows[row])).collect()
        };
        Self {
            fail_on: ruling.gates.iter().map(ToString::to_string).collect(),
            judged: ruling.judged,
            planned: ruling.planned,
            regressed: listed(&ruling.too_slow, &ruling.regressed),
            undecided: listed(&ruling.unmeasured, &ruling.undecided),
            incomparable: ruling.incomparable.as_deref(),
            goals: ruling.goals.iter().map(|judged| Goal::of(study, judged)).collect(),
        }
    }
}

impl<'a> Compared<'a> {
    fn of(row: &'a Row) -> Self {
        Self { case: &row.case.id, threads: row.case.threads, backend: &row.alias }
    }
}

impl<'a> Goal<'a> {
    fn of(study: &'a Study, goal::Judged { goal, rows }: &'a goal::Judged) -> Self {
        let (at_least, at_most) = match goal.limit {
            Limit::AtLeast(least) => (Some(least), None),
            Limit::AtMost(most) => (None, Some(most)),
        };
        Self {
            about: goal.about.as_deref(),
            case: &goal.case,
            threads: goal.threads,
            backend: goal.backend.as_deref(),
            metric: goal.metric,
            at_least,
            at_most,
            blocker: goal.blocker,
            rows: rows.iter().map(|standing| Standing::of(study, standing)).collect(),
        }
    }
}

impl<'a> Standing<'a> {
    fn of(study: &'a Study, standing: &'a goal::Standing) -> Self {
        let interval = standing.figure.and_then(|figure| figure.interval);
        Self {
            row: Compared::of(&study.rows[standing.row]),
            reached: standing.reached,
            value: standing.figure.map(|figure| figure.value),
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
            reason: standing.reason.as_deref(),
        }
    }
}

impl<'a> Backend<'a> {
    fn of(backend: &'a backend::Backend) -> Self {
        let plugin = &backend.plugin;
        Self {
            alias: backend.alias(),
            name: &plugin.name,
            version: &plugin.version,
            vendor: &plugin.vendor,
            path: &backend.path,
            sha256: &backend.sha256,
            tier: backend.spec.tier.as_deref(),
            tiers: &plugin.tiers,
            options: &backend.spec.options,
            ops: &plugin.ops,
            extensions: &plugin.extensions,
            doors: &plugin.doors,
            compiler: plugin.compiler.as_deref(),
            optimised: plugin.optimised,
            protection: plugin.protection.map(|protection| protection.to_string()),
            refused: plugin.refused.as_deref(),
        }
    }
}
