//! Chores of the repository: `cargo smbench …`, `cargo xtask test`, `cargo xtask lab`, `cargo xtask peers`,
//! `cargo xtask dist`. No dependencies, so that it builds in a second.

mod browser;
mod dist;
mod lab;
mod peers;
mod smbench;
mod test;

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

const HELP: &str = "\
usage: cargo smbench ARGUMENTS…   build everything in release and run smbench
       cargo xtask test           format, lints, tests and docs: what CI runs
       cargo xtask lab            experiments on smbench's verdicts (--list names them): an hour on a quiet machine
       cargo xtask peers [NAME…]  engines of others as plugins, into target/peers; see examples/peers
       cargo xtask dist           one tarball with binary, plugins, header and configs
";

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let done = match arguments.next().as_deref() {
        Some("smbench") => smbench::smbench(arguments.collect()),
        Some("test") => test::test(),
        Some("lab") => lab::lab(arguments.collect()),
        Some("peers") => peers::peers(&arguments.collect::<Vec<_>>()),
        Some("dist") => dist::dist(),
        Some("help" | "--help" | "-h") => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(HELP.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{}", why.trim_end());
            ExitCode::from(2)
        }
    }
}

/// The repository's root, wherever the command was given.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, PathBuf::from)
}

/// Where cargo puts what it builds.
fn target() -> PathBuf {
    // Cargo runs in the root, so a relative folder starts there.
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// Cargo, in the repository. Always the whole workspace: with `-p`, cargo resolves other features and builds
/// other plugins.
fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(root());
    cargo
}

/// Runs a command, says which on failure.
fn run(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}").replace('"', "");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("failed ({status}): {shown}")),
        Err(error) => Err(format!("cannot run {shown}: {error}")),
    }
}
