//! From a request to a stored run and what is shown of it: shared by all commands that measure.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use smbench_core::case::Case;
use smbench_core::config::MemorySize;
use smbench_core::fact;
use smbench_core::plan::Plan;
use smbench_core::run::{Run, State};
use smbench_core::study::Study;
use smbench_host::conduct::Conductor;
use smbench_host::environment::{self, Watch};
use smbench_host::error::{Error, Result};
use smbench_host::store::location::Location;
use smbench_host::store::{Store, name};
use smbench_host::worker::{Limits, Workers};
use smbench_host::{git, hash, machine};
use smbench_report::View;

use crate::args::{MeasureArgs, OutputArgs, SelectArgs};
use crate::command::{command_line, location};
use crate::exit::{Cause, Exit};
use crate::gate::{self, Asked};
use crate::interrupt;
use crate::output::{self, Shown, print};
use crate::progress::Progress;
use crate::request::Request;

/// Plans what is asked for and measures it; or only prints the plan, or only checks.
pub fn measure(request: &Request, select: &SelectArgs, args: &MeasureArgs, asked: &Asked) -> Result<Exit> {
    let watch = Watch::begin();
    if let Some(label) = &args.label {
        name::check_label(label)?;
    }
    let cases = request.cases(select)?;
    if cases.is_empty() {
        anstream::eprintln!("nothing to measure: the flags leave no case of `{}`", request.name);
        anstream::eprintln!(" help: `smbench list cases {}` shows what there is", request.name);
        return Ok(Exit::of(Cause::NothingSelected));
    }
    let workers = workers(request.limits(select))?;
    let plan = request.plan(select, cases, &workers)?;
    if workers.is_cancelled() {
        return Ok(Exit::of(Cause::Interrupted)); // a probe that was ended says nothing of its plugin
    }
    if plan.comparisons() == 0 && asked.judges() {
        let error = Error::usage("with one backend there is nothing that --fail-on could judge");
        return Err(error.help("name another, or an older run of it: --against latest"));
    }
    if args.list {
        return print(&describe(&plan)).map(|()| Exit::OK);
    }
    let (location, ending) = (location(&args.store), Ending { output: &args.output, asked });
    if args.verify_only {
        return verify(&args.output, begin(plan, None), &mut location.open_or_create()?, workers);
    }
    let run = begin(plan, args.label.clone());
    let git = request.git.clone().or(run.git);
    start(Run { git, ..run }, &location, ending, workers, watch)
}

/// What becomes of a measured run.
#[derive(Clone, Copy)]
pub struct Ending<'a> {
    /// Where it is shown.
    pub output: &'a OutputArgs,
    /// What it must not have, and should reach.
    pub asked: &'a Asked,
}

/// Stores a new run, and measures it.
pub fn start(run: Run, location: &Location, ending: Ending<'_>, workers: Workers, watch: Watch) -> Result<Exit> {
    let mut store = location.open_or_create()?;
    let _lock = location.lock(&run.id)?;
    store.create(&run, &plugins(&run))?;
    warn(watch);
    conduct(ending, run, &mut store, workers)
}

/// What makes this machine noisy now; nothing on a quiet one.
pub fn warn(watch: Watch) {
    let facts = environment::facts(&watch.end());
    fact::warnings(&facts).iter().for_each(|warning| anstream::eprintln!("note: {warning}"));
}

/// The plugins' files by their hashes.
fn plugins(run: &Run) -> Vec<(String, PathBuf)> {
    let readable = run.plan.backends.iter().filter(|backend| !backend.sha256.is_empty());
    readable.map(|backend| (backend.sha256.clone(), backend.path.clone().into())).collect()
}

/// What a worker may take: half of the machine's memory, if nothing else is said.
pub fn limits(timeout: Duration, memory: Option<MemorySize>) -> Limits {
    let memory_bytes = memory.map_or_else(|| machine::machine().memory_bytes / 2, |MemorySize(bytes)| bytes);
    Limits { timeout, memory_bytes }
}

/// The limits of a stored run.
pub fn stored_limits(plan: &Plan) -> Limits {
    Limits { timeout: Duration::from_millis(plan.timeout_ms), memory_bytes: plan.memory_limit_bytes }
}

/// Workers that Ctrl-C ends.
pub fn workers(limits: Limits) -> Result<Workers> {
    let cancelled = interrupt::watch().map_err(|error| Error::internal("cannot watch for Ctrl-C").because(error))?;
    Ok(Workers::new(limits, cancelled))
}

/// A run without measurements.
pub fn begin(plan: Plan, label: Option<String>) -> Run {
    let created = now();
    Run {
        id: id(&created),
        label,
        created,
        command: command_line(),
        smbench: env!("CARGO_PKG_VERSION").to_owned(),
        state: State::Running,
        git: git::git(Path::new(".")),
        machine: machine::machine(),
        peak: None,
        plan,
        checks: Vec::new(),
        launches: Vec::new(),
        accounts: Vec::new(),
        blames: Vec::new(),
        notes: Vec::new(),
        imported: None,
    }
}

/// The time in the form of the store.
pub fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// `2026-11-23T08:15:02Z` becomes `20261123-081502-3fa2`: sortable, unique, easy to type the beginning of.
fn id(created: &str) -> String {
    let digits: String = created.chars().filter(char::is_ascii_digit).collect();
    format!("{}-{}-{:04x}", &digits[..8], &digits[8..], fastrand::u16(..))
}

/// Measures what is not stored yet of a run, and shows all of it.
pub fn conduct(ending: Ending<'_>, run: Run, store: &mut dyn Store, workers: Workers) -> Result<Exit> {
    let mut progress = Progress::of(&run.plan);
    let mut emit = |event| progress.show(event);
    let run = Conductor::new(run, &mut *store, workers.clone(), checker(), &mut emit).conduct()?;
    // A hint is not worth an error: an older run may be unreadable.
    let next = next_step(&run, store).unwrap_or_default();
    let exit = Exit::of_run(&run, false, workers.is_cancelled());
    let study = Study::of(vec![run]);
    let ruling = ending.asked.rule(&study, false);
    let table = output::run_table(&study, &View::default(), ruling.as_ref());
    Shown::of(&study, table, ruling.clone())?.put(ending.output)?;
    if let Some(next) = next {
        anstream::eprintln!("{next}");
    }
    exit.explain(&study.runs[0]);
    Ok(ruling.map_or(exit.clone(), |ruling| exit.and(gate::enforce(&ruling, &study))))
}

/// Checks without measuring; no run is stored.
fn verify(output: &OutputArgs, run: Run, store: &mut dyn Store, workers: Workers) -> Result<Exit> {
    let mut progress = Progress::of(&run.plan);
    let mut emit = |event| progress.show(event);
    let run = Conductor::new(run, store, workers.clone(), checker(), &mut emit).verify()?;
    let exit = Exit::of_run(&run, true, workers.is_cancelled());
    let study = Study::of(vec![run]);
    let table = smbench_report::checks(&study.runs[0]);
    Shown::of(&study, table, None)?.put(output)?;
    exit.explain(&study.runs[0]);
    Ok(exit)
}

/// Hash of this binary: what an earlier build found right, this one's oracles may not.
pub fn checker() -> String {
    hash::file(Path::new("/proc/self/exe")).unwrap_or_else(|_| env!("CARGO_PKG_VERSION").to_owned())
}

/// One backend alone has nothing to be compared with in its run: the newest run that it can be compared with, and how.
fn next_step(run: &Run, store: &dyn Store) -> Result<Option<String>> {
    let [only] = run.plan.backends.as_slice() else { return Ok(None) };
    /// Runs looked at; each is read whole.
    const RECENT: usize = 10;
    for summary in store.list()?.into_iter().filter(|summary| summary.id != run.id).take(RECENT) {
        if summary.backends.iter().any(|alias| alias == only.alias()) && comparable(run, &store.load(&summary.id)?) {
            let name = summary.label.unwrap_or(summary.id);
            return Ok(Some(format!("newest comparable run: smbench compare {name} latest")));
        }
    }
    let other = if only.alias() == "faer" { "pooled" } else { "faer" };
    Ok(Some(format!("side by side with another: the same command with -b {other},{}", only.spec)))
}

/// The same machine, and a case of the same definition.
fn comparable(run: &Run, other: &Run) -> bool {
    let shared = |case: &Case| other.plan.cases.iter().any(|theirs| theirs.definition == case.definition);
    run.machine.fingerprint == other.machine.fingerprint && run.plan.cases.iter().any(shared)
}

/// The plan in words.
fn describe(plan: &Plan) -> String {
    let mut text = String::new();
    for case in &plan.cases {
        text.push_str(&format!("{}\n", case.title()));
    }
    let backends: Vec<&str> = plan.backends.iter().map(|backend| backend.alias()).collect();
    let seconds = Duration::from_secs(plan.predicted().as_secs().max(1));
    text.push_str(&format!(
        "{} cases x {} ({}) x {}{} launches = {} comparisons, {} {}\n",
        plan.cases.len(),
        if backends.len() == 1 { "1 backend".to_owned() } else { format!("{} backends", backends.len()) },
        backends.join(", "),
        if plan.until_decided { "at most " } else { "" },
        plan.launches,
        plan.comparisons(),
        if plan.until_decided { "at most" } else { "about" },
        humantime::format_duration(seconds),
    ));
    if plan.launches < plan.launches_needed() {
        text.push_str(&format!(
            "note: so many comparisons need {} launches to reject anything\n",
            plan.launches_needed()
        ));
    }
    text
}
