//! Plugins: those that ship, and small ones in C that misbehave.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Lab, release, root};

/// A shipped plugin's library.
pub fn built(name: &str) -> PathBuf {
    release().join(format!("libsmbench_{name}.so"))
}

/// For a command that builds a stranger's crate: nothing is downloaded, and what several of them need is built once.
pub fn as_stranger(command: &mut Command) -> &mut Command {
    let target = release().with_file_name("strangers");
    command.env("CARGO_NET_OFFLINE", "true").env("CARGO_TARGET_DIR", target).env_remove("RUSTFLAGS")
}

/// Compiles `tests/plugins/NAME.c` to `libNAME.so` in the lab; its alias is NAME.
#[track_caller]
pub fn compile(lab: &Lab, name: &str) -> PathBuf {
    compile_as(lab, name, name, &[])
}

/// The same to `libALIAS.so`, with macros as in `-DTIMES=2`.
#[track_caller]
pub fn compile_as(lab: &Lab, name: &str, alias: &str, macros: &[&str]) -> PathBuf {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plugins");
    compile_in(lab, &root().join("framework/abi/include"), &sources, name, alias, macros)
}

/// The same from another folder, against another header.
#[track_caller]
pub fn compile_in(lab: &Lab, include: &Path, sources: &Path, name: &str, alias: &str, macros: &[&str]) -> PathBuf {
    let library = lab.path(&format!("lib{alias}.so"));
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let output = Command::new(compiler)
        .args(["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I"])
        .arg(include)
        .args(macros)
        .arg(sources.join(format!("{name}.c")))
        .arg("-o")
        .arg(&library)
        .arg("-lm")
        .output()
        .unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    library
}
