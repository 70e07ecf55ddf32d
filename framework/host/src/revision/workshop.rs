//! Where revisions are built.
//!
//! ```text
//! ~/.cache/smbench/ab/acme-1f3a…/
//!   old/  new/   the sides at rest, each with `root` (a mirror, the tree in it), `index`, `target` and `crates`
//!   now/         the side that cargo works on: always the same path
//!   built/       libraries by revision and content
//! ```
//!
//! Not in the repository, though git could be told to ignore it there: cargo reads the `.cargo/config.toml` and the workspace
//! of every folder above, so the working tree's flags would leak into the build of every other revision.

use std::collections::BTreeSet;
use std::fs::{self, File, FileTimes, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};
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

/// In a side's folder: names of the crates that it has built.
const CRATES: &str = "crates";

/// So many of the libraries used last are kept …
const KEPT: usize = 32;
/// … and all that were used so lately: a run that goes on loads its own until it ends.
const IN_USE: Duration = Duration::from_secs(24 * 60 * 60);

impl Workshop {
    /// The workshop of a repository; waits until no other process has it.
    pub fn open(repository: &Repository, progress: Progress<'_>) -> Result<Self> {
        let folder = cache().join(name(&repository.root));
        refuse_inside(&folder, &repository.root)?;
        Self::open_in(&folder, progress)
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
        self.take(side, crates).map_err(failed)?;
        let built = self.build_here(repository, revision, crates, progress);
        if built.is_ok() {
            self.remember(crates).map_err(failed)?;
        }
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
        if hash::file(&kept).ok().as_ref() == Some(&hash) {
            // Somebody may be measuring it: a fresh file, or another time of change, would be another build to that run.
            File::open(&kept)?.set_times(FileTimes::new().set_accessed(SystemTime::now()))?;
            return Ok(kept);
        }
        // By renaming, so that it is never half there.
        let fresh = self.scratch();
        fs::copy(library, &fresh)?;
        fs::rename(&fresh, &kept)?;
        Ok(kept)
    }

    /// Puts a side where cargo works. The new one begins as a copy of the old one, whose dependencies are compiled already:
    /// the first time, and whenever it lacks a crate that the old one has.
    fn take(&self, side: Side, crates: &[&Crate]) -> io::Result<()> {
        let [old, new, now] = ["old", "new", "now"].map(|name| self.folder.join(name));
        if side == Side::New && !has_built(&new, crates) && has_built(&old, crates) {
            copy_all(&old, &new)?;
        }
        let own = self.folder.join(side.folder());
        if own.exists() { fs::rename(own, now) } else { fs::create_dir(now) }
    }

    /// Which crates the side at work has built, a line each.
    fn remember(&self, crates: &[&Crate]) -> io::Result<()> {
        let list = self.folder.join("now").join(CRATES);
        let mut names: BTreeSet<String> = built(&list);
        names.extend(crates.iter().map(|one| one.name.clone()));
        fs::write(list, names.into_iter().map(|name| name + "\n").collect::<String>())
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
        let used = |file: &fs::DirEntry| file.metadata().and_then(|metadata| metadata.accessed()).ok();
        files.sort_by_key(used);
        files.truncate(files.len().saturating_sub(KEPT));
        files.retain(|file| used(file).and_then(|used| used.elapsed().ok()).is_some_and(|unused| unused > IN_USE));
        files.iter().for_each(|file| drop(fs::remove_file(file.path())));
    }
}

fn has_built(side: &Path, crates: &[&Crate]) -> bool {
    let names = built(&side.join(CRATES));
    crates.iter().all(|one| names.contains(&one.name))
}

fn built(list: &Path) -> BTreeSet<String> {
    fs::read_to_string(list).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// What was in a file, which is gone then.
fn take_away(file: &Path) -> Option<Vec<u8>> {
    let text = fs::read(file).ok();
    let _ = fs::remove_file(file);
    text
}

/// With all times, since cargo and git take a newer file for a changed one; what was there is gone.
fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    let half = to.with_extension("half");
    for folder in [&half, to] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
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

/// The head of this file says why; nothing is made there before it is refused.
fn refuse_inside(folder: &Path, root: &Path) -> Result<()> {
    let resolved = |there: &Path| Some(fs::canonicalize(there).ok()?.join(folder.strip_prefix(there).ok()?));
    if folder.ancestors().find_map(resolved).is_none_or(|folder| !folder.starts_with(root)) {
        return Ok(());
    }
    Err(Error::usage("revisions cannot be built inside the repository")
        .because(format!("`{}` lies in `{}`, whose settings cargo would read", folder.display(), root.display()))
        .help("name another place for builds: `XDG_CACHE_HOME=/some/where`"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_put_back() {
        #[track_caller]
        fn check(there: &[&str], left: &str, want: &str) {
            let folder = tempfile::tempdir().unwrap();
            for name in there {
                fs::create_dir(folder.path().join(name)).unwrap();
            }
            fs::create_dir_all(folder.path().join("now").join(left)).unwrap();
            let workshop = Workshop::open_in(folder.path(), &mut |_| {}).unwrap();
            assert!(workshop.folder.join(want).join(left).is_dir());
            assert!(!workshop.folder.join("now").exists());
        }
        check(&[], "mark", "old");
        check(&["new"], "mark", "old");
        check(&["old"], "mark", "new");
    }

    #[test]
    fn a_folder_inside_the_repository_is_refused_and_not_made() {
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        let [repository, beside, link] = ["acme", "acme-builds", "link"].map(|name| root.join(name));
        fs::create_dir(&repository).unwrap();
        std::os::unix::fs::symlink(&repository, &link).unwrap();
        for folder in [&repository, &link] {
            let error = refuse_inside(&folder.join(".cache/smbench"), &repository).unwrap_err().to_string();
            assert!(error.contains("inside the repository") && error.contains("XDG_CACHE_HOME"), "{error}");
        }
        assert!(!repository.join(".cache").exists());
        refuse_inside(&beside.join("smbench"), &repository).unwrap();
    }

    #[test]
    fn a_library_that_is_kept_already_stays_the_same_file() {
        use std::os::unix::fs::MetadataExt;

        let folder = tempfile::tempdir().unwrap();
        let workshop = Workshop::open_in(folder.path(), &mut |_| {}).unwrap();
        let library = folder.path().join("libacme.so");
        let revision = Revision { name: "work".to_owned(), commit: None, tree: String::new() };
        let keep = |bytes: &str| {
            fs::write(&library, bytes).unwrap();
            workshop.keep(&library, &revision).unwrap()
        };
        let stamp = |path: &Path| fs::metadata(path).map(|file| (file.ino(), file.mtime(), file.mtime_nsec())).unwrap();
        let kept = keep("one");
        let before = stamp(&kept);
        File::open(&kept).unwrap().set_times(FileTimes::new().set_accessed(SystemTime::UNIX_EPOCH)).unwrap();
        assert_eq!((keep("one"), stamp(&kept)), (kept.clone(), before));
        assert!(fs::metadata(&kept).unwrap().accessed().unwrap().elapsed().unwrap() < IN_USE, "it counts as used");
        fs::write(&kept, "half").unwrap();
        assert_eq!((keep("one"), fs::read_to_string(&kept).unwrap()), (kept, "one".to_owned()));
    }

    #[test]
    fn the_libraries_used_last_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        drop(Workshop::open_in(folder.path(), &mut |_| {}).unwrap());
        let path = |index: usize| folder.path().join(format!("built/{index}.so"));
        let kept_of = |first: SystemTime| {
            for index in 0..KEPT + 2 {
                let used = FileTimes::new().set_accessed(first + Duration::from_secs(index as u64));
                let built = FileTimes::set_modified(used, first - Duration::from_secs(index as u64));
                File::create(path(index)).unwrap().set_times(built).unwrap();
            }
            drop(Workshop::open_in(folder.path(), &mut |_| {}).unwrap());
            (0..KEPT + 2).filter(|&index| path(index).exists()).collect::<Vec<_>>()
        };
        assert_eq!(kept_of(SystemTime::now() - 2 * IN_USE), (2..KEPT + 2).collect::<Vec<_>>());
        assert_eq!(kept_of(SystemTime::now() - IN_USE / 2), (0..KEPT + 2).collect::<Vec<_>>(), "they may be in use");
    }

    #[test]
    fn the_new_side_begins_as_a_copy_where_it_lacks_a_crate() {
        let folder = tempfile::tempdir().unwrap();
        let workshop = Workshop::open_in(folder.path(), &mut |_| {}).unwrap();
        let named = |name: &str| Crate {
            name: name.to_owned(),
            folder: PathBuf::new(),
            workspace: PathBuf::new(),
            target: PathBuf::new(),
        };
        let (acme, other) = (named("acme"), named("other"));
        let pass = |side, crates: &[&Crate], mark: &str| {
            workshop.take(side, crates).unwrap();
            fs::write(workshop.folder.join("now").join(mark), "").unwrap();
            workshop.remember(crates).unwrap();
            workshop.put_back().unwrap();
        };
        let has = |mark: &str| workshop.folder.join("new").join(mark).exists();
        pass(Side::Old, &[&acme], "first");
        pass(Side::New, &[&acme], "own");
        assert!(has("first") && has("own"));
        pass(Side::Old, &[&acme], "second");
        pass(Side::New, &[&acme], "own");
        assert!(has("own") && !has("second"), "it has all that is asked for");
        pass(Side::Old, &[&acme, &other], "third");
        pass(Side::New, &[&acme, &other], "again");
        assert!(has("third") && has("again") && !has("own"));
    }
}
