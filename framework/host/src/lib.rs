//! The parent side of smbench: everything around a run that touches the system, and never a plugin's code.
//!
//! Plugins are loaded by workers only; this crate finds their files, hashes them and reads their headers.
//! It prints nothing and never exits: what goes wrong is an [`error::Error`], for the command line to show.

#![deny(unsafe_code)] // but where a module says why

pub mod conduct;
pub mod config_file;
pub mod elf;
pub mod environment;
pub mod error;
pub mod file;
pub mod git;
pub mod grants;
pub mod hash;
pub mod import;
pub mod machine;
pub mod revision;
pub mod search;
mod sound;
pub mod store;
pub mod worker;
