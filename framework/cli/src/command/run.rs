//! `smbench run`: measure, and store as it goes.

use std::path::Path;
use std::time::Duration;

use smbench_core::run::{Run, State};
use smbench_host::error::{Error, Result};
use smbench_host::store::Store;
use smbench_host::{hash, machine};

use super::{command_line, location};
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::measure::{conduct, measure, now, workers};
use crate::request::Request;

/// Measures backends side by side.
pub fn run(args: &RunArgs) -> Result<Exit> {
    match &args.resume {
        Some(run) => resume(args, run),
        None => measure(&Request::find(args.config.config.as_deref(), &args.select)?, &args.select, &args.measure),
    }
}

/// Goes on with a stored run.
fn resume(args: &RunArgs, text: &str) -> Result<Exit> {
    let location = location(&args.measure.store);
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
    conduct(&args.measure, run, &mut store, workers)
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
