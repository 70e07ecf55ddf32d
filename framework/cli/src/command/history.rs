//! `smbench history`: what stored runs measured over time. No plugin is loaded, no clock is read.

use std::collections::BTreeSet;

use smbench_core::case::{self, Case};
use smbench_core::history::{Entry, History};
use smbench_host::error::{Error, Result, suggest};
use smbench_host::store::{Outline, Store};
use smbench_report::{case_history, json};

use super::location;
use crate::args::HistoryArgs;
use crate::exit::{Cause, Exit};
use crate::request::regexes;
use crate::{output, stored_case};

/// Prints one case through all runs, or how every case went.
pub fn history(args: &HistoryArgs) -> Result<Exit> {
    output::refuse_goals(&args.output)?;
    let mut store = location(&args.store).open()?;
    let outlines = of_branch(store.outlines()?, args.branch.as_deref())?;
    let wanted = Wanted::of(args, &outlines)?;
    let history = read(&mut store, &outlines, &wanted, args.last)?;
    if history.entries.is_empty() {
        anstream::eprintln!("nothing to show: no stored run has measured what the flags leave");
        anstream::eprintln!(" help: `smbench list runs` shows what there is");
        return Ok(Exit::of(Cause::NothingSelected));
    }
    let table = if args.case.is_some() { case_history(&history) } else { smbench_report::history(&history) };
    output::put_page(&args.output, "History", &table, &|| json::history::render(&history))?;
    Ok(Exit::OK)
}

/// Cases and backends that the flags leave.
struct Wanted<'a> {
    cases: BTreeSet<(&'a str, u32)>,
    aliases: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    fn of(args: &'a HistoryArgs, outlines: &'a [Outline]) -> Result<Self> {
        let filters = regexes("--filter", &args.view.filters)?;
        let shows = |id: &str| filters.is_empty() || filters.iter().any(|filter| filter.is_match(id));
        let stored = outlines.iter().flat_map(|run| &run.cases).filter(|(id, _)| shows(id));
        let mut cases: BTreeSet<(&str, u32)> = stored.map(|(id, threads)| (id.as_str(), *threads)).collect();
        if let Some(text) = &args.case {
            let all: Vec<_> = cases.into_iter().collect();
            let titles: Vec<String> = all.iter().map(|(id, threads)| case::title(id, *threads)).collect();
            cases = BTreeSet::from([all[stored_case::find(text, &titles)?]]);
        }
        let aliases: Vec<&str> = args.backends.iter().map(|spec| spec.alias.as_str()).collect();
        refuse_unknown(&aliases, outlines)?;
        Ok(Self { cases, aliases })
    }

    fn has_case(&self, case: &Case) -> bool {
        self.cases.contains(&(&*case.id, case.threads))
    }

    fn has_backend(&self, alias: &str) -> bool {
        self.aliases.is_empty() || self.aliases.contains(&alias)
    }

    /// Was any of it planned in this run?
    fn is_in(&self, run: &Outline) -> bool {
        run.cases.iter().any(|(id, threads)| self.cases.contains(&(id, *threads)))
            && run.backends.iter().any(|alias| self.has_backend(alias))
    }
}

/// The newest runs that tell something, oldest first. Only these are read, and of them only the cases wanted.
fn read(store: &mut dyn Store, outlines: &[Outline], wanted: &Wanted, last: usize) -> Result<History> {
    let mut runs = outlines.iter().filter(|run| wanted.is_in(run));
    let mut entries = Vec::new();
    while entries.len() < last {
        let Some(outline) = runs.next() else { break };
        let entry = store.entry(&outline.run, &|case, alias| wanted.has_case(case) && wanted.has_backend(alias))?;
        entries.extend(Some(entry).filter(Entry::tells));
    }
    entries.reverse();
    Ok(History { entries, older: runs.count() })
}

fn of_branch(outlines: Vec<Outline>, branch: Option<&str>) -> Result<Vec<Outline>> {
    if outlines.is_empty() {
        return Err(Error::usage("no run is stored here").help("make one: `smbench run quick`"));
    }
    let Some(branch) = branch else { return Ok(outlines) };
    let is_of = |run: &&Outline| run.branch.as_deref() == Some(branch);
    let of_branch: Vec<Outline> = outlines.iter().filter(is_of).cloned().collect();
    match of_branch.is_empty() {
        false => Ok(of_branch),
        true => {
            let known: BTreeSet<&str> = outlines.iter().filter_map(|run| run.branch.as_deref()).collect();
            let help =
                suggest(branch, known).unwrap_or_else(|| "leave out --branch: no run knows its branch".to_owned());
            Err(Error::usage(format!("no stored run is of branch `{branch}`")).help(help))
        }
    }
}

fn refuse_unknown(aliases: &[&str], outlines: &[Outline]) -> Result<()> {
    let known: BTreeSet<&str> = outlines.iter().flat_map(|run| &run.backends).map(String::as_str).collect();
    match aliases.iter().find(|alias| !known.contains(**alias)) {
        None => Ok(()),
        Some(alias) => {
            let help = suggest(alias, known).unwrap_or_default();
            Err(Error::usage(format!("no stored run has a backend `{alias}`")).help(help))
        }
    }
}
