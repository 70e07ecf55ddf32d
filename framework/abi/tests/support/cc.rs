//! Runs the C compiler as a plugin author would.

use std::path::Path;
use std::process::Command;

#[derive(Clone, Copy, Debug)]
pub enum Language {
    C11,
    Cpp17,
}

/// Compiles `source` against the header; a warning is a failure.
#[track_caller]
pub fn compile(language: Language, flags: &[&str], source: &Path, output: &Path) {
    let dialect: &[&str] = match language {
        Language::C11 => &["-std=c11", "-x", "c"],
        Language::Cpp17 => &["-std=c++17", "-x", "c++"],
    };
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let result = Command::new(compiler)
        .args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-I", concat!(env!("CARGO_MANIFEST_DIR"), "/include")])
        .args(dialect)
        .args(flags)
        .arg(source)
        .arg("-o")
        .arg(output)
        .output()
        .unwrap();
    assert!(result.status.success(), "{language:?}: {}", String::from_utf8_lossy(&result.stderr));
}
