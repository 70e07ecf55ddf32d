//! Reads a plugin file before the system loader does.
//!
//! `dlopen` maps what the headers promise without looking at the length of the file: a truncated library
//! kills the process with SIGBUS on the first page that is not there. So everything the loader will
//! follow is followed here first, in the order it does: the header, the segments, the dynamic table, the symbols.
//! It finds files that were cut, mixed up or built for elsewhere. It cannot find a flipped
//! byte in code, which is why plugins are loaded in workers.
//!
//! Layout: System V ABI, "Object Files" (gabi.xinuos.com), and `elf(5)`.

mod dynamic;
mod image;
mod loaded;
mod target;

use std::path::Path;
use std::{fmt, fs, io};

use dynamic::Dynamic;
use image::Image;
pub use loaded::{Sameness, loaded_bytes, sameness};
use target::identify;

/// Says what a plugin file offers and needs, or why it must not be loaded. For hosts whose libraries
/// are ELF.
pub fn check(path: &Path) -> Result<ElfSummary, Refusal> {
    let about = |refusal: Refusal| Refusal { cause: format!("`{}` {}", path.display(), refusal.cause), ..refusal };
    read(path).and_then(|bytes| summary(&bytes)).map_err(about)
}

/// What a library needs, and where it says that it is; `None` of what is none.
pub fn needs(path: &Path) -> Option<Needs> {
    let bytes = read(path).ok()?;
    identify(&bytes).ok()?;
    let image = Image::parse(&bytes).ok()?;
    let dynamic = Dynamic::parse(&image).ok()?;
    let [rpath, runpath] = dynamic.paths();
    Some(Needs { libraries: dynamic.needed().ok()?, rpath, runpath })
}

/// What a library needs, and where it says that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Libraries by name (`DT_NEEDED`).
    pub libraries: Vec<String>,
    /// Folders for these and for what they need (`DT_RPATH`), as written.
    pub rpath: Vec<String>,
    /// Folders for these only (`DT_RUNPATH`), as written.
    pub runpath: Vec<String>,
}

/// What a plugin file offers and needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElfSummary {
    /// The entry points it exports, at least one.
    pub doors: Doors,
    /// The libraries it names (`DT_NEEDED`), in load order.
    pub needed: Vec<String>,
    /// Whether it needs a C++ runtime, which two plugins in one process may not agree on.
    pub cxx: bool,
    /// What compilers wrote of themselves into the file, if they did: `GCC: (Debian 12.2.0-14) 12.2.0`.
    pub compilers: Option<String>,
}

/// The entry points of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doors {
    /// The abi_stable root module.
    pub rust: bool,
    /// `smb_plugin_entry_v1`.
    pub c: bool,
}

/// Why a file is not loaded and what to do about it, as lower-case fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, starting with the path.
    pub cause: String,
    /// What to do next.
    pub help: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.cause, self.help)
    }
}

impl std::error::Error for Refusal {}

/// The static that abi_stable 0.11 exports: its `ROOT_MODULE_LOADER_NAME`, which is
/// `_as.lib_header.root module loader` with `_`, `.` and space spelt `_1`, `_0` and `_b`.
pub const RUST_DOOR: &str = "_1as_0lib_1header_0root_bmodule_bloader";

/// The function a plugin in any language exports.
pub const C_DOOR: &str = "smb_plugin_entry_v1";

/// What every version of [`C_DOOR`] starts with.
const C_DOOR_STEM: &str = "smb_plugin_entry_v";

const AGAIN: &str = "copy or build it again; the last time did not finish";
const SHARED: &str = "build a shared library: crate-type \"cdylib\" in Rust, `cc -shared -fPIC` in C";
const EXPORT: &str = "call `export_backend!` in Rust, or define `smb_plugin_entry_v1` in C with default visibility";

fn refusal(cause: impl Into<String>, help: impl Into<String>) -> Refusal {
    Refusal { cause: cause.into(), help: help.into() }
}

fn damaged(what: impl fmt::Display) -> Refusal {
    refusal(format!("is damaged: {what}"), AGAIN)
}

fn summary(bytes: &[u8]) -> Result<ElfSummary, Refusal> {
    identify(bytes)?;
    let image = Image::parse(bytes)?;
    let dynamic = Dynamic::parse(&image)?;
    let needed = dynamic.needed()?;
    let cxx = needed.iter().any(|name| name.starts_with("libstdc++.") || name.starts_with("libc++."));
    Ok(ElfSummary { doors: doors(&dynamic.exports()?)?, needed, cxx, compilers: image.comment() })
}

fn doors(exports: &[&str]) -> Result<Doors, Refusal> {
    let doors = Doors { rust: exports.contains(&RUST_DOOR), c: exports.contains(&C_DOOR) };
    if doors.rust || doors.c {
        return Ok(doors);
    }
    match exports.iter().find(|name| name.starts_with(C_DOOR_STEM)) {
        Some(other) => Err(refusal(
            format!("exports `{other}`, this host knows `{C_DOOR}` only"),
            "rebuild the plugin for that version, or update smbench",
        )),
        None => Err(refusal("exports no smbench entry point", EXPORT)),
    }
}

// The file.

fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if metadata.is_dir() {
        return Err(refusal("is a directory", "name the library itself, or the folder of its crate"));
    }
    if !metadata.is_file() {
        return Err(refusal("is not a regular file", "name a library file"));
    }
    fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Refusal {
    if error.kind() != io::ErrorKind::NotFound {
        return refusal(format!("cannot be read: {error}"), "check the path and its permissions");
    }
    match fs::read_link(path) {
        Ok(target) => refusal(
            format!("is a link to `{}`, which does not exist", target.display()),
            "build what it points to, or make the link again",
        ),
        Err(_) => refusal("does not exist", "check the path, or build the plugin first"),
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
