//! The file system as it looks from a repository, at another place.
//!
//! A crate reaches out of its repository: `path = "../smbench/framework/sdk"`, a `.cargo/config.toml` or a workspace above it.
//! All of that resolves from a copy of the repository, too, if the copy has the same neighbours. So for a repository at
//! `/home/u/acme` the copy stands at `MIRROR/home/u/acme`, and beside each of these folders stand links to what is beside
//! the real one: `MIRROR/home/u/smbench` leads to `/home/u/smbench`.

use std::ffi::OsStr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Where the copy of `root` stands in a mirror.
pub fn place(mirror: &Path, root: &Path) -> PathBuf {
    mirror.join(root.strip_prefix("/").unwrap_or(root))
}

/// Makes that place, and the links to all that is beside it and beside the folders above it.
pub fn make(mirror: &Path, root: &Path) -> io::Result<()> {
    fs::create_dir_all(place(mirror, root))?;
    let cargo_home = cargo_home();
    for (folder, inner) in root.ancestors().skip(1).zip(root.ancestors()) {
        // A folder that may be passed but not listed has neighbours that only their owner knows.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            // Cargo reads its own home in any case; twice would pass every flag in it twice.
            let is_beside = inner.file_name() != Some(&entry.file_name()) && Some(entry.path()) != cargo_home;
            if is_beside {
                link(&entry.path(), &place(mirror, folder).join(entry.file_name()))?;
            }
        }
    }
    Ok(())
}

fn link(to: &Path, from: &Path) -> io::Result<()> {
    match symlink(to, from) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn cargo_home() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| value != OsStr::new("")).map(PathBuf::from);
    set("CARGO_HOME").or_else(|| Some(set("HOME")?.join(".cargo")))
}
