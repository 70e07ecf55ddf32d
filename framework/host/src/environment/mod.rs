//! What makes this machine noisy: facts of its state, one file each. Nothing fails; what the kernel does not tell is
//! unknown.

mod aslr;
mod cores;
mod frequency;
mod governor;
mod huge_pages;
mod others;
mod quota;
mod smt;
mod steal;
mod transparent_huge_pages;
mod turbo;
mod virtual_machine;
mod watch;

use std::fs;
use std::path::Path;

use smbench_core::fact::Fact;

pub use watch::{Watch, Window};

/// Where facts are read.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// Of the file system.
    root: &'a Path,
    /// What went on for a while.
    window: &'a Window,
}

/// Every fact, those first that change by the minute.
const FACTS: &[fn(Place<'_>) -> Fact] = &[
    others::fact,
    steal::fact,
    quota::fact,
    cores::fact,
    governor::fact,
    frequency::fact,
    turbo::fact,
    smt::fact,
    transparent_huge_pages::fact,
    huge_pages::fact,
    aslr::fact,
    virtual_machine::fact,
];

/// All facts of this machine, with what a [`Watch`] saw.
pub fn facts(window: &Window) -> Vec<Fact> {
    facts_under(Path::new("/"), window)
}

fn facts_under(root: &Path, window: &Window) -> Vec<Fact> {
    FACTS.iter().map(|fact| fact(Place { root, window })).collect()
}

/// Percent of a core, taken by others: how much is worth knowing, and how much is a problem.
struct Limits {
    note: f64,
    problem: f64,
}

impl Limits {
    /// The fact that so much was taken.
    fn grade(&self, percent: f64, fact: Fact, matter: &'static str, advice: &str) -> Fact {
        if percent >= self.problem {
            fact.problem(matter, advice)
        } else if percent >= self.note {
            fact.note(matter, advice)
        } else {
            fact
        }
    }
}

impl Place<'_> {
    /// So much CPU time in percent of one core's, while it was watched.
    fn percent_of_a_core(&self, ns: u64) -> f64 {
        100.0 * ns as f64 / self.window.wall_ns.max(1) as f64
    }

    /// A small file; `None` if it is not there, or empty.
    fn text(&self, path: &str) -> Option<String> {
        Some(crate::machine::text(self.root, path)).filter(|text| !text.is_empty())
    }

    fn number(&self, path: &str) -> Option<u64> {
        self.text(path)?.parse().ok()
    }

    /// What this file says for each core, each answer once, in order.
    fn of_cores(&self, file: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root.join(CORES)).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let cores = names.filter(|name| name.strip_prefix("cpu").is_some_and(|rest| rest.parse::<u32>().is_ok()));
        let mut found: Vec<String> = cores.filter_map(|core| self.text(&format!("{CORES}/{core}/{file}"))).collect();
        found.sort();
        found.dedup();
        found
    }
}

/// Where the kernel tells of cores.
const CORES: &str = "sys/devices/system/cpu";

#[cfg(test)]
mod tests;
