//! From a backend as asked for to one that was found, read and asked who it is.

use std::path::Path;

use smbench_core::backend::{Backend, BackendSpec, PluginInfo, Skipped};
use smbench_core::confinement::explain;
use smbench_core::message::{PluginRef, Reply, Request};
use smbench_core::outcome::Outcome;
use smbench_host::elf::{ElfSummary, Refusal};
use smbench_host::error::{Error, Result};
use smbench_host::search::{Found, Search};
use smbench_host::worker::Workers;
use smbench_host::{grants, hash};

/// A backend found on disk and asked who it is. One that cannot be loaded becomes rows that say why; one that was
/// asked for a tier or an option it does not have is a mistake of the command line.
pub fn find_backend(
    search: &Search,
    spec: &BackendSpec,
    folder: &Path,
    allow_debug: bool,
    workers: &Workers,
) -> Result<Backend> {
    let (backend, elf) = locate(search, spec, folder)?;
    let plugin = match elf {
        Ok(elf) => {
            let probed = probe(&backend, allow_debug, workers)?;
            PluginInfo { compiler: probed.compiler.or(elf.compilers), ..probed }
        }
        Err(refusal) => refused(refusal.to_string()),
    };
    let libraries_sha256 = hash::libraries(&plugin.libraries);
    Ok(Backend { libraries_sha256, plugin, ..backend })
}

/// A backend found on disk, and what its headers say. Nobody has asked it yet.
pub fn locate(
    search: &Search,
    spec: &BackendSpec,
    folder: &Path,
) -> Result<(Backend, std::result::Result<ElfSummary, Refusal>)> {
    let Found { path, sha256, elf } = search.find(spec, folder, &mut |line| anstream::eprintln!("{line}"))?;
    let backend = Backend {
        spec: spec.clone(),
        sha256,
        libraries_sha256: String::new(),
        grants: grants::of(&path, spec),
        path: path.display().to_string(),
        plugin: PluginInfo::default(),
    };
    Ok((backend, elf))
}

/// The same, but an optional backend that cannot be had is skipped: no file, no library that it needs, or its `create`
/// refuses.
pub fn find_or_skip(
    search: &Search,
    spec: &BackendSpec,
    folder: &Path,
    allow_debug: bool,
    workers: &Workers,
) -> Result<std::result::Result<Backend, Skipped>> {
    let found = find_backend(search, spec, folder, allow_debug, workers);
    let Some(get) = &spec.optional else { return found.map(Ok) };
    let reason = match found {
        Ok(Backend { plugin: PluginInfo { refused: Some(why), .. }, .. }) => why,
        Ok(backend) => return Ok(Ok(backend)),
        Err(error) => error.one_line(),
    };
    Ok(Err(Skipped { alias: spec.alias.clone(), reason, get: get.clone() }))
}

fn probe(backend: &Backend, allow_debug: bool, workers: &Workers) -> Result<PluginInfo> {
    let (spec, plugin) = (&backend.spec, PluginRef::of(backend, 0, 1, allow_debug));
    let refused = |why: &str| refused(if spec.trusted { why.to_owned() } else { explain(why.to_owned(), &spec.alias) });
    // Without a tier or an option asked for, a `create` that does not work is the plugin's own affair.
    let asked = spec.tier.is_some() || !spec.options.is_empty();
    match workers.ask_once(1, &Request::Probe(plugin)) {
        Ok(Reply::Probed(info)) => Ok(info),
        Ok(Reply::Refused { outcome: Outcome::Unsupported(why), .. }) if asked => {
            let why = if spec.trusted { why } else { explain(why, &spec.alias) };
            let error = Error::usage(format!("backend `{}` cannot be had as asked for", spec.alias)).because(why);
            // Of an option the plugin itself says what it takes.
            Err(match spec.tier {
                Some(_) => error.help(format!("`smbench check {}` lists its tiers", spec.source)),
                None => error,
            })
        }
        Ok(Reply::Refused { outcome, .. }) => Ok(refused(outcome.reason().unwrap_or("refused"))),
        Ok(_) => Ok(refused("its worker answered something else than it was asked")),
        Err(death) => Ok(refused(death.outcome().reason().unwrap_or("died"))),
    }
}

fn refused(why: String) -> PluginInfo {
    PluginInfo { refused: Some(why), ..PluginInfo::default() }
}
