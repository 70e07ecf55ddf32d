//! `smbench gc`: makes room. Asks nothing; `--dry-run` tells before.

use std::fs;

use smbench_core::run::State;
use smbench_core::units::Bytes;
use smbench_host::error::Result;
use smbench_host::store::location::Location;
use smbench_host::store::{RunSummary, Store, Swept};

use super::location;
use crate::args::GcArgs;
use crate::exit::Exit;
use crate::output::print;
use crate::stored_plugin;

/// Removes the oldest runs and what nobody needs any more, and gives their space back.
pub fn gc(args: &GcArgs) -> Result<Exit> {
    let location = location(&args.store);
    let mut store = location.open()?;
    let sorted = Sorted::of(store.list()?, args.keep, &location)?;
    if args.dry_run {
        return print(&sorted.describe()).map(|()| Exit::OK);
    }
    let runs = remove(&sorted.old, &location, &mut store)?;
    let swept = store.sweep()?;
    // A run that is going on would wait for the new file, and its disk would be busy while it measures.
    let busy = Sorted::of(store.list()?, args.keep, &location)?.going_on;
    let freed = if busy.is_empty() { format!("{} freed", Bytes(store.compact()? as f64)) } else { not_freed(&busy) };
    if busy.is_empty() {
        // Restored plugins are made again from the store when they are needed.
        let _ = fs::remove_dir_all(location.file.with_file_name(stored_plugin::FOLDER));
    }
    print(&format!("{}; {freed}\n{}\n", removed(runs, swept), sorted.kept()))?;
    Ok(Exit::OK)
}

/// Stored runs by what becomes of them, newest first.
struct Sorted {
    labelled: Vec<RunSummary>,
    going_on: Vec<RunSummary>,
    new: Vec<RunSummary>,
    old: Vec<RunSummary>,
}

impl Sorted {
    fn of(runs: Vec<RunSummary>, keep: usize, location: &Location) -> Result<Self> {
        let mut sorted = Self { labelled: vec![], going_on: vec![], new: vec![], old: vec![] };
        for run in runs {
            let going_on = is_going_on(&run, location)?;
            sorted.add(run, keep, going_on);
        }
        Ok(sorted)
    }

    /// A label is a promise, and a run must not vanish under its process: neither counts against `keep`.
    fn add(&mut self, run: RunSummary, keep: usize, going_on: bool) {
        let kind = match run.label {
            _ if going_on => &mut self.going_on,
            Some(_) => &mut self.labelled,
            None if self.new.len() < keep => &mut self.new,
            None => &mut self.old,
        };
        kind.push(run);
    }

    /// What would be removed, a line each, and what would be kept.
    fn describe(&self) -> String {
        let line = |run: &RunSummary| format!("{}  {}  {}\n", run.id, run.created, run.config);
        let lines: String = self.old.iter().map(line).collect();
        let count = counted(self.old.len(), "run");
        format!("{lines}would remove {count}, and the plugins that no other run has\n{}\n", self.kept())
    }

    fn kept(&self) -> String {
        let kinds = [("newest", &self.new), ("labelled", &self.labelled), ("going on", &self.going_on)];
        let kinds = kinds.iter().filter(|(_, kept)| !kept.is_empty());
        let kinds: Vec<String> = kinds.map(|(kind, kept)| format!("{} {kind}", kept.len())).collect();
        if kinds.is_empty() { "kept no run".to_owned() } else { format!("kept: {}", kinds.join(", ")) }
    }
}

/// A run that was killed is stored as running, too, but nobody holds its lock.
fn is_going_on(run: &RunSummary, location: &Location) -> Result<bool> {
    Ok(run.state != State::Finished && location.try_lock(&run.id)?.is_none())
}

/// Oldest first and one at a time, so that whoever measures waits for one at most; says how many were removed.
fn remove(runs: &[RunSummary], location: &Location, store: &mut dyn Store) -> Result<usize> {
    let mut removed = 0;
    for run in runs.iter().rev() {
        let lock = if run.state == State::Finished { None } else { location.try_lock(&run.id)? };
        let free = run.state == State::Finished || lock.is_some(); // else somebody has just gone on with it
        removed += usize::from(free && store.remove(&run.id)?);
    }
    Ok(removed)
}

/// `removed 12 runs, 3 plugins`: what there was of each.
fn removed(runs: usize, swept: Swept) -> String {
    let Swept { plugins, checks, machines } = swept;
    let kinds = [(runs, "run"), (plugins, "plugin"), (checks, "cached check"), (machines, "machine")];
    let kinds = kinds.into_iter().filter(|(count, _)| *count > 0);
    let kinds: Vec<String> = kinds.map(|(count, noun)| counted(count, noun)).collect();
    if kinds.is_empty() { "removed nothing".to_owned() } else { format!("removed {}", kinds.join(", ")) }
}

fn not_freed(going_on: &[RunSummary]) -> String {
    let id = &going_on[0].id;
    format!("no space is given back while run {id} is going on: the same command again when it has ended")
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: &str, label: Option<&str>) -> RunSummary {
        RunSummary {
            id: id.to_owned(),
            label: label.map(str::to_owned),
            copies: Vec::new(),
            created: String::new(),
            config: String::new(),
            preset: String::new(),
            state: State::Running,
            cases: 0,
            backends: Vec::new(),
            launches_stored: 0,
            launches_planned: 0,
        }
    }

    /// Newest first: `f` and `d` are labelled, `e` is going on.
    #[track_caller]
    fn check(keep: usize, old: &str, kept: &str) {
        let mut sorted = Sorted { labelled: vec![], going_on: vec![], new: vec![], old: vec![] };
        for (id, label) in [("f", Some("x")), ("e", None), ("d", Some("y")), ("c", None), ("b", None), ("a", None)] {
            sorted.add(run(id, label), keep, id == "e");
        }
        assert_eq!(sorted.old.iter().map(|run| run.id.as_str()).collect::<String>(), old);
        assert_eq!(sorted.kept(), kept);
    }

    #[test]
    fn labels_and_what_is_going_on_are_kept_and_do_not_count() {
        check(0, "cba", "kept: 2 labelled, 1 going on");
        check(1, "ba", "kept: 1 newest, 2 labelled, 1 going on");
        check(9, "", "kept: 3 newest, 2 labelled, 1 going on");
    }

    #[test]
    fn what_was_removed_is_said() {
        assert_eq!(removed(0, Swept::default()), "removed nothing");
        let swept = Swept { plugins: 1, checks: 40, machines: 0 };
        assert_eq!(removed(12, swept), "removed 12 runs, 1 plugin, 40 cached checks");
    }
}
