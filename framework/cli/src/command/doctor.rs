//! `smbench doctor`: what makes this machine noisy, and which change can be seen on it in which time.
//!
//! The noise floor is a run like any other, of a backend and a byte copy of its file, in a store that is thrown away.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use smbench_core::backend::{Backend, BackendSpec};
use smbench_core::case::Case;
use smbench_core::config::{Config, Preset};
use smbench_core::diagnosis::{Diagnosis, Floor};
use smbench_core::event::Event;
use smbench_core::plan::Plan;
use smbench_core::run::Run;
use smbench_core::stats::quantile;
use smbench_core::study::{Comparison, Study};
use smbench_host::conduct::Conductor;
use smbench_host::environment::{self, Watch};
use smbench_host::error::{Error, Result};
use smbench_host::machine;
use smbench_host::search::Search;
use smbench_host::store::Store;
use smbench_host::store::sqlite::SqliteStore;
use smbench_host::worker::{Limits, Workers};
use smbench_report::json;

use crate::args::DoctorArgs;
use crate::backend::find_backend;
use crate::exit::Exit;
use crate::measure::{begin, checker, limits, workers};
use crate::progress::Progress;
use crate::{output, own_case};

/// Long enough for what other processes do now and then.
const LOOK: Duration = Duration::from_secs(1);

/// Limited by the arithmetic, by the memory, and a call of a millisecond or so.
const CASES: [&str; 3] = ["matmul/128x128x128", "add/1_000_000", "matmul/512x512x512"];

/// Whoever is there.
const SUBJECTS: [&str; 3] = ["pooled", "faer", "naive"];

/// What the copy is called.
const COPY: &str = "copy";

/// Looks at the machine, then measures.
pub fn doctor(args: &DoctorArgs) -> Result<Exit> {
    output::refuse_goals(&args.output)?;
    let watch = Watch::begin();
    anstream::eprintln!("looking at this machine, then at a backend and its copy: some ten seconds");
    thread::sleep(LOOK);
    let facts = environment::facts(&watch.end());
    let machine = machine::machine();
    let measured = measure(args)?;
    let exit = measured.as_ref().map_or(Exit::OK, |of| Exit::of_run(&of.run, false, of.interrupted));
    let (subject, floors) = floors(measured);
    let diagnosis = Diagnosis { machine, facts, subject, floors };
    let document = smbench_report::doctor(&diagnosis);
    output::put_page(&args.output, "Doctor", &document, &|| json::doctor::render(&diagnosis))?;
    Ok(exit)
}

/// `None` without a backend.
fn measure(args: &DoctorArgs) -> Result<Option<Measured>> {
    let workers = workers(limits(Config::default_timeout().0, None))?;
    let folder =
        tempfile::tempdir().map_err(|error| Error::internal("no folder for a copy of the backend").because(error))?;
    let Some(original) = subject(args, &workers)? else { return Ok(None) };
    let copy = copy_of(&original, folder.path())?;
    let cases = CASES.iter().map(|case| own_case::case(case, 1)).collect::<Result<_>>()?;
    let run = Run { id: "doctor".to_owned(), ..begin(plan(cases, vec![original, copy], workers.limits()), None) };
    let mut store = SqliteStore::open(&folder.path().join("store.sqlite"))?;
    store.create(&run, &[])?;
    conduct(run, &mut store, workers).map(Some)
}

/// The backend asked for, else the first that is there.
fn subject(args: &DoctorArgs, workers: &Workers) -> Result<Option<Backend>> {
    let search = Search::from_environment();
    let found = |spec: &BackendSpec| {
        let mut spec = spec.clone();
        args.trust.mark(&mut spec);
        find_backend(&search, &spec, Path::new("."), false, workers)
    };
    if let Some(spec) = &args.backend {
        return found(spec).map(Some);
    }
    let installed = search.installed();
    let there = SUBJECTS.into_iter().find(|name| installed.iter().any(|(known, _)| known == name));
    there.map(|name| found(&name.parse().expect("a name of our own"))).transpose()
}

/// The same bytes in another file: other pages, other addresses.
fn copy_of(original: &Backend, folder: &Path) -> Result<Backend> {
    let path = folder.join("copy.so");
    let cannot = |error| Error::internal(format!("cannot copy `{}`", original.path)).because(error);
    fs::copy(&original.path, &path).map_err(cannot)?;
    let spec = BackendSpec { alias: COPY.to_owned(), ..original.spec.clone() };
    let mut grants = original.grants.clone();
    grants.add_path(folder.to_owned());
    Ok(Backend { spec, path: path.display().to_string(), grants, ..original.clone() })
}

fn plan(cases: Vec<Case>, backends: Vec<Backend>, limits: Limits) -> Plan {
    Plan {
        config: "doctor".to_owned(),
        preset: Preset::Quick,
        seed: fastrand::u64(..),
        cases,
        backends,
        launches: Preset::Quick.launches(),
        max_call_ns: Config::default_max_call().0.as_nanos() as u64,
        timeout_ms: limits.timeout.as_millis() as u64,
        memory_limit_bytes: limits.memory_bytes,
        ..Plan::default()
    }
}

/// A run and what a launch of each of its cases took.
struct Measured {
    run: Run,
    launch_ns: BTreeMap<usize, f64>,
    interrupted: bool,
}

/// Launches follow each other: each takes from the end of the one before it to its own.
fn conduct(run: Run, store: &mut dyn Store, workers: Workers) -> Result<Measured> {
    let mut progress = Progress::of(&run.plan);
    let (mut last, mut took) = (Instant::now(), BTreeMap::<usize, Vec<f64>>::new());
    let mut emit = |event: Event| {
        if let Event::Launched { case, .. } = event {
            took.entry(case).or_default().push(last.elapsed().as_nanos() as f64);
        }
        last = Instant::now();
        progress.show(event);
    };
    let run = Conductor::new(run, store, workers.clone(), checker(), &mut emit).conduct()?;
    let launch_ns = took.into_iter().map(|(case, ns)| (case, quantile::median(&ns))).collect();
    Ok(Measured { run, launch_ns, interrupted: workers.is_cancelled() })
}

/// Who was measured and how far it was from itself; or why nobody says.
type Floors = (std::result::Result<String, String>, Vec<Floor>);

fn floors(measured: Option<Measured>) -> Floors {
    let Some(Measured { run, launch_ns, .. }) = measured else {
        return (Err(format!("none of {} is installed here; name a backend: -b PATH", SUBJECTS.join(", "))), vec![]);
    };
    let name = run.plan.backends[0].spec.to_string();
    let study = Study::of(vec![run]);
    let case = |row: usize| study.runs[0].plan.cases.iter().position(|case| case.id == study.rows[row].case.id);
    let floor = |found: &Comparison| Floor::of(&study, found, *launch_ns.get(&case(found.row)?)?);
    let floors: Vec<Floor> = study.within(0).filter_map(floor).collect();
    if !floors.is_empty() {
        return (Ok(name), floors);
    }
    let reasons: BTreeSet<&str> = study.rows.iter().filter_map(|row| row.outcome.reason()).collect();
    let reasons: Vec<&str> = reasons.into_iter().collect();
    (Err(format!("`{name}`: {}", reasons.join("; "))), floors)
}
