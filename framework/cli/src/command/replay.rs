//! `smbench compare OLD NEW --replay`: the stored plugins of two runs, measured again, interleaved.

use std::collections::BTreeMap;
use std::path::Path;

use smbench_core::backend::{Backend, BackendSpec};
use smbench_core::case::Case;
use smbench_core::plan::Plan;
use smbench_core::run::Run;
use smbench_host::environment::Watch;
use smbench_host::error::{Error, Result};
use smbench_host::machine;
use smbench_host::search::Search;
use smbench_host::store::Store;
use smbench_host::store::location::Location;
use smbench_host::worker::Workers;

use super::{find_runs, location};
use crate::args::{CompareArgs, TrustArgs};
use crate::backend::find_backend;
use crate::exit::Exit;
use crate::gate::Asked;
use crate::measure::{Ending, begin, start, stored_limits, workers};
use crate::request::regexes;
use crate::stored_plugin;

/// Measures what both runs had, as the newer one was measured.
pub fn replay(args: &CompareArgs, runs: &[String]) -> Result<Exit> {
    let asked = Asked::of(&args.gate)?;
    let [old, new] = <[Run; 2]>::try_from(find_runs(runs, &args.store)?).map_err(|runs| {
        let help = "name two, oldest first: `smbench compare OLD NEW --replay`";
        Error::usage(format!("a replay is of two runs, not {}", runs.len())).help(help)
    })?;
    [&old, &new].into_iter().try_for_each(refuse_foreign)?;
    let (watch, location) = (Watch::begin(), location(&args.store));
    let store = location.open()?;
    let workers = workers(stored_limits(&new.plan))?;
    let cases = cases(args, &old, &new)?;
    let plan = plan(&location, &store, &workers, (&old, &new), cases, &args.trust)?;
    start(begin(plan, None), &location, Ending { output: &args.output, asked: &asked }, workers, watch)
}

/// What was measured elsewhere is another's plugin, whatever lies at its path here.
fn refuse_foreign(run: &Run) -> Result<()> {
    if run.machine.fingerprint == machine::machine().fingerprint {
        return Ok(());
    }
    let error = Error::usage(format!("run {} cannot be replayed here", run.id));
    Err(error
        .because("it was measured on another machine")
        .help("measure both builds here: `smbench run -b old=… -b new=…`"))
}

/// Cases that both runs had, by the same definition.
fn cases(args: &CompareArgs, old: &Run, new: &Run) -> Result<Vec<Case>> {
    let filters = regexes("--filter", &args.view.filters)?;
    let wanted = |case: &&Case| filters.is_empty() || filters.iter().any(|filter| filter.is_match(&case.id));
    let both = |case: &&Case| old.plan.cases.iter().any(|other| other == *case);
    let cases: Vec<Case> = new.plan.cases.iter().filter(both).filter(wanted).cloned().collect();
    if cases.is_empty() {
        return Err(Error::usage("the two runs have no case in common").help("`smbench list runs` shows what there is"));
    }
    Ok(cases)
}

/// Every backend of both runs twice: its old build, and its new one judged against that.
fn plan(
    location: &Location,
    store: &dyn Store,
    workers: &Workers,
    (old, new): (&Run, &Run),
    cases: Vec<Case>,
    trust: &TrustArgs,
) -> Result<Plan> {
    let (mut backends, mut against) = (Vec::new(), BTreeMap::new());
    for now in &new.plan.backends {
        let Some(before) = old.plan.backends.iter().find(|before| before.alias() == now.alias()) else { continue };
        against.insert(backends.len() + 1, backends.len());
        for mut spec in specs(location, store, (before, old), (now, new))? {
            // Whom a stored run trusted is not trusted for good.
            spec.trusted = trust.trust.iter().any(|name| [now.alias(), &spec.alias].contains(&name.as_str()));
            let found =
                find_backend(&Search::from_environment(), &spec, Path::new("."), new.plan.allow_debug, workers)?;
            backends.push(found);
        }
    }
    if backends.is_empty() {
        return Err(Error::usage("the two runs have no backend in common").help("aliases must be the same in both"));
    }
    let (seed, config) = (fastrand::u64(..), format!("replay of {}", new.plan.config));
    let (skipped, replayed) = (Vec::new(), true);
    Ok(Plan { config, seed, cases, backends, skipped, reference: 0, against, replayed, ..new.plan.clone() })
}

fn specs(
    location: &Location,
    store: &dyn Store,
    (before, old): (&Backend, &Run),
    (now, new): (&Backend, &Run),
) -> Result<[BackendSpec; 2]> {
    let first = stored_plugin::spec(location, store, before, stored_plugin::alias(before, old))?;
    let mut second = stored_plugin::spec(location, store, now, stored_plugin::alias(now, new))?;
    if before.sha256 == now.sha256 {
        let copy = stored_plugin::copy(location, Path::new(&second.source), &now.sha256)?;
        second.source = copy.display().to_string();
    }
    if first.alias == second.alias {
        second.alias.push_str("-again");
    }
    Ok([first, second])
}
