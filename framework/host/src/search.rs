//! Finds the plugin that `--backend SOURCE` means. Nothing is loaded here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use smbench_core::backend::BackendSpec;

use crate::elf::{self, ElfSummary, Refusal};
use crate::error::{Error, Result, suggest};
use crate::hash;

pub(crate) mod build;

pub use build::Progress;

/// Folders of plugins, separated by colons.
pub const PATH_VARIABLE: &str = "SMBENCH_PLUGIN_PATH";

/// Where plugins are looked for by name, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// Folders, with no regard to whether they exist.
    pub folders: Vec<PathBuf>,
}

/// A plugin's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Absolute, links resolved.
    pub path: PathBuf,
    /// SHA-256 of the file; empty of what cannot be read.
    pub sha256: String,
    /// What its headers say. A refused file may be a row of the run, or the end of it: the caller decides.
    pub elf: std::result::Result<ElfSummary, Refusal>,
}

impl Search {
    /// `$SMBENCH_PLUGIN_PATH`, beside this executable, and `../lib/smbench` from there.
    pub fn from_environment() -> Self {
        let executable = env::current_exe().and_then(fs::canonicalize).ok();
        Self::new(env::var_os(PATH_VARIABLE), executable.as_deref().and_then(Path::parent))
    }

    fn new(variable: Option<std::ffi::OsString>, beside: Option<&Path>) -> Self {
        let named = variable.iter().flat_map(env::split_paths).filter(|folder| !folder.as_os_str().is_empty());
        let beside =
            beside.into_iter().flat_map(|folder| [folder.to_owned(), folder.with_file_name("lib").join("smbench")]);
        Self { folders: named.chain(beside).collect() }
    }

    /// The plugin of one backend; a relative path starts at `base`. A crate is built first, which is
    /// what `progress` hears of.
    pub fn find(&self, spec: &BackendSpec, base: &Path, progress: Progress<'_>) -> Result<Found> {
        let about = |error: Error| match error.what.contains(&spec.source) {
            true => error,
            false => Error { what: format!("backend `{}`: {}", spec.alias, error.what), ..error },
        };
        let path = match Source::of(&spec.source, base) {
            Source::Name(name) => self.by_name(name),
            Source::Crate(folder) => build::library(&folder, None, progress),
            Source::File(path) => Ok(path),
        };
        path.and_then(|path| identify(&path)).map_err(about)
    }

    /// Every plugin that has a name here: the first of each.
    pub fn installed(&self) -> Vec<(String, PathBuf)> {
        let mut installed = BTreeMap::new();
        for (name, path) in self.folders.iter().flat_map(|folder| plugins_in(folder)) {
            installed.entry(name).or_insert(path);
        }
        installed.into_iter().collect()
    }

    fn by_name(&self, name: &str) -> Result<PathBuf> {
        let files =
            |folder: &PathBuf| [folder.join(format!("libsmbench_{name}.so")), folder.join(format!("lib{name}.so"))];
        let found = self.folders.iter().flat_map(files).find(|file| file.is_file());
        found.ok_or_else(|| self.unknown(name))
    }

    fn unknown(&self, name: &str) -> Error {
        let folders: Vec<String> = self.folders.iter().map(|folder| folder.display().to_string()).collect();
        let cause = format!("neither `libsmbench_{name}.so` nor `lib{name}.so` is in {}", folders.join(", "));
        let installed = self.installed();
        let help = suggest(name, installed.iter().map(|(name, _)| name.as_str()));
        let help = help.unwrap_or_else(|| {
            "no plugin is installed: build them with `cargo build --release --workspace`".to_owned()
        });
        let next = format!("{help}; or give a path: `--backend ./lib{name}.so`");
        Error::usage(format!("no plugin `{name}`")).because(cause).help(next)
    }
}

/// Refuses two backends of one name, and says how to name them.
pub fn check_aliases(specs: &[BackendSpec]) -> Result<()> {
    for (index, second) in specs.iter().enumerate() {
        if let Some(first) = specs[..index].iter().find(|first| first.alias == second.alias) {
            return Err(Error::usage(format!("two backends are named `{}`", second.alias))
                .because(format!("`{}` and `{}` would share its rows", source(first), source(second)))
                .help(format!("name them: `--backend old={} --backend new={}`", source(first), source(second))));
        }
    }
    Ok(())
}

fn source(spec: &BackendSpec) -> String {
    spec.tier.iter().fold(spec.source.clone(), |source, tier| format!("{source}@{tier}"))
}

/// What a source can be.
enum Source<'a> {
    Name(&'a str),
    Crate(PathBuf),
    File(PathBuf),
}

impl<'a> Source<'a> {
    /// A path has a `/`, begins with a dot or looks like a library; a crate is the path of a folder.
    fn of(source: &'a str, base: &Path) -> Self {
        let path = if base == Path::new(".") { source.into() } else { base.join(source) };
        let is_path = source.contains('/') || source.ends_with(".so") || source.contains(".so.");
        if path.join("Cargo.toml").is_file() && (is_path || source.starts_with('.')) {
            Self::Crate(path)
        } else if is_path || source.starts_with('.') {
            Self::File(path)
        } else {
            Self::Name(source)
        }
    }
}

/// Only where there is nothing at all is the source a mistake: anything else has a place in the run, if only to be refused.
fn identify(path: &Path) -> Result<Found> {
    let shown = path.display();
    let failed = |error: io::Error| Error::usage(format!("cannot read `{shown}`")).because(error);
    if let Err(error) = fs::symlink_metadata(path) {
        let error = match error.kind() {
            io::ErrorKind::NotFound => Error::usage(format!("there is no file `{shown}`")),
            _ => failed(error),
        };
        return Err(error.help("check the path, or build the plugin first"));
    }
    let elf = elf::check(path);
    let path = fs::canonicalize(path).or_else(|_| std::path::absolute(path)).map_err(failed)?;
    let sha256 = match hash::file(&path) {
        Err(error) if elf.is_ok() => return Err(failed(error)),
        hash => hash.unwrap_or_default(),
    };
    Ok(Found { elf, path, sha256 })
}

/// `libsmbench_NAME.so` is taken for a plugin as it is; another library must show a door. A name that begins with an underscore
/// is nobody's but its owner's: it is found when asked for, and not offered.
fn plugins_in(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut plugins: Vec<(String, PathBuf)> = Vec::new();
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let stem = path.file_name().and_then(|name| name.to_str()?.strip_prefix("lib")?.strip_suffix(".so"));
        match stem.map(|stem| stem.strip_prefix("smbench_").ok_or(stem)) {
            Some(Ok(name)) => plugins.push((name.to_owned(), path.clone())),
            Some(Err(name)) if !name.starts_with('_') && elf::check(&path).is_ok() => {
                plugins.push((name.to_owned(), path.clone()))
            }
            _ => {}
        }
    }
    plugins
}

#[cfg(test)]
mod tests;
