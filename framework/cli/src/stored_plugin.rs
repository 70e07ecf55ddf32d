//! Plugins of stored runs, to be measured again.

use std::fs;
use std::path::{Path, PathBuf};

use smbench_core::backend::{Backend, BackendSpec};
use smbench_core::run::Run;
use smbench_host::error::{Error, Result};
use smbench_host::hash;
use smbench_host::store::Store;
use smbench_host::store::location::Location;

/// Restored plugins lie here, each in a folder of its hash; `smbench gc` removes it.
pub const FOLDER: &str = "plugins";

/// A stored backend as one of a new run, under another alias.
pub fn spec(location: &Location, store: &dyn Store, backend: &Backend, alias: String) -> Result<BackendSpec> {
    let source = library(location, store, backend)?.display().to_string();
    Ok(BackendSpec { alias, source, ..backend.spec.clone() })
}

/// The name of a stored backend beside a newer one: `pooled-main`, or `pooled-3fa2` of a run without a label.
pub fn alias(backend: &Backend, run: &Run) -> String {
    let id = run.id.rsplit('-').next().unwrap_or(&run.id);
    format!("{}-{}", backend.alias(), run.label.as_deref().unwrap_or(id))
}

/// The library where it was, if that is still the build that was measured; else its bytes from the store.
fn library(location: &Location, store: &dyn Store, backend: &Backend) -> Result<PathBuf> {
    let path = Path::new(&backend.path);
    let same_libraries = || hash::libraries(&backend.plugin.libraries) == backend.libraries_sha256;
    if hash::file(path).ok().as_ref() == Some(&backend.sha256) && same_libraries() {
        return Ok(path.to_owned());
    }
    let cannot = |why: String| {
        Error::usage(format!("the stored plugin of `{}` cannot be run again", backend.alias())).because(why)
    };
    if !backend.libraries_sha256.is_empty() {
        let help = "put the old build back, or name two builds: `smbench run -b old=… -b new=…`";
        return Err(cannot("it brought libraries along, which are not stored".to_owned()).help(help));
    }
    let bytes = store.plugin_bytes(&backend.sha256)?;
    let bytes = bytes.ok_or_else(|| {
        cannot("its bytes are not in the store: it came with an imported run, or was too large".to_owned())
    })?;
    restore(location, path, &backend.sha256, &bytes).map_err(|error| cannot(error.to_string()))
}

/// A second copy of a library, for a comparison of a build with itself: the loader tells files apart, not bytes.
pub fn copy(location: &Location, library: &Path, sha256: &str) -> Result<PathBuf> {
    let cannot = |error| Error::internal(format!("cannot copy `{}`", library.display())).because(error);
    let bytes = fs::read(library).map_err(cannot)?;
    restore(location, library, &format!("{sha256}-copy"), &bytes).map_err(cannot)
}

fn restore(location: &Location, path: &Path, folder: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    let folder = location.file.with_file_name(FOLDER).join(folder);
    fs::create_dir_all(&folder)?;
    let file = folder.join(path.file_name().unwrap_or(path.as_os_str()));
    // Another smbench may be measuring it: a fresh file would be another build to that run.
    if fs::read(&file).is_ok_and(|there| there == bytes) {
        return Ok(file);
    }
    // Another smbench may be about to load it: never a file that is half there.
    let whole = folder.join(format!(".{}", std::process::id()));
    fs::write(&whole, bytes)?;
    fs::rename(&whole, &file)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn what_is_there_already_stays_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::named(folder.path());
        let restored = |bytes: &[u8]| restore(&location, Path::new("/gone/libacme.so"), "77c0", bytes).unwrap();
        let stamp = |path: &Path| fs::metadata(path).map(|file| (file.ino(), file.mtime_nsec())).unwrap();
        let path = restored(b"one");
        let before = stamp(&path);
        assert_eq!((restored(b"one"), stamp(&path)), (path.clone(), before));
        fs::write(&path, "on").unwrap();
        assert_eq!((restored(b"one"), fs::read(&path).unwrap()), (path, b"one".to_vec()));
    }
}
