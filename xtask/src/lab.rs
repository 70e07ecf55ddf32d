//! `cargo xtask lab …`: build everything, then become the lab.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::{cargo, run, target};

/// Builds the workspace in release and replaces this process by the lab's binary.
pub fn lab(arguments: Vec<String>) -> Result<(), String> {
    run(&mut cargo(&["build", "--release", "--workspace", "--quiet"]))?;
    let binary = target().join("release/smbench-lab");
    let error = Command::new(&binary).args(arguments).exec();
    Err(format!("cannot run {}: {error}", binary.display()))
}
