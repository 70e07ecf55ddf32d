//! A fresh copy of every plugin for each launch: the same code in other pages of memory.
//!
//! Where a file's pages happen to lie in the page cache stays the same from launch to launch, and so does what it costs. Of
//! byte copies that were made once, some differed by 1.5 % in a layernorm in every launch, and in three runs with other
//! seeds; the truth lay inside 36 of 48 intervals. With copies for every launch it is chance, which launches average and
//! intervals know of: 44 of 48, in the same time (2026-11-25).

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, process};

use smbench_core::message::PluginRef;

use super::Conductor;
use crate::elf;
use crate::worker::Culprit;

/// The copies of one launch; gone when it is over.
pub(super) struct Copies {
    folder: PathBuf,
    /// Of the folder: held as long as it is in use. Who shares the temporary folder need not see our process.
    _lock: File,
}

/// Then follow the process and eight digits: nobody else's folders are called so.
const PREFIX: &str = ".smbench-copies-";

/// A folder that is younger may not be locked yet.
const UNLOCKED: Duration = Duration::from_secs(60);

impl Copies {
    /// Has each of the plugins that may load a copy. What is one library stays one, but for the A/A control, which is to be
    /// another than the reference's. `None` where nobody may.
    pub(super) fn of(plugins: &mut [PluginRef], may: impl Fn(&PluginRef) -> bool) -> io::Result<Option<Self>> {
        if !plugins.iter().any(&may) {
            return Ok(None);
        }
        let folder = env::temp_dir().join(format!("{PREFIX}{}-{:08x}", process::id(), fastrand::u32(..)));
        fs::create_dir(&folder)?;
        let lock = File::open(&folder)?;
        lock.lock()?;
        let copies = Self { folder, _lock: lock };
        let mut made: Vec<(PathBuf, PathBuf)> = Vec::new();
        for (place, plugin) in plugins.iter_mut().enumerate().filter(|(_, plugin)| may(plugin)) {
            let known = made.iter().find(|(original, _)| *original == plugin.path && !plugin.control);
            let copy = match known {
                Some((_, copy)) => copy.clone(),
                None => copies.copy(&plugin.path, place)?,
            };
            made.push((plugin.path.clone(), copy.clone()));
            plugin.path = copy;
        }
        Ok(Some(copies))
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

    /// A folder of its own, so that the file can keep its name; without what is never loaded, debug information above all.
    fn copy(&self, original: &Path, place: usize) -> io::Result<PathBuf> {
        let folder = self.folder.join(place.to_string());
        fs::create_dir(&folder)?;
        let copy = folder.join(original.file_name().unwrap_or(original.as_os_str()));
        let loaded = elf::loaded_bytes(original)?;
        io::copy(&mut File::open(original)?.take(loaded), &mut File::create(&copy)?)?;
        Ok(copy)
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        // Nobody is left to tell, and the next start of the machine empties the folder above.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Conductor<'_> {
    /// Who brings libraries of its own might not find them elsewhere: it is loaded from its own file, and has no control.
    pub(super) fn prepare_copies(&mut self) {
        Copies::sweep();
        let backends = self.run.plan.backends.iter().enumerate();
        let at_home = backends.filter(|(_, backend)| !backend.libraries_sha256.is_empty()).map(|(index, _)| index);
        self.at_home.extend(at_home);
        if let Some(reference) = self.run.plan.backends.get(self.run.plan.reference)
            && self.at_home.contains(&self.run.plan.reference)
        {
            let why = "brings libraries that a copy elsewhere might not find";
            self.note(format!("no A/A control: `{}` {why}", reference.alias()));
            self.controlled = false;
        }
    }

    /// A folder for copies that is full, or may not be written, must not cost the measurement.
    pub(super) fn stay_at_home(&mut self, error: &io::Error) {
        self.at_home.extend(0..self.run.plan.backends.len());
        self.controlled = false;
        let (from, folder) = ("are loaded from their own files from here on", env::temp_dir());
        let why = format!("they cannot be copied to {}: {error}", folder.display());
        self.note(format!("plugins {from}, without an A/A control; {why} (TMPDIR names another folder)"));
    }

    /// Some do not run from another folder. Whoever fails from a copy gets another chance from its own file; says whether it is due.
    pub(super) fn goes_home(&mut self, culprit: &Culprit) -> bool {
        let Some(backend) = culprit.backend().filter(|&backend| backend < self.run.plan.backends.len()) else {
            return false;
        };
        let due = self.at_home.insert(backend);
        if due {
            let alias = self.run.plan.backends[backend].alias();
            self.note(format!("`{alias}` is loaded from its own file from here on; from a copy of it: {culprit}"));
            self.controlled &= backend != self.run.plan.reference;
        }
        due
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

    fn plugin(index: usize, path: &Path, control: bool) -> PluginRef {
        let (tier, options) = Default::default();
        PluginRef {
            index,
            path: path.to_owned(),
            tier,
            threads: 1,
            options,
            threads_variable: None,
            allow_debug: false,
            control,
        }
    }

    #[test]
    fn one_library_is_one_copy_and_the_controls_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let [acme, other] = ["libacme.so", "libother.so"].map(|name| folder.path().join(name));
        [&acme, &other].into_iter().for_each(|path| fs::write(path, "no ELF").unwrap());
        let mut plugins =
            [plugin(0, &acme, false), plugin(1, &acme, false), plugin(2, &other, false), plugin(3, &acme, true)];
        assert!(Copies::of(&mut plugins, |_| false).unwrap().is_none());
        let copies = Copies::of(&mut plugins, |plugin| plugin.index != 2).unwrap().unwrap();
        let [a, b, c, control] = plugins.map(|plugin| plugin.path);
        assert!(a == b && a != acme && c == other && control != a && control != acme);
        assert_eq!((control.file_name(), fs::read(&control).unwrap()), (acme.file_name(), b"no ELF".to_vec()));
        drop(copies);
        assert!(!a.exists() && !a.parent().unwrap().parent().unwrap().exists());
    }

    #[test]
    fn only_copies_that_nobody_holds_are_swept() {
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
        Copies::sweep_in(folder.path());
        let is_there = |name: &str| folder.path().join(name).join("0").exists();
        assert!(strangers.iter().chain([&held, &fresh]).all(|name| is_there(name)));
        assert!(!is_there(left));
        drop(lock);
        Copies::sweep_in(folder.path());
        assert!(!is_there(held));
    }

    #[test]
    fn copies_in_use_are_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libacme.so");
        fs::write(&path, "no ELF").unwrap();
        let copies = Copies::of(&mut [plugin(0, &path, false)], |_| true).unwrap().unwrap();
        assert!(File::open(&copies.folder).unwrap().try_lock().is_err());
        assert!(is_ours(copies.folder.file_name().unwrap().to_str().unwrap()));
    }
}
