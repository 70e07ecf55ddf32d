//! `smbench loop`: one case, one process, no clock in the loop, for perf and gdb to watch.

use std::path::Path;

use smbench_core::message::{PluginRef, Reply, Request as Ask};
use smbench_host::error::{Error, Result};
use smbench_host::search::Search;
use smbench_host::worker::{How, Workers};

use crate::args::LoopArgs;
use crate::backend::locate;
use crate::exit::{Cause, Exit};
use crate::measure::limits;
use crate::{interrupt, own_case};

/// Calls the case until its time is over.
pub fn loop_case(args: &LoopArgs) -> Result<Exit> {
    if !(0.0..=86_400.0).contains(&args.seconds) {
        return Err(Error::usage(format!("cannot loop for {} seconds", args.seconds)).help("0 to 86400"));
    }
    let case = own_case::case(&args.case, args.threads)?;
    let mut spec = args.backend.clone();
    args.trust.mark(&mut spec);
    let (backend, _) = locate(&Search::from_environment(), &spec, Path::new("."))?;
    let plugin = PluginRef::of(&backend, 0, args.threads, args.allow_debug);
    let cancelled = interrupt::watch().map_err(|error| Error::internal("cannot watch for Ctrl-C").because(error))?;
    let timeout = std::time::Duration::from_secs_f64(args.seconds + 60.0);
    let workers = Workers::new(limits(timeout, args.memory_limit), cancelled);
    let mut worker =
        workers.start(args.threads).map_err(|death| Error::internal("no worker").because(death.outcome()))?;
    anstream::eprintln!("{} on {}: watch it with `perf top -p {}`", case.id, args.backend.alias, worker.id());
    let request = Ask::Loop { plugin, case, seed: 0, seconds: args.seconds };
    match worker.ask(&request) {
        Ok(Reply::Looped { calls }) => {
            anstream::eprintln!("{calls} calls in {} s", args.seconds);
            Ok(Exit::OK)
        }
        Ok(Reply::Refused { outcome, .. }) => Err(Error::plugin("the case cannot be called").because(outcome)),
        Ok(_) => Err(Error::internal("the worker answered something else than it was asked")),
        Err(death) if death.how == How::Cancelled => Ok(Exit::of(Cause::Interrupted)),
        Err(death) => Err(Error::plugin("the worker died").because(death.outcome())),
    }
}
