//! Builds the crate of a plugin, and finds the library that came of it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs, thread};

use serde::Deserialize;

use crate::error::{Error, Result};

/// Hears every line that cargo says while it builds.
pub type Progress<'a> = &'a mut dyn FnMut(&str);

/// The part of `cargo build --message-format=json` that names files.
#[derive(Debug, Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    #[serde(default)]
    target: Target,
}

#[derive(Debug, Default, Deserialize)]
struct Target {
    #[serde(default)]
    kind: Vec<String>,
}

/// `cargo build --release` in this folder; the path of its cdylib. Into a target folder of the caller's, or cargo's own.
pub fn library(folder: &Path, target: Option<&Path>, progress: Progress<'_>) -> Result<PathBuf> {
    let shown = folder.display();
    let failed = |error: std::io::Error| {
        Error::usage(format!("cannot build `{shown}`")).because(error).help("is cargo installed?")
    };
    let folder = fs::canonicalize(folder).map_err(failed)?;
    let mut child = build(&folder, target).spawn().map_err(failed)?;
    let messages = converse(&mut child, progress);
    if !child.wait().map_err(failed)?.success() {
        let again = target.map_or_else(|| format!(", or run `cargo build --release` in `{shown}`"), |_| String::new());
        let help = format!("see what cargo said above{again}");
        return Err(Error::usage(format!("cannot build `{shown}`")).because("cargo build --release failed").help(help));
    }
    the_one(libraries(&messages, &folder), &shown.to_string())
}

/// Cargo in this folder, the one that runs us if one does; it asks nobody anything.
pub fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

fn build(folder: &Path, target: Option<&Path>) -> Command {
    let mut command = cargo(folder);
    command.args(["build", "--release", "--message-format=json-render-diagnostics"]);
    if let Some(target) = target {
        // Intermediate files, too: a folder shared with other builds would pass one tree's off as another's. And
        // incremental builds of equal sources are not equal.
        command.arg("--target-dir").arg(target).env("CARGO_BUILD_BUILD_DIR", target).env("CARGO_INCREMENTAL", "0");
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What it printed; meanwhile every line of its errors goes to `progress`.
fn converse(child: &mut Child, progress: Progress<'_>) -> String {
    let stdout = child.stdout.take();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        stdout.map(|mut pipe| pipe.read_to_string(&mut text));
        text
    });
    for line in
        child.stderr.take().into_iter().flat_map(|pipe| BufReader::new(pipe).lines()).map_while(|line| line.ok())
    {
        progress(&line);
    }
    reader.join().unwrap_or_default()
}

/// The cdylibs of the crate in this folder; of a workspace without one, those of its members.
fn libraries(messages: &str, folder: &Path) -> Vec<PathBuf> {
    let messages: Vec<Message> = messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let is_library = |message: &&Message| {
        message.reason == "compiler-artifact" && message.target.kind.iter().any(|kind| kind == "cdylib")
    };
    let own = |message: &&&Message| message.manifest_path.parent() == Some(folder);
    let all: Vec<&Message> = messages.iter().filter(is_library).collect();
    let own: Vec<&Message> = all.iter().filter(own).copied().collect();
    let chosen = if own.is_empty() { all } else { own };
    let files = chosen.into_iter().flat_map(|message| &message.filenames);
    files.filter(|file| file.extension().is_some_and(|extension| extension == "so")).cloned().collect()
}

fn the_one(mut libraries: Vec<PathBuf>, shown: &str) -> Result<PathBuf> {
    match libraries.len() {
        1 => Ok(libraries.remove(0)),
        0 => Err(Error::usage(format!("`{shown}` builds no plugin"))
            .because("none of its targets is a cdylib")
            .help("in its Cargo.toml: `[lib]` and `crate-type = [\"cdylib\"]`")),
        _ => {
            let files: Vec<String> = libraries.iter().map(|file| format!("`{}`", file.display())).collect();
            Err(Error::usage(format!("`{shown}` builds several libraries"))
                .because(files.join(", "))
                .help("give the path of one"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &str = r#"{"reason":"compiler-artifact","manifest_path":"/p/Cargo.toml","target":{"kind":["cdylib"]},"filenames":["/t/liba.so"]}
{"reason":"compiler-artifact","manifest_path":"/dep/Cargo.toml","target":{"kind":["cdylib","rlib"]},"filenames":["/t/libdep.so","/t/libdep.rlib"]}
{"reason":"compiler-artifact","manifest_path":"/dep/Cargo.toml","target":{"kind":["proc-macro"]},"filenames":["/t/libmacro.so"]}
not json
{"reason":"build-finished","success":true}"#;

    #[test]
    fn the_crates_own_library_is_found() {
        #[track_caller]
        fn check(folder: &str, want: &[&str]) {
            assert_eq!(libraries(MESSAGES, Path::new(folder)), want.iter().map(PathBuf::from).collect::<Vec<_>>());
        }
        check("/p", &["/t/liba.so"]);
        check("/workspace", &["/t/liba.so", "/t/libdep.so"]);
    }

    #[test]
    fn none_and_several_say_so() {
        assert!(the_one(vec![], "p").unwrap_err().help.unwrap().contains("crate-type"));
        let two = the_one(vec!["a.so".into(), "b.so".into()], "p").unwrap_err();
        assert_eq!(two.cause.unwrap(), "`a.so`, `b.so`");
    }
}
