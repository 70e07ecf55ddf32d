//! `cargo xtask dist`: one tarball that runs from anywhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{cargo, root, run, target};

/// Plugins that ship.
const PLUGINS: [&str; 3] = ["naive", "pooled", "faer"];

/// Configs that do not ship: peers are built in the repository, and named by their place in it.
const OF_PEERS: [&str; 2] = ["peers.ron", "industry.ron"];

/// Files and folders that ship beside binary and plugins: from, to.
const FILES: [(&str, &str); 7] = [
    ("framework/abi/include/smbench.h", "include/smbench.h"),
    ("configs", "share/smbench/configs"),
    ("suites", "share/smbench/suites"),
    ("README.md", "README.md"),
    ("METHODOLOGY.md", "METHODOLOGY.md"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
];

/// Crates that a plugin in Rust is built with, as sources: `smbench new` looks for them there.
const SOURCES: [&str; 3] = ["framework/abi", "framework/ops", "framework/sdk"];

/// Builds and packs `dist/smbench-VERSION-TARGET.tar.gz`.
pub fn dist() -> Result<(), String> {
    run(&mut cargo(&["build", "--release", "--workspace"]))?;
    let name = format!("smbench-{}-{}-linux-gnu", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    let folder = root().join("dist");
    let stage = folder.join(&name);
    let _ = fs::remove_dir_all(&stage);
    let release = target().join("release");
    copy(&release.join("smbench"), &stage.join("bin/smbench"))?;
    for plugin in PLUGINS {
        let file = format!("libsmbench_{plugin}.so");
        copy(&release.join(&file), &stage.join("lib/smbench").join(&file))?;
    }
    for (from, to) in FILES {
        copy_all(&root().join(from), &stage.join(to))?;
    }
    sources(&stage.join("share/smbench/src"))?;
    let tarball = format!("{name}.tar.gz");
    run(Command::new("tar").args(["-czf", &tarball, &name]).current_dir(&folder))?;
    println!("dist/{tarball}");
    Ok(())
}

/// What git has of the crates, in a workspace of their own.
fn sources(to: &Path) -> Result<(), String> {
    let listed = Command::new("git").arg("ls-files").args(SOURCES).current_dir(root()).output();
    let listed = listed.map_err(|error| format!("git ls-files: {error}"))?;
    if !listed.status.success() {
        return Err(format!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr).trim()));
    }
    for file in String::from_utf8_lossy(&listed.stdout).lines().filter(|file| !file.contains("/tests/")) {
        copy(&root().join(file), &to.join(file))?;
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).map_err(|error| format!("Cargo.toml: {error}"))?;
    let members = format!("members = {SOURCES:?}");
    let ours = |line: &&str| line.starts_with("members = ");
    let line = manifest.lines().find(ours).ok_or("Cargo.toml names no members")?;
    let (own, _) = manifest.split_once("\n[profile.").ok_or("Cargo.toml has no profiles")?;
    fs::write(to.join("Cargo.toml"), own.replace(line, &members)).map_err(|error| format!("{}: {error}", to.display()))
}

/// A file, or of a folder the `.ron` files.
fn copy_all(from: &Path, to: &Path) -> Result<(), String> {
    if from.is_file() {
        return copy(from, to);
    }
    let entries = fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))?;
    let ships = |path: &PathBuf| {
        path.extension().is_some_and(|e| e == "ron") && !OF_PEERS.iter().any(|name| path.ends_with(name))
    };
    for path in entries.flatten().map(|entry| entry.path()).filter(ships) {
        copy(&path, &to.join(path.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let shown = |error| format!("cannot copy {} to {}: {error}", from.display(), to.display());
    fs::create_dir_all(to.parent().unwrap_or(to)).map_err(shown)?;
    fs::copy(from, to).map(drop).map_err(shown)
}
