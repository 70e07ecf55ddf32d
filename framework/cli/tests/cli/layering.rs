//! Who may import whom: the table of DESIGN, over what cargo says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::root;

/// Each crate of ours, and which others of ours it may import.
const LAYERS: &[(&str, &[&str])] = &[
    ("smbench-abi", &[]),
    ("smbench-core", &[]),
    ("smbench-kernels", &[]),
    ("smbench-ops", &["smbench-abi"]),
    ("smbench-sdk", &["smbench-abi", "smbench-ops"]),
    ("smbench-report", &["smbench-core"]),
    ("smbench-naive", &["smbench-sdk", "smbench-kernels"]),
    ("smbench-pooled", &["smbench-sdk", "smbench-kernels"]),
    ("smbench-faer", &["smbench-sdk", "smbench-kernels"]),
    ("smbench-harness", &["smbench-abi", "smbench-ops", "smbench-core"]),
    ("smbench-host", &["smbench-core"]),
    ("smbench-suites", &["smbench-abi", "smbench-ops", "smbench-core", "smbench-harness"]),
    (
        "smbench",
        &[
            "smbench-abi",
            "smbench-ops",
            "smbench-core",
            "smbench-harness",
            "smbench-host",
            "smbench-report",
            "smbench-suites",
        ],
    ),
    ("smbench-lab", &["smbench-abi", "smbench-core"]),
    ("smbench-lab-plugin", &["smbench-sdk", "smbench-kernels"]),
    ("xtask", &[]),
];

/// The only sources that may name abi_stable: it is no longer maintained, and leaving it must stay easy.
const ABI_STABLE: [&str; 2] = ["framework/abi/src/rust_door.rs", "framework/harness/src/plugin.rs"];

#[test]
fn nobody_imports_what_is_above() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(name).collect();
    assert_eq!(ours, LAYERS.iter().map(|(name, _)| *name).collect(), "every crate has its place");
    for package in &packages {
        let (_, allowed) = LAYERS.iter().find(|(layer, _)| *layer == name(package)).unwrap();
        let imports = imports(package);
        let beyond: Vec<_> = imports.intersection(&ours).filter(|import| !allowed.contains(import)).collect();
        assert!(beyond.is_empty(), "{} imports {beyond:?}; it may import {allowed:?}", name(package));
    }
}

#[test]
fn abi_stable_is_used_in_two_files() {
    let mut sources = Vec::new();
    for folder in ["framework", "backends", "suites", "xtask"] {
        collect_sources(&root().join(folder), &mut sources);
    }
    let users = sources.iter().filter(|path| fs::read_to_string(path).unwrap().lines().any(uses_abi_stable));
    let beyond: Vec<_> = users.filter(|path| !ABI_STABLE.iter().any(|known| path.ends_with(known))).collect();
    assert!(beyond.is_empty(), "{beyond:?}");
    let importers: Vec<_> = packages().into_iter().filter(|package| imports(package).contains("abi_stable")).collect();
    assert_eq!(importers.len(), 1, "smbench-abi alone depends on it");
}

/// In code; a comment may say what a thing is for.
fn uses_abi_stable(line: &str) -> bool {
    let uses = [concat!("abi_stable", "::"), concat!("extern crate ", "abi_stable")];
    !line.trim_start().starts_with("//") && uses.iter().any(|name| line.contains(name))
}

fn collect_sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.ends_with("tests/frozen") {
            continue; // plugins as they once were
        }
        if path.is_dir() {
            collect_sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The crates of the workspace.
fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut metadata = Command::new(cargo);
    metadata.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).current_dir(root());
    let mut metadata: Value = serde_json::from_slice(&metadata.output().unwrap().stdout).unwrap();
    serde_json::from_value(metadata["packages"].take()).unwrap()
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

/// What a crate imports; its tests may import what they like.
fn imports(package: &Value) -> BTreeSet<&str> {
    let dependencies = package["dependencies"].as_array().unwrap().iter();
    dependencies.filter(|dependency| dependency["kind"] != "dev").map(name).collect()
}
