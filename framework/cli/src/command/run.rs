//! `smbench run`: measure, and store as it goes.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use smbench_core::case::Case;
use smbench_core::fact;
use smbench_core::plan::Plan;
use smbench_core::run::{Run, State};
use smbench_core::study::Study;
use smbench_host::conduct::Conductor;
use smbench_host::environment::{self, Watch};
use smbench_host::error::{Error, Result};
use smbench_host::store::{Store, name};
use smbench_host::worker::Workers;
use smbench_host::{git, hash, machine};
use smbench_report::View;
use smbench_report::document::Document;

use super::{command_line, location};
use crate::args::RunArgs;
use crate::exit::{Cause, Exit};
use crate::interrupt;
use crate::output::{self, Shown, print};
use crate::progress::Progress;
use crate::request::Request;

/// Measures backends side by side.
pub fn run(args: &RunArgs) -> Result<Exit> {
    let watch = Watch::begin();
    if let Some(run) = &args.resume {
        return resume(args, run, watch);
    }
    if let Some(label) = &args.label {
        name::check_label(label)?;
    }
    let request = Request::find(&args.select)?;
    let cases = request.cases(&args.select)?;
    if cases.is_empty() {
        anstream::eprintln!("nothing to measure: the flags leave no case of `{}`", request.name);
        anstream::eprintln!(" help: `smbench list cases {}` shows what there is", request.name);
        return Ok(Exit::of(Cause::NothingSelected));
    }
    let timeout = args.select.timeout.unwrap_or(request.config.timeout).0;
    let workers = workers(timeout)?;
    let plan = request.plan(&args.select, cases, &workers)?;
    if workers.is_cancelled() {
        return Ok(Exit::of(Cause::Interrupted)); // a probe that was ended says nothing of its plugin
    }
    if args.list {
        return print(&describe(&plan)).map(|()| Exit::OK);
    }
    let location = location(&args.store);
    let mut store = location.open_or_create()?;
    let run = begin(plan, args.label.clone());
    if args.verify_only {
        return verify(args, run, &mut store, workers);
    }
    let _lock = location.lock(&run.id)?;
    let plugins: Vec<(String, PathBuf)> =
        run.plan.backends.iter().map(|backend| (backend.sha256.clone(), backend.path.clone().into())).collect();
    store.create(&run, &plugins)?;
    warn(watch);
    conduct(args, run, &mut store, workers)
}

/// Goes on with a stored run.
fn resume(args: &RunArgs, text: &str, watch: Watch) -> Result<Exit> {
    let location = location(&args.store);
    let mut store = location.open()?;
    let id = match text {
        "" => store
            .last_resumable()?
            .ok_or_else(|| Error::usage("there is no run to go on with").because("every stored run is finished"))?,
        text => store.resolve(text)?,
    };
    let _lock = location.lock(&id)?;
    let run = store.load(&id)?;
    refuse_changes(&run)?;
    let workers = workers(Duration::from_millis(run.plan.timeout_ms))?;
    store.resume(&id, &now(), &command_line())?;
    warn(watch);
    conduct(args, run, &mut store, workers)
}

/// Launches of another plugin or machine would not belong to the run.
fn refuse_changes(run: &Run) -> Result<()> {
    let refuse = |why: String| {
        let help = "start a new run: leave out --resume";
        Err(Error::usage(format!("cannot go on with run {}", run.id)).because(why).help(help))
    };
    if run.state == State::Finished {
        return refuse("it is finished".to_owned());
    }
    if machine::machine().fingerprint != run.machine.fingerprint {
        return refuse("it was begun on another machine".to_owned());
    }
    if run.smbench != env!("CARGO_PKG_VERSION") {
        return refuse(format!("it was begun by smbench {}", run.smbench));
    }
    for backend in &run.plan.backends {
        let same = hash::file(Path::new(&backend.path)).ok().as_ref() == Some(&backend.sha256);
        if !same || hash::libraries(&backend.plugin.libraries) != backend.libraries_sha256 {
            return refuse(format!("the plugin of `{}` has changed: {}", backend.alias(), backend.path));
        }
    }
    Ok(())
}

pub(super) fn workers(timeout: Duration) -> Result<Workers> {
    let cancelled = interrupt::watch().map_err(|error| Error::internal("cannot watch for Ctrl-C").because(error))?;
    Ok(Workers::new(timeout, cancelled))
}

/// What makes this machine noisy now; nothing on a quiet one.
fn warn(watch: Watch) {
    let facts = environment::facts(&watch.end());
    fact::warnings(&facts).iter().for_each(|warning| anstream::eprintln!("note: {warning}"));
}

/// A run without measurements.
pub(super) fn begin(plan: Plan, label: Option<String>) -> Run {
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

fn conduct(args: &RunArgs, run: Run, store: &mut dyn Store, workers: Workers) -> Result<Exit> {
    let mut progress = Progress::of(&run.plan);
    let mut emit = |event| progress.show(event);
    let run = Conductor::new(run, &mut *store, workers.clone(), checker(), &mut emit).conduct()?;
    // A hint is not worth an error: an older run may be unreadable.
    let next = next_step(&run, store).unwrap_or_default();
    let exit = Exit::of_run(&run, false, workers.is_cancelled());
    let study = Study::of(vec![run]);
    put(args, &study, output::run_table(&study, &View::default()))?;
    if let Some(next) = next {
        anstream::eprintln!("{next}");
    }
    exit.explain(&study.runs[0]);
    Ok(exit)
}

/// Checks without measuring; no run is stored.
fn verify(args: &RunArgs, run: Run, store: &mut dyn Store, workers: Workers) -> Result<Exit> {
    let mut progress = Progress::of(&run.plan);
    let mut emit = |event| progress.show(event);
    let run = Conductor::new(run, store, workers.clone(), checker(), &mut emit).verify()?;
    let exit = Exit::of_run(&run, true, workers.is_cancelled());
    let study = Study::of(vec![run]);
    put(args, &study, smbench_report::checks(&study.runs[0]))?;
    exit.explain(&study.runs[0]);
    Ok(exit)
}

fn put(args: &RunArgs, study: &Study, table: Document) -> Result<()> {
    Shown { study, table, command: command_line() }.put(&args.output)
}

/// Hash of this binary: what an earlier build found right, this one's oracles may not.
pub(super) fn checker() -> String {
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
        "{} cases x {} ({}) x {} launches = {} comparisons, about {}\n",
        plan.cases.len(),
        if backends.len() == 1 { "1 backend".to_owned() } else { format!("{} backends", backends.len()) },
        backends.join(", "),
        plan.launches,
        plan.comparisons(),
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
