//! Least authority: what a worker gives up for good, before it loads a plugin and before it has a second thread.
//!
//! Of a stranger's code, only computing is wanted. So files can be opened only where they were granted (Landlock), system
//! calls that reach other processes, networks or the kernel's corners end the worker (seccomp), no program gets more rights
//! than its caller (no_new_privs), and what the superuser may do besides is dropped. docs/security.md says what that does
//! not cover.

mod calls;
mod files;
mod process;

use smbench_core::attribution::Page;
use smbench_core::confinement::{Grants, Protection};
use smbench_core::message::PluginRef;

pub use process::keep_only;

/// Confines this process to what these plugins may do together, unless all of them are trusted. It stays so.
pub fn confine(page: &'static Page, plugins: &[PluginRef]) -> Result<Protection, String> {
    if plugins.iter().all(|plugin| plugin.trusted) {
        return Ok(Protection::Trusted);
    }
    let mut grants = Grants::default();
    plugins.iter().for_each(|plugin| grants.add(&plugin.grants));
    process::renounce().map_err(|error| format!("cannot give up privileges: {error}"))?;
    let landlock = files::restrict(&grants).map_err(|error| format!("cannot restrict files: {error}"))?;
    let seccomp = calls::restrict(page, grants.exec).map_err(|error| format!("cannot filter system calls: {error}"))?;
    Ok(Protection::Kernel { landlock, seccomp })
}
