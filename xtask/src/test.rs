//! `cargo xtask test`: what CI runs.

use std::process::{Command, Stdio};

use crate::browser::browser;
use crate::{cargo, run, target};

/// Format, lints, plugins, docs, doc tests, the page in a browser, tests; the first that fails ends it. The closing line is
/// the test runner's.
pub fn test() -> Result<(), String> {
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    // `cargo test` leaves cdylibs where no plugin is looked for, and unoptimised ones are refused.
    run(&mut cargo(&["build", "--release", "--workspace"]))?;
    run(cargo(&["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    run(&mut tests(&["test", "--workspace", "--doc", "--quiet"]))?;
    browser()?;
    let runner: &[&str] = if has_nextest() {
        &["nextest", "run", "--workspace", "--no-fail-fast"]
    } else {
        &["test", "--workspace", "--no-fail-fast"]
    };
    run(&mut tests(runner))
}

/// Tests find the release binary and the plugins beside it by this variable.
fn tests(arguments: &[&str]) -> Command {
    let mut command = cargo(arguments);
    command.env("SMBENCH_TEST_BIN", target().join("release"));
    command
}

fn has_nextest() -> bool {
    let probe = Command::new("cargo-nextest")
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    probe.is_ok_and(|status| status.success())
}
