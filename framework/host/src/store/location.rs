//! Which store is meant, and making a new one.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{io, path};

use super::sqlite::SqliteStore;
use crate::error::{Error, Result};

/// The folder that holds a store.
const FOLDER: &str = ".smbench";
/// The database in it.
const FILE: &str = "store.sqlite";

/// Where a store is, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The database.
    pub file: PathBuf,
    /// In a folder that is ours alone, which git is told to ignore.
    ours: bool,
}

impl Location {
    /// `.smbench/` of the nearest ancestor that has one, else of the git repository, else of this folder.
    pub fn find(folder: &Path) -> Self {
        let folder = &path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let with = |name: &str| folder.ancestors().find(|ancestor| ancestor.join(name).exists());
        let root = with(FOLDER).or_else(|| with(".git")).unwrap_or(folder);
        Self { file: root.join(FOLDER).join(FILE), ours: true }
    }

    /// `--store`: a folder, or a file whose name ends in `.sqlite`.
    pub fn named(path: &Path) -> Self {
        let is_file = path.extension().is_some_and(|extension| extension == "sqlite") && !path.is_dir();
        let file = if is_file { path.to_owned() } else { path.join(FILE) };
        let ours = file.parent().is_some_and(|folder| folder.ends_with(FOLDER));
        Self { file, ours }
    }

    /// Takes a run for this process, until the value is dropped; refuses one that is going on in another.
    pub fn lock(&self, run: &str) -> Result<RunLock> {
        self.try_lock(run)?.ok_or_else(|| {
            Error::usage(format!("run {run} is still going on"))
                .because("another process is measuring it")
                .help("wait for it, or end it with Ctrl-C")
        })
    }

    /// The same; `None` of a run that is going on in another process.
    pub fn try_lock(&self, run: &str) -> Result<Option<RunLock>> {
        let path = self.file.with_file_name(format!("{run}.lock"));
        let cannot = |error: io::Error| Error::internal(format!("cannot lock run {run}")).because(error);
        loop {
            let file = File::create(&path).map_err(cannot)?;
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => return Ok(Some(RunLock { path, _file: file })),
                // Whoever held it removed it after we had opened it: the next one would lock another file.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(cannot(error)),
            }
        }
    }

    /// Opens the store that is there.
    pub fn open(&self) -> Result<SqliteStore> {
        if self.file.exists() {
            return SqliteStore::open(&self.file);
        }
        let at = self.file.display();
        Err(Error::usage("no run is stored here")
            .because(format!("`{at}` does not exist"))
            .help("make a run: `smbench run quick`, or name a store: `--store PATH`"))
    }

    /// Opens the store, making it first where there is none.
    pub fn open_or_create(&self) -> Result<SqliteStore> {
        self.prepare().map_err(|error| {
            Error::usage(format!("cannot make a store at `{}`", self.file.display()))
                .because(error)
                .help("name another place: `--store PATH`")
        })?;
        SqliteStore::open(&self.file)
    }

    fn prepare(&self) -> io::Result<()> {
        let Some(folder) = self.file.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
        fs::create_dir_all(folder)?;
        let ignore = folder.join(".gitignore");
        if self.ours && !ignore.exists() { fs::write(ignore, "*\n") } else { Ok(()) }
    }
}

/// Is it still this file that has the name?
fn is_at(file: &File, path: &Path) -> bool {
    let same = |ours: fs::Metadata, there: fs::Metadata| (ours.dev(), ours.ino()) == (there.dev(), there.ino());
    file.metadata().ok().zip(fs::metadata(path).ok()).is_some_and(|(ours, there)| same(ours, there))
}

/// A run that this process is measuring; the kernel lets go of it if the process dies.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    _file: File,
}

impl Drop for RunLock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(folders: &[&str], from: &str, want: &str) {
        let root = tempfile::tempdir().unwrap();
        folders.iter().for_each(|folder| fs::create_dir_all(root.path().join(folder)).unwrap());
        let found = Location::find(&root.path().join(from)).file;
        assert_eq!(found.strip_prefix(root.path()).unwrap(), Path::new(want));
    }

    #[test]
    fn the_nearest_store_wins() {
        check(&["a/b"], "a/b", "a/b/.smbench/store.sqlite");
        check(&["a/b", "a/.git"], "a/b", "a/.smbench/store.sqlite");
        check(&["a/b/.git", "a/.smbench"], "a/b", "a/.smbench/store.sqlite");
        check(&["a/b/.smbench", "a/.smbench"], "a/b", "a/b/.smbench/store.sqlite");
    }

    #[test]
    fn only_our_own_folder_is_hidden_from_git() {
        let root = tempfile::tempdir().unwrap();
        let ignored = |folder: &str| fs::read_to_string(root.path().join(folder).join(".gitignore")).ok();
        Location::find(root.path()).open_or_create().unwrap();
        assert_eq!(ignored(".smbench").as_deref(), Some("*\n"));
        Location::named(&root.path().join("team")).open_or_create().unwrap();
        Location::named(&root.path().join("deep/one.sqlite")).open_or_create().unwrap();
        assert_eq!((ignored("team"), ignored("deep")), (None, None));
        assert!(root.path().join("team/store.sqlite").exists() && root.path().join("deep/one.sqlite").exists());
    }

    #[test]
    fn a_run_is_one_process_s_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let location = Location::named(root.path());
        let held = location.lock("a").unwrap();
        assert!(location.try_lock("a").unwrap().is_none() && location.try_lock("b").unwrap().is_some());
        assert!(location.lock("a").unwrap_err().to_string().contains("run a is still going on"));
        drop(held);
        assert!(location.try_lock("a").unwrap().is_some());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0, "no lock is left");
    }

    #[test]
    fn looking_makes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let error = Location::find(root.path()).open().err().unwrap();
        assert!(error.to_string().contains("smbench run quick"), "{error}");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }
}
