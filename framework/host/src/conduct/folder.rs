//! A folder for as long as something is under way: nobody else's, and swept up after a process that was killed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, process};

/// Then follow the process and eight digits: nobody else's folders are called so.
const PREFIX: &str = ".smbench-copies-";

/// A folder that is younger may not be locked yet.
const UNLOCKED: Duration = Duration::from_secs(60);

/// Gone when it is dropped.
pub(super) struct Folder {
    path: PathBuf,
    /// Of the folder: held as long as it is in use. Who shares the temporary folder need not see our process.
    _lock: File,
}

impl Folder {
    /// An empty one in the temporary folder.
    pub(super) fn create() -> io::Result<Self> {
        let path = env::temp_dir().join(format!("{PREFIX}{}-{:08x}", process::id(), fastrand::u32(..)));
        fs::create_dir(&path)?;
        let lock = File::open(&path)?;
        lock.lock()?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes what processes that were killed have left behind.
    pub(super) fn sweep() {
        Self::sweep_in(&env::temp_dir());
    }

    fn sweep_in(folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_some_and(is_ours) && is_left_behind(&entry).unwrap_or(false) {
                let _ = fs::remove_dir_all(entry.path()); // another user's stays
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nobody is left to tell, and the next start of the machine empties the folder above.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn is_ours(name: &str) -> bool {
    let Some((process, digits)) = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-')) else {
        return false;
    };
    process.parse::<u32>().is_ok() && digits.len() == 8 && u32::from_str_radix(digits, 16).is_ok()
}

/// A folder, no link to one, which nobody holds.
fn is_left_behind(entry: &fs::DirEntry) -> io::Result<bool> {
    if !entry.file_type()?.is_dir() || entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age < UNLOCKED) {
        return Ok(false);
    }
    Ok(File::open(entry.path())?.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn only_folders_that_nobody_holds_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let hour = SystemTime::now() - Duration::from_secs(3600);
        let made = |name: &str| {
            fs::create_dir_all(folder.path().join(name).join("0")).unwrap();
            let opened = File::open(folder.path().join(name)).unwrap();
            opened.set_modified(hour).unwrap();
            opened
        };
        let strangers = [
            "smbench-0.1.0-x86_64",
            "smbench-my-fork",
            "smbench-1-00000000",
            ".smbench-copies-x-00000000",
            ".smbench-copies-1-0000000g",
            ".smbench-copies-1-00",
            ".smbench-copies-1",
        ];
        let held = ".smbench-copies-4000000000-00000001";
        let fresh = ".smbench-copies-4000000000-00000002";
        let left = ".smbench-copies-1-00000003"; // a process of this number lives, and is another one
        strangers.iter().for_each(|name| drop(made(name)));
        let lock = made(held);
        lock.lock().unwrap();
        made(fresh).set_modified(SystemTime::now()).unwrap();
        drop(made(left));
        Folder::sweep_in(folder.path());
        let is_there = |name: &str| folder.path().join(name).join("0").exists();
        assert!(strangers.iter().chain([&held, &fresh]).all(|name| is_there(name)));
        assert!(!is_there(left));
        drop(lock);
        Folder::sweep_in(folder.path());
        assert!(!is_there(held));
    }
}
