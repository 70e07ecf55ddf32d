//! A fresh copy of every plugin for each launch: the same code in other pages of memory.
//!
//! Where a file's pages happen to lie in the page cache stays the same from launch to launch, and so does what it costs. Of
//! byte copies that were made once, some differed by 1.5 % in a layernorm in every launch, and in three runs with other
//! seeds; the truth lay inside 36 of 48 intervals. With copies for every launch it is chance, which launches average and
//! intervals know of: 44 of 48, in the same time (2026-11-25).

use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use smbench_core::message::PluginRef;

use super::Conductor;
use super::folder::Folder;
use crate::worker::Culprit;
use crate::{elf, grants};

/// The copies of one launch; gone when it is over.
pub(super) struct Copies {
    folder: Folder,
}

impl Copies {
    /// Has each of the plugins that may load a copy. What is one library stays one, but for the A/A control, which is to be
    /// another than the reference's. `None` where nobody may.
    pub(super) fn of(plugins: &mut [PluginRef], may: impl Fn(&PluginRef) -> bool) -> io::Result<Option<Self>> {
        if !plugins.iter().any(&may) {
            return Ok(None);
        }
        let copies = Self { folder: Folder::create()? };
        let mut made: Vec<(PathBuf, PathBuf)> = Vec::new();
        for (place, plugin) in plugins.iter_mut().enumerate().filter(|(_, plugin)| may(plugin)) {
            let known = made.iter().find(|(original, _)| *original == plugin.path && !plugin.control);
            let copy = match known {
                Some((_, copy)) => copy.clone(),
                None => copies.copy(&plugin.path, place)?,
            };
            made.push((plugin.path.clone(), copy.clone()));
            plugin.grants.add_path(grants::folder_of(&copy));
            plugin.path = copy;
        }
        Ok(Some(copies))
    }

    /// A folder of its own, so that the file can keep its name; without what is never loaded, debug information above all.
    fn copy(&self, original: &Path, place: usize) -> io::Result<PathBuf> {
        let folder = self.folder.path().join(place.to_string());
        fs::create_dir(&folder)?;
        let copy = folder.join(original.file_name().unwrap_or(original.as_os_str()));
        let loaded = elf::loaded_bytes(original)?;
        io::copy(&mut File::open(original)?.take(loaded), &mut File::create(&copy)?)?;
        Ok(copy)
    }
}

impl Conductor<'_> {
    /// Who brings libraries of its own might not find them elsewhere: it is loaded from its own file, and has no control.
    pub(super) fn prepare_copies(&mut self) {
        Folder::sweep();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(index: usize, path: &Path, control: bool) -> PluginRef {
        let (tier, options, grants) = Default::default();
        PluginRef {
            index,
            path: path.to_owned(),
            tier,
            threads: 1,
            options,
            threads_variable: None,
            allow_debug: false,
            control,
            logit_tolerance: None,
            grants,
            trusted: false,
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
    fn copies_in_use_are_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libacme.so");
        fs::write(&path, "no ELF").unwrap();
        let copies = Copies::of(&mut [plugin(0, &path, false)], |_| true).unwrap().unwrap();
        assert!(File::open(copies.folder.path()).unwrap().try_lock().is_err());
    }
}
