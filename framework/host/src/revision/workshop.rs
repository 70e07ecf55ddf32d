//! Where revisions are built.
//!
//! ```text
//! ~/.cache/smbench/ab/acme-1f3a…/
//!   old/  new/   the sides at rest, each with `index`, `root` (a mirror, the tree in it) and `target`
//!   now/         the side that cargo works on: always the same path
//!   built/       libraries by revision and content
//! ```
//!
//! Not in the repository, though git could be told to ignore it there: cargo reads the `.cargo/config.toml` and the workspace
//! of every folder above, so the working tree's flags would leak into the build of every other revision.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

use super::{Crate, Repository, Revision, mirror};
use crate::error::{Error, Result};
use crate::hash;
use crate::search::{Progress, build};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What is compared with.
    Old,
    /// What is compared.
    New,
}

impl Side {
    const ALL: [Self; 2] = [Self::Old, Self::New];

    fn folder(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

/// The folder where one repository's revisions are built, while this process has it.
#[derive(Debug)]
pub struct Workshop {
    folder: PathBuf,
    _lock: File,
}

/// So many of the newest libraries are kept: a run that goes on loads its own until it ends.
const KEPT: usize = 32;

impl Workshop {
    /// The workshop of a repository; waits until no other process has it.
    pub fn open(repository: &Repository, progress: Progress<'_>) -> Result<Self> {
        Self::open_in(&cache().join(name(&repository.root)), progress)
    }

    fn open_in(folder: &Path, progress: Progress<'_>) -> Result<Self> {
        let failed = |error: io::Error| cannot("make a folder for builds", folder, error);
        fs::create_dir_all(folder.join("built")).map_err(failed)?;
        // Cargo says paths with links resolved.
        let folder = fs::canonicalize(folder).map_err(failed)?;
        let lock = File::create(folder.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => {
                progress("waiting for another `smbench ab` of this repository");
                lock.lock().map_err(failed)?;
            }
            taken => taken.map_err(io::Error::from).map_err(failed)?,
        }
        let workshop = Self { folder, _lock: lock };
        workshop.put_back().map_err(failed)?;
        workshop.sweep();
        Ok(workshop)
    }

    /// Where a file may stand for a moment.
    pub fn scratch(&self) -> PathBuf {
        self.folder.join("scratch")
    }

    /// Builds crates of a revision; `None` for each that it does not have. Progress hears what cargo says.
    pub fn build(
        &self,
        repository: &Repository,
        (side, revision): (Side, &Revision),
        crates: &[&Crate],
        progress: Progress<'_>,
    ) -> Result<Vec<Option<PathBuf>>> {
        let failed = |error| cannot("make room for a build", &self.folder, error);
        self.take(side).map_err(failed)?;
        let built = self.build_here(repository, revision, crates, progress);
        self.put_back().map_err(failed)?;
        built
    }

    fn build_here(
        &self,
        repository: &Repository,
        revision: &Revision,
        crates: &[&Crate],
        progress: Progress<'_>,
    ) -> Result<Vec<Option<PathBuf>>> {
        let tree = self.check_out(repository, revision, crates)?;
        let mut library = |one: &&Crate| {
            let is_there = tree.join(&one.folder).join("Cargo.toml").is_file();
            is_there.then(|| self.library(&tree, one, revision, progress)).transpose()
        };
        crates.iter().map(&mut library).collect()
    }

    fn library(&self, tree: &Path, one: &Crate, revision: &Revision, progress: Progress<'_>) -> Result<PathBuf> {
        let library = build::library(&tree.join(&one.folder), Some(&self.folder.join("now/target")), progress);
        // Where it was built says nothing to the user; which crate and revision it was, all.
        let of = |error| Error { what: format!("cannot build `{}` of {revision}", one.name), ..error };
        let library = library.map_err(of)?;
        self.keep(&library, revision).map_err(|error| cannot("keep", &library, error))
    }

    /// The tree of a revision where cargo will find it.
    fn check_out(&self, repository: &Repository, revision: &Revision, crates: &[&Crate]) -> Result<PathBuf> {
        let mirror = self.folder.join("now/root");
        mirror::make(&mirror, &repository.root).map_err(|error| cannot("write to", &mirror, error))?;
        let tree = mirror::place(&mirror, &repository.root);
        let locks: Vec<PathBuf> = crates.iter().map(|one| one.workspace.join("Cargo.lock")).collect();
        // One that was put there for a revision that has none of its own would look like this one's.
        let before: Vec<Option<Vec<u8>>> = locks.iter().map(|lock| take_away(&tree.join(lock))).collect();
        repository.check_out(&revision.tree, &tree, &self.folder.join("now/index"))?;
        let old = mirror::place(&self.folder.join("old/root"), &repository.root);
        for (lock, before) in locks.iter().zip(before) {
            // Where git ignores it, both sides use the user's, else what the old side was resolved to.
            let there = |root: &Path| fs::read(root.join(lock)).ok();
            let other = || there(&repository.root).or_else(|| there(&old)).or(before);
            if let Some(text) = there(&tree).is_none().then(other).flatten() {
                let _ = fs::write(tree.join(lock), text); // without one, cargo resolves by itself
            }
        }
        Ok(tree)
    }

    /// A library under a name of its own, that later builds leave alone: `libacme-a1b2c3d-77c0ffee1234.so`.
    fn keep(&self, library: &Path, revision: &Revision) -> io::Result<PathBuf> {
        let hash = hash::file(library)?;
        let stem = library.file_stem().unwrap_or_default().to_string_lossy();
        let kept = self.folder.join("built").join(format!("{stem}-{}-{}.so", revision.short(), &hash[..12]));
        // By renaming: a process that measures it goes on with the file that it opened.
        let fresh = self.scratch();
        fs::copy(library, &fresh)?;
        fs::rename(&fresh, &kept)?;
        Ok(kept)
    }

    /// Puts a side where cargo works. The new one begins as a copy of the old one, whose dependencies are compiled already.
    fn take(&self, side: Side) -> io::Result<()> {
        let [old, new, now] = ["old", "new", "now"].map(|name| self.folder.join(name));
        if side == Side::New && !new.exists() && old.exists() {
            copy_all(&old, &new)?;
        }
        let own = self.folder.join(side.folder());
        if own.exists() { fs::rename(own, now) } else { fs::create_dir(now) }
    }

    /// And back. What a killed process left there is the side that is missing.
    fn put_back(&self) -> io::Result<()> {
        let now = self.folder.join("now");
        let missing = Side::ALL.into_iter().map(|side| self.folder.join(side.folder())).find(|folder| !folder.exists());
        match missing {
            Some(missing) if now.exists() => fs::rename(now, missing),
            _ => Ok(()),
        }
    }

    fn sweep(&self) {
        let files = fs::read_dir(self.folder.join("built")).into_iter().flatten().flatten();
        let mut files: Vec<fs::DirEntry> = files.collect();
        files.sort_by_key(|file| file.metadata().and_then(|metadata| metadata.modified()).ok());
        let old = files.len().saturating_sub(KEPT);
        files[..old].iter().for_each(|file| drop(fs::remove_file(file.path())));
    }
}

/// What was in a file, which is gone then.
fn take_away(file: &Path) -> Option<Vec<u8>> {
    let text = fs::read(file).ok();
    let _ = fs::remove_file(file);
    text
}

/// With all times: cargo and git take a newer file for a changed one.
fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    let half = to.with_extension("half");
    let _ = fs::remove_dir_all(&half);
    let mut copy = Command::new("cp");
    copy.args(["--archive", "--reflink=auto", "--"]).arg(from).arg(&half).stdin(Stdio::null());
    match copy.status()?.success() {
        true => fs::rename(half, to),
        false => Err(io::Error::other("cp failed")),
    }
}

/// `$XDG_CACHE_HOME`, as other tools have it.
fn cache() -> PathBuf {
    let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache"))).unwrap_or_else(env::temp_dir);
    cache.join("smbench/ab")
}

/// Readable, and one for each path.
fn name(root: &Path) -> String {
    let hash = hash::bytes(root.as_os_str().as_encoded_bytes());
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    format!("{name}-{}", &hash[..12])
}

fn cannot(what: &str, path: &Path, error: io::Error) -> Error {
    Error::internal(format!("cannot {what} `{}`", path.display()))
        .because(error)
        .help("name another place for it: `XDG_CACHE_HOME=/some/where`")
}
