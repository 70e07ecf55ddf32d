//! `smbench new`: a plugin of one op, its project complete, to be built outside the clone.
//!
//! The templates are a plugin named `acme`, word for word. For C the header is copied in. For Rust the SDK is named by its
//! version; as long as no registry has it, `[patch.crates-io]` leads to the sources beside this binary: in the clone, or
//! in the archive of `cargo xtask dist`, which carries them for this. A copy in every project would be hundreds of files
//! that nobody there wants to read or to update.

use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::{Captures, Regex};
use smbench_host::error::{Error, Result};

use crate::args::{Language, NewArgs};
use crate::exit::Exit;
use crate::output::print;

/// Where a file goes, and what is in it.
type Template = (&'static str, &'static str);

const RUST: &[Template] = &[
    // Under its own name it would make the folder a package, which cargo leaves out of this one.
    ("Cargo.toml", include_str!("../../templates/rust/manifest.toml")),
    ("src/lib.rs", include_str!("../../templates/rust/lib.rs")),
    ("src/relu.rs", include_str!("../../templates/rust/relu.rs")),
    ("README.md", include_str!("../../templates/rust/README.md")),
    (".gitignore", include_str!("../../templates/rust/gitignore")),
    (".github/workflows/ci.yml", include_str!("../../templates/rust/ci.yml")),
];

const C: &[Template] = &[
    ("acme.c", include_str!("../../templates/c/plugin.c")),
    ("smbench.h", include_str!("../../../abi/include/smbench.h")),
    ("Makefile", include_str!("../../templates/c/Makefile")),
    ("README.md", include_str!("../../templates/c/README.md")),
    (".gitignore", include_str!("../../templates/c/gitignore")),
    (".github/workflows/ci.yml", include_str!("../../templates/c/ci.yml")),
];

/// Writes the project, and says what to do with it.
pub fn new(args: &NewArgs) -> Result<Exit> {
    let name = Name::of(&args.name)?;
    let folder = args.dir.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    vacant(&folder, &args.name)?;
    let (templates, sdk) = match args.lang {
        Language::Rust => (RUST, sdk(args.sdk.as_deref())?),
        Language::C => (C, PathBuf::new()),
    };
    for (to, text) in templates {
        // The contract is nobody's to rename.
        let text = if *to == "smbench.h" { (*text).to_owned() } else { name.put_into(text, &sdk) };
        write(&folder.join(name.put_into(to, &sdk)), &text)?;
    }
    print(&next(args, &name, &folder))?;
    Ok(Exit::OK)
}

/// A plugin's name in all its spellings.
struct Name {
    /// Of the plugin and its package: `acme-avx2`.
    plain: String,
    /// In file names of libraries: `acme_avx2`.
    snake: String,
    /// Of a type: `AcmeAvx2`.
    camel: String,
}

/// What a crate cannot be called: words of Rust's, its own crates, and names that cargo keeps for itself.
const TAKEN: &str = " abstract as async await become box break const continue crate do dyn else enum extern false final fn \
    for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true \
    try type typeof unsafe unsized use virtual where while yield alloc core proc-macro proc_macro std test build deps \
    examples incremental ";

/// No file name needs more.
const LONGEST: usize = 64;

impl Name {
    fn of(name: &str) -> Result<Self> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let refused = |why: &str| {
            Err(Error::usage(format!("a plugin cannot be called `{}`", name.escape_debug()))
                .because(why)
                .help("another name, as in `smbench new acme` or `smbench new acme-avx2`"))
        };
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(fits) || name.len() > LONGEST {
            return refused("a name has a-z, 0-9, - and _, begins with a letter, and has 64 of them at most");
        }
        if TAKEN.contains(&format!(" {name} ")) {
            return refused("the word is taken, by Rust or by cargo");
        }
        let capital = |word: &str| format!("{}{}", word[..1].to_ascii_uppercase(), &word[1..]);
        let words = name.split(['-', '_']).filter(|word| !word.is_empty());
        Ok(Self { plain: name.to_owned(), snake: name.replace('-', "_"), camel: words.map(capital).collect() })
    }

    /// The template, with this name in it.
    fn put_into(&self, template: &str, sdk: &Path) -> String {
        let words = Regex::new("libacme|acme|Acme|SDK_VERSION|SDK_PATH").expect("a pattern of our own");
        let word = |found: &Captures<'_>| match &found[0] {
            "libacme" => format!("lib{}", self.snake),
            "acme" => self.plain.clone(),
            "Acme" => self.camel.clone(),
            "SDK_VERSION" => env!("CARGO_PKG_VERSION").to_owned(),
            _ => sdk.display().to_string(),
        };
        words.replace_all(template, word).into_owned()
    }
}

/// Nothing of anybody's is overwritten.
fn vacant(folder: &Path, name: &str) -> Result<()> {
    let help = format!("name another folder: `smbench new {name} DIR`");
    let taken = |why: &str| Err(Error::usage(format!("`{}` {why}", folder.display())).help(help.as_str()));
    match fs::read_dir(folder).map(|entries| entries.count()) {
        Ok(1..) => taken("is a folder with something in it"),
        Err(_) if fs::symlink_metadata(folder).is_ok() => taken("is there, and is no folder"),
        _ => Ok(()),
    }
}

/// Sources of smbench-sdk: those named; else those of the archive that this binary is in, else of the clone it was
/// built in.
fn sdk(named: Option<&Path>) -> Result<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|binary| fs::canonicalize(binary).ok());
    let archive = beside.iter().flat_map(|binary| binary.ancestors().nth(2)).map(|root| root.join(IN_ARCHIVE));
    let own = archive.chain([Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk")]);
    let places: Vec<PathBuf> = named.map_or_else(|| own.collect(), |named| vec![named.to_owned()]);
    let found = places.iter().filter(|place| place.join("Cargo.toml").is_file());
    found.flat_map(fs::canonicalize).next().ok_or_else(|| {
        let looked: Vec<String> = places.iter().map(|place| format!("`{}`", place.display())).collect();
        Error::usage("there are no sources of smbench-sdk, and it is not on crates.io yet")
            .because(format!("no Cargo.toml in {}", looked.join(", ")))
            .help(
                "give their folder (`framework/sdk` of the repository): `--sdk PATH`; or `--lang c`, which needs none",
            )
    })
}

/// Where `xtask/src/dist.rs` puts them.
const IN_ARCHIVE: &str = "share/smbench/src/framework/sdk";

fn write(path: &Path, text: &str) -> Result<()> {
    let cannot = |error| Error::usage(format!("cannot write `{}`", path.display())).because(error);
    fs::create_dir_all(path.parent().unwrap_or(path)).and_then(|()| fs::write(path, text)).map_err(cannot)
}

/// What is there, and what to type.
fn next(args: &NewArgs, name: &Name, folder: &Path) -> String {
    let place = folder.display();
    let (wrote, next) = match args.lang {
        Language::Rust => (
            [("src/relu.rs", "a kernel"), ("src/lib.rs", "the list where the next op goes")],
            [
                ("cargo test", "its ops against f64"),
                ("smbench check .", "what it is as a plugin, how far from f64, what a call costs"),
                ("smbench run --case relu/10_000 -b naive,acme=.", "how fast, beside a backend that ships"),
            ]
            .as_slice(),
        ),
        Language::C => (
            [("acme.c", "a kernel, and the list where the next op goes"), ("smbench.h", "the contract")],
            [
                ("make check", "what it is as a plugin, how far its ops are from f64, what a call costs"),
                ("make run", "how fast, beside a backend that ships"),
            ]
            .as_slice(),
        ),
    };
    let lines = |pairs: &[(&str, &str)]| -> String {
        let pairs: Vec<_> = pairs.iter().map(|(left, right)| (name.put_into(left, Path::new("")), right)).collect();
        let width = pairs.iter().map(|(left, _)| left.len()).max().unwrap_or(0);
        pairs.iter().map(|(left, right)| format!("  {left:width$}   {right}\n")).collect()
    };
    format!("wrote {place}\n{}next:\n  cd {place}\n{}", lines(&wrote), lines(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_three_spellings() {
        let name = Name::of("acme-avx2_x").unwrap();
        assert_eq!((name.snake.as_str(), name.camel.as_str()), ("acme_avx2_x", "AcmeAvx2X"));
        let put = name.put_into("libacme.so of acme, struct Acme, SDK_PATH", Path::new("/sdk"));
        assert_eq!(put, "libacme_avx2_x.so of acme-avx2_x, struct AcmeAvx2X, /sdk");
    }

    #[test]
    fn what_is_no_crate_is_no_plugin() {
        let long = "a".repeat(LONGEST + 1);
        for name in ["", "9", "-a", "Acme", "a b", "a/b", "../a", "é", "match", "test", "a\x1b[2J", &long] {
            assert!(Name::of(name).is_err(), "{name}");
        }
        for name in ["a", "acme_2", "matchbox", "gemm-4"] {
            assert!(Name::of(name).is_ok(), "{name}");
        }
    }
}
