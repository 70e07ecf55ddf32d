//! From a backend as asked for to one that was found, read and asked who it is.

use std::path::Path;

use smbench_core::backend::{Backend, BackendSpec, PluginInfo, Skipped};
use smbench_core::message::{PluginRef, Reply, Request};
use smbench_core::outcome::Outcome;
use smbench_host::error::{Error, Result};
use smbench_host::hash;
use smbench_host::search::{Found, Search};
use smbench_host::worker::Workers;

/// A backend found on disk and asked who it is. One that cannot be loaded becomes rows that say why; one that was
/// asked for a tier or an option it does not have is a mistake of the command line.
pub fn find_backend(
    search: &Search,
    spec: &BackendSpec,
    folder: &Path,
    allow_debug: bool,
    workers: &Workers,
) -> Result<Backend> {
    let Found { path, sha256, elf } = search.find(spec, folder, &mut |line| anstream::eprintln!("{line}"))?;
    let plugin = match elf {
        Ok(_) => probe(&path, spec, allow_debug, workers)?,
        Err(refusal) => refused(refusal.to_string()),
    };
    let libraries_sha256 = hash::libraries(&plugin.libraries);
    Ok(Backend { spec: spec.clone(), path: path.display().to_string(), sha256, libraries_sha256, plugin })
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

fn probe(path: &Path, spec: &BackendSpec, allow_debug: bool, workers: &Workers) -> Result<PluginInfo> {
    let plugin = PluginRef {
        index: 0,
        path: path.to_owned(),
        tier: spec.tier.clone(),
        threads: 1,
        options: spec.options.clone(),
        threads_variable: None, // not known yet, and nothing is computed
        allow_debug,
        control: false,
    };
    // Without a tier or an option asked for, a `create` that does not work is the plugin's own affair.
    let asked = spec.tier.is_some() || !spec.options.is_empty();
    match workers.ask_once(1, &Request::Probe(plugin)) {
        Ok(Reply::Probed(info)) => Ok(info),
        Ok(Reply::Refused { outcome: Outcome::Unsupported(why), .. }) if asked => {
            Err(Error::usage(format!("backend `{}` cannot be had as asked for", spec.alias))
                .because(why)
                .help(format!("`smbench check {}` lists its tiers", spec.source)))
        }
        Ok(Reply::Refused { outcome, .. }) => Ok(refused(outcome.reason().unwrap_or("refused").to_owned())),
        Ok(_) => Ok(refused("its worker answered something else than it was asked".to_owned())),
        Err(death) => Ok(refused(death.outcome().reason().unwrap_or("died").to_owned())),
    }
}

fn refused(why: String) -> PluginInfo {
    PluginInfo { refused: Some(why), ..PluginInfo::default() }
}
