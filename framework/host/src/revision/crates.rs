//! Which plugin crates of a repository are meant.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use smbench_core::backend::BackendSpec;

use super::Repository;
use crate::error::{Error, Result, suggest};
use crate::search::build;

/// A plugin crate of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crate {
    /// The package's name.
    pub name: String,
    /// Its folder, from the repository's root.
    pub folder: PathBuf,
    /// Where its `Cargo.lock` is, from the repository's root.
    pub workspace: PathBuf,
    /// Where cargo builds it for the user; absolute.
    pub target: PathBuf,
}

/// The part of `cargo metadata` that says what there is.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
    name: String,
}

const CDYLIB: &str = "cdylib";

impl Package {
    /// Name of the library, if it is a plugin's kind.
    fn library(&self) -> Option<&str> {
        let is_plugin = |target: &&Target| target.kind.iter().any(|kind| kind == CDYLIB);
        self.targets.iter().find(is_plugin).map(|target| target.name.as_str())
    }

    fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new("/"))
    }

    /// What reports call it, as they call its library: `smbench_pooled` is `pooled`.
    fn short(&self) -> Option<&str> {
        self.library().map(|library| library.strip_prefix("smbench_").unwrap_or(library))
    }

    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.library() == Some(name) || self.short() == Some(name)
    }
}

/// The crates that were asked for, from `folder`; of none, the one there, else all plugin crates of its workspace. Each with
/// its spec, whose source is of no use any more.
pub fn crates(repository: &Repository, folder: &Path, asked: &[BackendSpec]) -> Result<Vec<(BackendSpec, Crate)>> {
    if asked.is_empty() {
        return by_folder(repository, folder);
    }
    asked.iter().map(|spec| one(repository, folder, spec)).collect()
}

fn by_folder(repository: &Repository, folder: &Path) -> Result<Vec<(BackendSpec, Crate)>> {
    let metadata = metadata(folder)?;
    let here = nearest_manifest(folder);
    let own = metadata.packages.iter().filter(|package| Some(package.folder()) == here.as_deref());
    let own: Vec<&Package> = own.filter(|package| package.library().is_some()).collect();
    let all = || metadata.packages.iter().filter(|package| package.library().is_some()).collect();
    let found: Vec<&Package> = if own.is_empty() { all() } else { own };
    if found.is_empty() {
        return Err(Error::usage("there is no plugin crate here")
            .because(format!("no package of `{}` has the crate type `{CDYLIB}`", metadata.workspace_root.display()))
            .help("name the folder of one: `-b ./acme`; or make one: `crate-type = [\"cdylib\"]`"));
    }
    found.into_iter().map(|package| found_as(repository, &metadata, package, None)).collect()
}

fn one(repository: &Repository, folder: &Path, spec: &BackendSpec) -> Result<(BackendSpec, Crate)> {
    let source = &spec.source;
    let path = folder.join(source);
    if source.ends_with(".so") {
        let cause = "a library has no revisions: its crate has";
        return Err(Error::usage(format!("cannot build `{source}`")).because(cause).help("give the crate's folder"));
    }
    if source.contains('/') || source.starts_with('.') {
        let metadata = metadata(&path)?;
        let here = fs::canonicalize(&path).unwrap_or(path);
        let package = metadata.packages.iter().find(|package| package.folder() == here && package.library().is_some());
        let package = package.ok_or_else(|| no_plugin(source))?;
        return found_as(repository, &metadata, package, Some(spec));
    }
    // A name is looked for in the workspace here; where there is none, in that of the repository.
    let metadata = metadata(folder).or_else(|_| metadata(&repository.root))?;
    let package = metadata.packages.iter().find(|package| package.is_called(source) && package.library().is_some());
    let package = package.ok_or_else(|| {
        let known = metadata.packages.iter().filter_map(Package::short);
        let help = suggest(source, known).unwrap_or_else(|| "name the folder of one: `-b ./acme`".to_owned());
        let cause = format!("no package of `{}` is called so", metadata.workspace_root.display());
        Error::usage(format!("no plugin crate `{source}`")).because(cause).help(help)
    })?;
    found_as(repository, &metadata, package, Some(spec))
}

fn no_plugin(source: &str) -> Error {
    Error::usage(format!("`{source}` builds no plugin"))
        .because(format!("it is no package with the crate type `{CDYLIB}`"))
        .help("in its Cargo.toml: `[lib]` and `crate-type = [\"cdylib\"]`")
}

/// With its spec as asked for, else as its library would have been.
fn found_as(
    repository: &Repository,
    metadata: &Metadata,
    package: &Package,
    asked: Option<&BackendSpec>,
) -> Result<(BackendSpec, Crate)> {
    let short = package.short().unwrap_or(&package.name);
    let mut spec = match asked {
        Some(spec) => spec.clone(),
        None => short.parse().map_err(|why| Error::usage("a crate cannot be named").because(why))?,
    };
    if spec.alias.trim_matches('.').is_empty() {
        spec.alias = short.to_owned(); // `-b .`
    }
    let folder = package.folder().strip_prefix(&repository.root).map_err(|_| {
        let cause = format!("it is not in the repository `{}`", repository.root.display());
        Error::usage(format!("`{short}` has no revisions here")).because(cause).help("go to its repository")
    })?;
    // A workspace above the repository is outside, and so is its lock file: it stands beside the copy as it does here.
    let workspace = metadata.workspace_root.strip_prefix(&repository.root).unwrap_or(folder);
    let found = Crate {
        name: package.name.clone(),
        folder: folder.to_owned(),
        workspace: workspace.to_owned(),
        target: metadata.target_directory.clone(),
    };
    Ok((spec, found))
}

/// The folder of the manifest that cargo would take.
fn nearest_manifest(folder: &Path) -> Option<PathBuf> {
    let folder = fs::canonicalize(folder).ok()?;
    folder.ancestors().find(|folder| folder.join("Cargo.toml").is_file()).map(Path::to_owned)
}

/// Looks only: neither resolves nor writes a lock file.
fn metadata(folder: &Path) -> Result<Metadata> {
    let failed = |why: String, help: &str| {
        Error::usage(format!("cannot tell which crates are in `{}`", folder.display())).because(why).help(help)
    };
    if !folder.is_dir() {
        return Err(failed("there is no such folder".to_owned(), "check the path"));
    }
    let mut cargo = build::cargo(folder);
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let output = cargo.output().map_err(|error| failed(format!("cannot run cargo: {error}"), "is cargo installed?"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim().trim_start_matches("error: ");
        return Err(failed(said.to_owned(), "go to the folder of a plugin crate, or name one: `-b ./acme`"));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| failed(format!("cargo metadata: {error}"), "update cargo"))
}
