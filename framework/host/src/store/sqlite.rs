//! The store in one SQLite file, in WAL mode: readers never wait for the run that writes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use smbench_core::case::Case;
use smbench_core::history::Entry;
use smbench_core::imported::Copied;
use smbench_core::message::{CheckReport, Peak};
use smbench_core::run::{Account, Blame, CaseLaunch, Check, Note, Run, State};

use super::{CheckKey, Outline, RunSummary, Store, Swept};
use crate::error::{Error, Result};

mod blob;
mod read;
mod sweep;
mod write;

/// A store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
}

/// The steps from one version of the schema to the next; a store holds the number of those it took.
const SCHEMA: &[&str] = &[
    include_str!("sqlite/schema.sql"),
    include_str!("sqlite/tokens.sql"),
    include_str!("sqlite/others.sql"),
    include_str!("sqlite/counters.sql"),
    include_str!("sqlite/single.sql"),
    include_str!("sqlite/imported.sql"),
    include_str!("sqlite/figures.sql"),
];

/// Another run may be in the middle of a transaction; none takes longer than a few milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

impl SqliteStore {
    /// Opens a file, or makes it, and brings it to this version's schema.
    pub fn open(path: &Path) -> Result<Self> {
        let about = |error: Error| Error { what: format!("cannot use the store `{}`", path.display()), ..error };
        Connection::open(path).map_err(Error::from).and_then(Self::set_up).map_err(about)
    }

    /// A store that ends with this value; for tests.
    pub fn in_memory() -> Result<Self> {
        Self::set_up(Connection::open_in_memory()?)
    }

    fn set_up(connection: Connection) -> Result<Self> {
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // Loses nothing when a process dies; only a power cut may cost the last transactions.
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        let mut store = Self { connection };
        store.migrate()?;
        Ok(store)
    }

    fn migrate(&mut self) -> Result<()> {
        if self.version()? == SCHEMA.len() {
            return Ok(());
        }
        self.atomically(|connection| {
            // Read again: another process may have taken the steps while we waited for the lock.
            let version: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            let steps = SCHEMA.get(version..).ok_or_else(|| too_new(version))?;
            steps.iter().try_for_each(|step| connection.execute_batch(step))?;
            Ok(connection.pragma_update(None, "user_version", SCHEMA.len())?)
        })
    }

    fn version(&self) -> Result<usize> {
        Ok(self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
    }

    /// All of `body`, or nothing of it.
    fn atomically<T>(&mut self, body: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = body(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

impl Store for SqliteStore {
    fn create(&mut self, run: &Run, plugins: &[(String, PathBuf)]) -> Result<()> {
        self.atomically(|connection| {
            write::run(connection, run)?;
            plugins.iter().try_for_each(|(sha256, path)| write::plugin_bytes(connection, sha256, path))
        })
    }

    fn resume(&mut self, run: &str, created: &str, command: &str) -> Result<()> {
        self.atomically(|connection| {
            write::state(connection, run, State::Running)?;
            write::session(connection, run, created, command)
        })
    }

    fn save_check(&mut self, run: &str, check: &Check) -> Result<()> {
        self.atomically(|connection| write::check(connection, run, check))
    }

    fn save_launch(&mut self, run: &str, launch: &CaseLaunch) -> Result<()> {
        self.atomically(|connection| write::launch(connection, run, launch))
    }

    fn save_account(&mut self, run: &str, account: &Account) -> Result<()> {
        self.atomically(|connection| write::account(connection, run, account))
    }

    fn save_blame(&mut self, run: &str, blame: &Blame) -> Result<()> {
        self.atomically(|connection| write::blame(connection, run, blame))
    }

    fn save_peak(&mut self, run: &str, peak: &Peak) -> Result<()> {
        self.atomically(|connection| write::peak(connection, run, peak))
    }

    fn finish(&mut self, run: &str, state: State) -> Result<()> {
        self.atomically(|connection| {
            write::state(connection, run, state)?;
            match state {
                State::Finished => write::figures(connection, &read::run(connection, run)?),
                _ => Ok(()),
            }
        })
    }

    fn note(&mut self, run: &str, note: &Note) -> Result<()> {
        self.atomically(|connection| write::note(connection, run, note))
    }

    fn import(&mut self, run: &Run) -> Result<()> {
        self.atomically(|connection| write::whole(connection, run))
    }

    fn find_content(&self, content: &str) -> Result<Option<String>> {
        read::find_content(&self.connection, content)
    }

    fn save_copy(&mut self, run: &str, copy: &Copied) -> Result<()> {
        self.atomically(|connection| write::copy(connection, run, copy))
    }

    fn load(&self, run: &str) -> Result<Run> {
        // One transaction, so that a run that is going on is seen at one moment.
        let transaction = self.connection.unchecked_transaction()?;
        read::run(&transaction, run)
    }

    fn entry(&mut self, run: &str, wanted: &dyn Fn(&Case, &str) -> bool) -> Result<Entry> {
        if let Some(entry) = read::entry(&self.connection, run, wanted)? {
            return Ok(entry);
        }
        let whole = self.load(run)?;
        if whole.state == State::Finished {
            // Who cannot write here may read all the same.
            let _ = self.atomically(|connection| write::figures(connection, &whole));
        }
        Ok(Entry::of(&whole, wanted))
    }

    fn list(&self) -> Result<Vec<RunSummary>> {
        read::list(&self.connection)
    }

    fn outlines(&self) -> Result<Vec<Outline>> {
        let transaction = self.connection.unchecked_transaction()?;
        read::outlines(&transaction)
    }

    fn plugin_bytes(&self, sha256: &str) -> Result<Option<Vec<u8>>> {
        read::plugin_bytes(&self.connection, sha256)
    }

    fn cached_check(&self, key: &CheckKey) -> Result<Option<CheckReport>> {
        read::cached_check(&self.connection, key)
    }

    fn cache_check(&mut self, key: &CheckKey, report: &CheckReport) -> Result<()> {
        self.atomically(|connection| write::cached_check(connection, key, report))
    }

    fn remove(&mut self, run: &str) -> Result<bool> {
        self.atomically(|connection| sweep::remove(connection, run))
    }

    fn sweep(&mut self) -> Result<Swept> {
        self.atomically(sweep::orphans)
    }

    fn compact(&mut self) -> Result<u64> {
        sweep::compact(&self.connection)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let help = match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => "name another file: `--store PATH`",
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another run is using it; try again when it has ended"
            }
            Some(ErrorCode::DiskFull) => "make room on the disk, then go on: `smbench run --resume`",
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                "its folder must be writable; or name another: `--store PATH`"
            }
            Some(ErrorCode::ConstraintViolation) => "this is a mistake of smbench; please report it",
            _ => "move the file away to begin a new store",
        };
        Self::internal("cannot use the store").because(error).help(help)
    }
}

fn too_new(version: usize) -> Error {
    let cause = format!("its schema is version {version}, this smbench knows {}", SCHEMA.len());
    Error::usage("cannot use the store").because(cause).help("update smbench, or name another store: `--store PATH`")
}

/// Something in the store cannot be what we wrote.
fn damaged(what: impl std::fmt::Display) -> Error {
    Error::internal("the store is damaged").because(what).help("move the file away to begin a new store")
}

/// A JSON column.
fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(damaged)
}

/// A JSON column; none of our values has keys that JSON cannot hold.
fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_versioned() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        assert_eq!(SqliteStore::open(&path).unwrap().version().unwrap(), SCHEMA.len());
        SqliteStore::open(&path).unwrap().connection.pragma_update(None, "user_version", 99).unwrap();
        let error = SqliteStore::open(&path).unwrap_err().to_string();
        assert!(error.contains("schema is version 99") && error.contains("update smbench"), "{error}");
    }

    #[test]
    fn what_is_no_store_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.sqlite");
        std::fs::write(&path, "a shopping list, long enough to be read as a header of sorts ".repeat(20)).unwrap();
        let error = SqliteStore::open(&path).unwrap_err().to_string();
        assert!(error.contains("notes.sqlite") && error.contains("--store PATH"), "{error}");
    }

    #[test]
    fn a_reader_does_not_wait_for_a_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        let mut writer = SqliteStore::open(&path).unwrap();
        let open = writer.connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        assert!(SqliteStore::open(&path).unwrap().list().unwrap().is_empty());
        drop(open);
    }
}
