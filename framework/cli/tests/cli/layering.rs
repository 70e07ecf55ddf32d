//! Who may import whom: the table of DESIGN, over what cargo says.

use std::collections::{BTreeMap, BTreeSet};
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
    ("xtask", &[]),
];

/// The only sources that may name abi_stable: it is no longer maintained, and leaving it must stay easy.
const ABI_STABLE: [&str; 2] = ["framework/abi/src/rust_door.rs", "framework/harness/src/plugin.rs"];

#[test]
fn nobody_imports_what_is_above() {
    let imports = imports();
    let known: BTreeSet<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(imports.keys().map(String::as_str).collect::<BTreeSet<_>>(), known, "every crate has its place");
    for (name, allowed) in LAYERS {
        let beyond: Vec<_> = imports[*name].iter().filter(|import| !allowed.contains(&import.as_str())).collect();
        assert!(beyond.is_empty(), "{name} imports {beyond:?}; it may import {allowed:?}");
    }
}

#[test]
fn abi_stable_is_used_in_two_files() {
    let mut users: Vec<PathBuf> = Vec::new();
    for folder in ["framework", "backends", "suites", "xtask"] {
        sources(&root().join(folder), &mut users);
    }
    let uses = |path: &PathBuf| fs::read_to_string(path).unwrap().lines().any(uses_abi_stable);
    let users: Vec<_> = users.iter().filter(|path| uses(path)).map(|path| path.strip_prefix(root()).unwrap()).collect();
    let others: Vec<_> =
        users.iter().filter(|path| !ABI_STABLE.iter().any(|known| Path::new(known) == **path)).collect();
    assert!(others.is_empty(), "{others:?}");
}

/// In code; a comment may say what a thing is for.
fn uses_abi_stable(line: &str) -> bool {
    !line.trim_start().starts_with("//") && (line.contains("abi_stable::") || line.contains("extern crate abi_stable"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with(file!().rsplit('/').next().unwrap())
        {
            found.push(path);
        }
    }
}

/// What each crate of the workspace imports of the others; tests may import what they like.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let of = |package: &Value| {
        let dependencies = package["dependencies"].as_array().unwrap().iter().filter(|d| d["kind"] != "dev");
        let names = dependencies.map(|dependency| dependency["name"].as_str().unwrap());
        names.filter(|name| ours.contains(name)).map(str::to_owned).collect()
    };
    packages.iter().map(|package| (package["name"].as_str().unwrap().to_owned(), of(package))).collect()
}
