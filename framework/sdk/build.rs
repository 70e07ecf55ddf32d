//! Captures how this build is done, because a plugin's own crate is not told: only build scripts see the compiler, the
//! target's features and the optimisation level.
//!
//! The level is that of smbench-sdk, which is the plugin's too unless a profile says otherwise for one of the two
//! (`[profile.release.package.smbench-sdk]`).

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    pass_on("SMBENCH_RUSTC", &rustc_version());
    pass_on("SMBENCH_TARGET_FEATURES", &variable("CARGO_CFG_TARGET_FEATURE"));
    pass_on("SMBENCH_OPT_LEVEL", &variable("OPT_LEVEL"));
}

fn pass_on(name: &str, value: &str) {
    println!("cargo::rustc-env={name}={value}");
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn rustc_version() -> String {
    Command::new(variable("RUSTC"))
        .arg("--version")
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}
