//! The A/A control: a copy of the reference's file, which is another library to the loader.

use std::path::{Path, PathBuf};
use std::{env, fs, io, process};

use smbench_core::backend::Backend;
use smbench_core::control;
use smbench_core::message::PluginRef;

use super::Conductor;
use crate::worker::Culprit;

/// The copy; gone when the run ends.
pub(super) struct Copy {
    folder: PathBuf,
    file: PathBuf,
}

impl Copy {
    /// A folder of its own, so that the file can keep its name.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let folder = env::temp_dir().join(format!("smbench-{}-{:08x}", process::id(), fastrand::u32(..)));
        fs::create_dir(&folder)?;
        let copy = Self { file: folder.join(path.file_name().unwrap_or(path.as_os_str())), folder };
        fs::copy(path, &copy.file)?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // Nobody is left to tell, and the next start of the machine empties the folder above.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Conductor<'_> {
    /// Makes the copy, unless the reference cannot have one.
    pub(super) fn prepare_control(&mut self) {
        let Some(reference) = self.run.plan.backends.get(self.run.plan.reference) else { return };
        match copy(reference) {
            Ok(copy) => self.copy = Some(copy),
            Err(why) => self.note(format!("no A/A control: {why}")),
        }
    }

    /// The copy as one more player of this launch, where the reference plays and it is the control's turn.
    pub(super) fn control(&self, number: u32, case: usize, able: &[usize]) -> Option<PluginRef> {
        let plan = &self.run.plan;
        let copy = self.copy.as_ref().filter(|_| able.contains(&plan.reference))?;
        let (path, index) = (copy.file.clone(), plan.control());
        control::takes_part(plan, number, case).then(|| PluginRef {
            index,
            path,
            control: true,
            ..self.plugin(case, plan.reference)
        })
    }

    /// A build that does not bear its own copy fails as the one or the other, whichever was loaded later.
    pub(super) fn may_be_the_control(&self, culprit: &Culprit, number: u32, case: usize, able: &[usize]) -> bool {
        let twins = [self.run.plan.reference, self.run.plan.control()];
        let suspected = culprit.backend().is_some_and(|backend| twins.contains(&backend));
        suspected && self.control(number, case, able).is_some()
    }

    /// Whatever went wrong with the copy is no backend's fault: the run goes on without it.
    pub(super) fn give_up_control(&mut self, why: &str) {
        self.copy = None;
        self.note(format!("no A/A control from here on: {why}"));
    }
}

fn copy(reference: &Backend) -> Result<Copy, String> {
    if !reference.libraries_sha256.is_empty() {
        return Err(format!("`{}` brings libraries that a copy elsewhere might not find", reference.alias()));
    }
    Copy::of(Path::new(&reference.path)).map_err(|error| format!("`{}` cannot be copied: {error}", reference.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_name_and_goes_with_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libacme.so");
        fs::write(&path, "acme").unwrap();
        let copy = Copy::of(&path).unwrap();
        let file = copy.file.clone();
        assert_eq!((file.file_name(), fs::read(&file).unwrap()), (path.file_name(), b"acme".to_vec()));
        drop(copy);
        assert!(!file.exists() && !file.parent().unwrap().exists());
    }
}
