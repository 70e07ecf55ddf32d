//! `smbench run`: measure, and store as it goes.

use std::path::Path;

use smbench_core::run::{Run, State};
use smbench_host::environment::Watch;
use smbench_host::error::{Error, Result};
use smbench_host::store::Store;
use smbench_host::{hash, machine};

use super::{command_line, location};
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::gate::Asked;
use crate::measure::{Ending, conduct, measure, now, stored_limits, warn, workers};
use crate::request::Request;
use crate::stored_plugin;

/// Measures backends side by side.
pub fn run(args: &RunArgs) -> Result<Exit> {
    let asked = Asked::of(&args.measure.gate)?;
    match &args.resume {
        Some(run) => resume(args, run, &asked),
        None => measure(&request(args)?, &args.select, &args.measure, &asked),
    }
}

fn request(args: &RunArgs) -> Result<Request> {
    let mut request = Request::find(args.config.config.as_deref(), &args.select)?;
    if let Some(run) = &args.against {
        put_beside(args, &mut request, run)?;
    }
    Ok(request)
}

/// Beside every selected backend that a stored run had: its build of that time, against which it is judged.
fn put_beside(args: &RunArgs, request: &mut Request, run: &str) -> Result<()> {
    let location = location(&args.measure.store);
    let store = location.open()?;
    let old = store.load(&store.resolve(run)?)?;
    let (selected, _) = request.backends(&args.select)?;
    let mut found = false;
    for spec in &selected {
        let Some(before) = old.plan.backends.iter().find(|before| before.alias() == spec.alias) else { continue };
        found = true;
        let mut beside = stored_plugin::spec(&location, &store, before, stored_plugin::alias(before, &old))?;
        // The same file is one library to the loader, and its own build would be measured against itself.
        beside.source =
            stored_plugin::copy(&location, Path::new(&beside.source), &before.sha256)?.display().to_string();
        beside.trusted = spec.trusted;
        request.pairs.push((spec.alias.clone(), beside.alias.clone()));
        request.beside.push(beside);
    }
    let known = old.plan.backends.iter().map(|backend| backend.alias()).collect::<Vec<_>>().join(", ");
    let error =
        || Error::usage(format!("run `{run}` has none of the selected backends")).help(format!("it has {known}"));
    found.then_some(()).ok_or_else(error)
}

/// Goes on with a stored run.
fn resume(args: &RunArgs, text: &str, asked: &Asked) -> Result<Exit> {
    let (watch, location) = (Watch::begin(), location(&args.measure.store));
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
    let workers = workers(stored_limits(&run.plan))?;
    store.resume(&id, &now(), &command_line())?;
    warn(watch);
    conduct(Ending { output: &args.measure.output, asked }, run, &mut store, workers)
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
        let same = hash::file(Path::new(&backend.path)).unwrap_or_default() == backend.sha256;
        if !same || hash::libraries(&backend.plugin.libraries) != backend.libraries_sha256 {
            return refuse(format!("the plugin of `{}` has changed: {}", backend.alias(), backend.path));
        }
    }
    Ok(())
}
