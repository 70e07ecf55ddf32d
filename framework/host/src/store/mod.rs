//! Where runs are kept.
//!
//! [`Store`] is what a database must do for smbench; [`sqlite`] is the one in `.smbench/`. Every method
//! is one transaction: what it has returned from survives `kill -9`.

use std::path::PathBuf;

use serde::Serialize;
use smbench_core::case::Case;
use smbench_core::confinement::Grants;
use smbench_core::history::Entry;
use smbench_core::imported::Copied;
use smbench_core::message::{CheckReport, Peak};
use smbench_core::outcome::LogitTolerance;
use smbench_core::run::{Account, Blame, CaseLaunch, Check, Note, Run, State};

use crate::error::Result;
use crate::file;

pub mod location;
pub mod name;
pub mod sqlite;

/// A database of runs.
pub trait Store {
    /// Opens a run: everything but its measurements. Its label leaves the run that had it. The bytes of
    /// its plugins (SHA-256, file) are kept once each, for replay.
    fn create(&mut self, run: &Run, plugins: &[(String, PathBuf)]) -> Result<()>;

    /// Goes on with a run that was interrupted or killed.
    fn resume(&mut self, run: &str, created: &str, command: &str) -> Result<()>;

    /// Keeps what a check found, in place of an earlier one.
    fn save_check(&mut self, run: &str, check: &Check) -> Result<()>;

    /// Keeps a launch.
    fn save_launch(&mut self, run: &str, launch: &CaseLaunch) -> Result<()>;

    /// Keeps what was counted, in place of an earlier count.
    fn save_account(&mut self, run: &str, account: &Account) -> Result<()>;

    /// Keeps that a backend was taken out of a case.
    fn save_blame(&mut self, run: &str, blame: &Blame) -> Result<()>;

    /// Keeps the machine's limits.
    fn save_peak(&mut self, run: &str, peak: &Peak) -> Result<()>;

    /// Says where a run stands.
    fn finish(&mut self, run: &str, state: State) -> Result<()>;

    /// Adds a remark.
    fn note(&mut self, run: &str, note: &Note) -> Result<()>;

    /// Adds a whole run from elsewhere, without the bytes of its plugins; all of it or nothing.
    fn import(&mut self, run: &Run) -> Result<()>;

    /// The imported run that has this content, if there is one.
    fn find_content(&self, content: &str) -> Result<Option<String>>;

    /// Keeps that an imported run came under another date, too. A run of that label is this one from now on.
    fn save_copy(&mut self, run: &str, copy: &Copied) -> Result<()>;

    /// Reads a run back.
    fn load(&self, run: &str) -> Result<Run>;

    /// What a history shows of a run: of the cases and backends that are wanted. Of a finished run the samples are read at
    /// most once: what follows from them is kept.
    fn entry(&mut self, run: &str, wanted: &dyn Fn(&Case, &str) -> bool) -> Result<Entry>;

    /// All runs, newest first.
    fn list(&self) -> Result<Vec<RunSummary>>;

    /// What all runs were about, newest first.
    fn outlines(&self) -> Result<Vec<Outline>>;

    /// The bytes of a plugin, if they were kept.
    fn plugin_bytes(&self, sha256: &str) -> Result<Option<Vec<u8>>>;

    /// What an earlier check of the same thing found.
    fn cached_check(&self, key: &CheckKey) -> Result<Option<CheckReport>>;

    /// Keeps what a check found for later runs.
    fn cache_check(&mut self, key: &CheckKey, report: &CheckReport) -> Result<()>;

    /// Removes a run, and everything measured in it; says whether it was there.
    fn remove(&mut self, run: &str) -> Result<bool>;

    /// Removes what no run refers to any more.
    fn sweep(&mut self) -> Result<Swept>;

    /// Gives the space of what was removed back, and says how many bytes that were. Whoever writes waits meanwhile,
    /// a run that is going on perhaps too long.
    fn compact(&mut self) -> Result<u64>;

    /// The id behind `latest`, `latest~1`, a label, an id or the beginning of one.
    fn resolve(&self, text: &str) -> Result<String> {
        name::resolve(text, &self.list()?)
    }

    /// The newest run that was not finished.
    fn last_resumable(&self) -> Result<Option<String>> {
        let unfinished = |summary: &RunSummary| summary.state != State::Finished;
        Ok(self.list()?.into_iter().find(unfinished).map(|summary| summary.id))
    }
}

/// A line of `smbench list runs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunSummary {
    /// Sortable and unique.
    pub id: String,
    /// Name given by people.
    pub label: Option<String>,
    /// Labels of imported files with the same content.
    pub copies: Vec<String>,
    /// When it began, RFC 3339, UTC.
    pub created: String,
    /// Name of the config.
    pub config: String,
    /// How long it was to be: the preset's word.
    pub preset: String,
    /// Where it stands.
    pub state: State,
    /// Number of cases.
    pub cases: usize,
    /// Aliases of the backends.
    pub backends: Vec<String>,
    /// Launches stored.
    pub launches_stored: usize,
    /// Launches planned, of all cases together.
    pub launches_planned: usize,
}

/// What a run was about, whatever came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Id of the run.
    pub run: String,
    /// The branch it was run on, if any.
    pub branch: Option<String>,
    /// Aliases of the backends.
    pub backends: Vec<String>,
    /// Id and threads of each case.
    pub cases: Vec<(String, u32)>,
}

/// What a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Plugins that no run refers to.
    pub plugins: usize,
    /// Cached checks whose plugin is gone.
    pub checks: usize,
    /// Machines on which no run was made.
    pub machines: usize,
}

/// All that decides what a check finds; where one of these differs, a stored check says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckKey {
    /// SHA-256 of the plugin.
    pub plugin: String,
    /// Hash of the case's definition.
    pub definition: String,
    /// Tier asked for.
    pub tier: Option<String>,
    /// Threads of the context.
    pub threads: u32,
    /// Options of the context.
    pub options: Vec<(String, String)>,
    /// How far logits may be off.
    pub logit_tolerance: Option<LogitTolerance>,
    /// What it was permitted besides what every plugin is; `None`: everything.
    pub grants: Option<Grants>,
    /// Fingerprint of the machine: it decides which tier is the best one, and the time of a call.
    pub machine: String,
    /// Version of smbench, or the hash of its binary: it brings the oracle.
    pub checker: String,
}

/// The run behind what was typed for RUN: a file that was exported, or anything the store can resolve.
pub fn find_run(text: &str, store: impl FnOnce() -> Result<Box<dyn Store>>) -> Result<Run> {
    if file::looks_like_one(text) {
        return file::read(text.as_ref());
    }
    let store = store()?;
    store.load(&store.resolve(text)?)
}
