//! `cargo smbench …`: build everything, then become smbench.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::{cargo, run, target};

/// Builds the workspace in release and replaces this process by the binary, so that signals and exit code are its own.
pub fn smbench(arguments: Vec<String>) -> Result<(), String> {
    run(&mut cargo(&["build", "--release", "--workspace", "--quiet"]))?;
    let binary = target().join("release/smbench");
    let error = Command::new(&binary).args(arguments).exec();
    Err(format!("cannot run {}: {error}", binary.display()))
}
