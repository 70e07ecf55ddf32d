//! `smbench compare`: stored runs beside each other, with the evidence that allows.

use smbench_core::gate::Ruling;
use smbench_core::history::Entry;
use smbench_core::run::Run;
use smbench_core::separate::Drift;
use smbench_core::study::Study;
use smbench_host::error::{Error, Result, suggest};
use smbench_host::store::Store;
use smbench_report::document::Document;
use smbench_report::{View, comparison_table};

use super::replay::replay;
use super::{find_runs, location};
use crate::args::{CompareArgs, StoreArgs};
use crate::exit::Exit;
use crate::gate::{self, Asked};
use crate::output::{Shown, goals, run_table};
use crate::view::Shows;

/// Prints two runs or more side by side, or two backends of one.
pub fn compare(args: &CompareArgs) -> Result<Exit> {
    if !args.pair.is_empty() {
        return pair(args);
    }
    let runs = match args.runs.as_slice() {
        [] => vec!["latest~1".to_owned(), "latest".to_owned()],
        [only] => {
            let two = if only == "latest" { "latest~1 latest".to_owned() } else { format!("{only} latest") };
            return Err(Error::usage(format!("only one run to compare: `{only}`"))
                .help(format!("name two, oldest first: `smbench compare {two}`")));
        }
        several => several.to_vec(),
    };
    if args.replay {
        return replay(args, &runs);
    }
    let runs = find_runs(&runs, &args.store)?;
    let drift = drift(&runs, &args.store);
    let study = Study::apart(runs, drift);
    let shows = Shows::of(&args.view, args.only, &study)?;
    let ruling = Asked::of(&args.gate)?.rule(&study, args.accept_raw);
    let mut table = comparison_table(&study, &View { filter: &|row| shows.row(row) });
    table.append(goals(&study, ruling.as_ref()));
    show(args, &study, table, ruling)
}

/// How far runs of one build lie apart on the newest run's machine, as far as the store knows.
fn drift(runs: &[Run], args: &StoreArgs) -> Drift {
    /// Runs looked at, the newest.
    const RECENT: usize = 100;
    let Some(newest) = runs.last() else { return Drift::default() };
    // Runs may all have come as files: then there is no store, and nothing to learn from.
    let stored = location(args).open().and_then(|mut store| {
        let recent = store.list()?.into_iter().take(RECENT);
        recent.map(|summary| store.entry(&summary.id, &|_, _| true)).collect::<Result<Vec<Entry>>>()
    });
    Drift::of(stored.unwrap_or_default().iter(), &newest.machine.fingerprint)
}

/// Two backends of one run, whichever was the reference then: every sample of every round is stored.
fn pair(args: &CompareArgs) -> Result<Exit> {
    let name = match args.runs.as_slice() {
        [] => "latest",
        [only] => only,
        _ => return Err(Error::usage("--pair is about one run").help("name one: `smbench compare latest --pair a,b`")),
    };
    let [reference, backend] = args.pair.as_slice() else {
        return Err(Error::usage("--pair takes two backends").help("as in --pair naive,pooled: pooled against naive"));
    };
    let run = find_runs(&[name.to_owned()], &args.store)?.remove(0);
    let aliases: Vec<String> = run.plan.backends.iter().map(|backend| backend.alias().to_owned()).collect();
    let find = |alias: &String| {
        let known = aliases.iter().map(String::as_str);
        let error = || {
            Error::usage(format!("run {name} has no backend `{alias}`")).help(suggest(alias, known).unwrap_or_default())
        };
        aliases.iter().position(|known| known == alias).ok_or_else(error)
    };
    let (first, second) = (find(reference)?, find(backend)?);
    if first == second {
        return Err(Error::usage(format!("`{backend}` against itself is 1")).help("name two backends of the run"));
    }
    let study = Study::pair(run, first, second);
    let shows = Shows::of(&args.view, args.only, &study)?;
    let ruling = Asked::of(&args.gate)?.rule(&study, args.accept_raw);
    let table = run_table(&study, &View { filter: &|row| shows.row(row) }, ruling.as_ref());
    show(args, &study, table, ruling)
}

fn show(args: &CompareArgs, study: &Study, table: Document, ruling: Option<Ruling>) -> Result<Exit> {
    Shown::of(study, table, ruling.clone())?.put(&args.output)?;
    Ok(ruling.map_or(Exit::OK, |ruling| gate::enforce(&ruling, study)))
}
