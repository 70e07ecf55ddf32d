//! A fresh copy of every plugin for each launch: the same code in other pages of memory.
//!
//! Where a file's pages happen to lie in the page cache stays the same from launch to launch, and so does what it costs. Of
//! byte copies that were made once, some differed by 1.5 % in a layernorm in every launch, and in three runs with other
//! seeds; the truth lay inside 36 of 48 intervals. With copies for every launch it is chance, which launches average and
//! intervals know of: 44 of 48, in the same time (2026-11-25).

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{env, process};

use smbench_core::message::PluginRef;

use super::Conductor;
use crate::elf;
use crate::worker::Culprit;

/// The copies of one launch; gone when it is over.
pub(super) struct Copies {
    folder: PathBuf,
}

/// Then follows whose they are: the process.
const PREFIX: &str = "smbench-";

impl Copies {
    /// Has each of the plugins that may load a copy. What is one library stays one, but for the A/A control, which is to be
    /// another than the reference's.
    pub(super) fn of(plugins: &mut [PluginRef], may: impl Fn(&PluginRef) -> bool) -> io::Result<Self> {
        let name = format!("{PREFIX}{}-{:08x}", process::id(), fastrand::u32(..));
        let copies = Self { folder: env::temp_dir().join(name) };
        fs::create_dir(&copies.folder)?;
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
        Ok(copies)
    }

    /// Removes what processes that were killed have left behind.
    pub(super) fn sweep() {
        for entry in fs::read_dir(env::temp_dir()).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let process =
                name.to_str().and_then(|name| name.strip_prefix(PREFIX)).and_then(|rest| rest.split_once('-'));
            if process.is_some_and(|(process, _)| !Path::new("/proc").join(process).exists()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(index: usize, path: &Path, control: bool) -> PluginRef {
        let (tier, options) = Default::default();
        PluginRef { index, path: path.to_owned(), tier, threads: 1, options, allow_debug: false, control }
    }

    #[test]
    fn one_library_is_one_copy_and_the_controls_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let [acme, other] = ["libacme.so", "libother.so"].map(|name| folder.path().join(name));
        [&acme, &other].into_iter().for_each(|path| fs::write(path, "no ELF").unwrap());
        let mut plugins =
            [plugin(0, &acme, false), plugin(1, &acme, false), plugin(2, &other, false), plugin(3, &acme, true)];
        let copies = Copies::of(&mut plugins, |plugin| plugin.index != 2).unwrap();
        let [a, b, c, control] = plugins.map(|plugin| plugin.path);
        assert!(a == b && a != acme && c == other && control != a && control != acme);
        assert_eq!((control.file_name(), fs::read(&control).unwrap()), (acme.file_name(), b"no ELF".to_vec()));
        drop(copies);
        assert!(!a.exists() && !a.parent().unwrap().parent().unwrap().exists());
    }
}
