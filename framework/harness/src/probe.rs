//! Describes a plugin: who it is, what it has.

use std::collections::BTreeSet;
use std::fs;

use smbench_abi::{ABI_MAJOR, extension, op};
use smbench_core::attribution::{Doing, Page};
use smbench_core::backend::PluginInfo;
use smbench_core::message::PluginRef;
use smbench_core::outcome::Outcome;

use crate::instance::Instance;
use crate::plugin::Plugin;
use crate::worker::Refusal;

/// Loads the plugin, creates a context, and asks for every op and extension of the contract.
pub fn probe(page: &Page, reference: &PluginRef) -> Result<PluginInfo, Refusal> {
    page.enter(Doing::Load, reference.index, 0);
    let before = libraries();
    let failed = |reason| Refusal::at_start(reference.index, Outcome::Failed(reason));
    let plugin = Plugin::load(reference).map_err(failed)?;
    let plugin: &'static Plugin = Box::leak(Box::new(plugin));
    page.enter(Doing::Create, reference.index, 0);
    let instance = Instance::create(plugin, reference);
    let instance = instance.map_err(|error| Refusal::at_start(reference.index, error.outcome()))?;
    let mut info = describe(plugin, &instance);
    let own = reference.path.to_string_lossy();
    info.libraries = libraries().into_iter().filter(|path| !before.contains(path) && *path != own).collect();
    page.enter(Doing::Destroy, reference.index, 0);
    drop(instance);
    page.leave();
    Ok(info)
}

/// Files mapped with the right to execute: the libraries that are loaded now.
fn libraries() -> BTreeSet<String> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let executable =
        maps.lines().filter(|line| line.split_whitespace().nth(1).is_some_and(|rights| rights.contains('x')));
    executable.filter_map(|line| line.find('/').map(|at| line[at..].to_owned())).collect()
}

fn describe(plugin: &Plugin, instance: &Instance) -> PluginInfo {
    let name = |id: &&std::ffi::CStr| id.to_string_lossy().into_owned();
    let ops = op::IDS.iter().filter(|id| instance.op(id).is_some()).map(name);
    let extensions = extension::IDS.iter().filter(|id| instance.has_extension(id)).map(name);
    let identity = &plugin.identity;
    PluginInfo {
        name: identity.name.clone(),
        version: identity.version.clone(),
        vendor: identity.vendor.clone(),
        tiers: identity.tiers.clone(),
        ops: ops.chain(identity.custom_ops.iter().cloned()).collect(),
        extensions: extensions.collect(),
        doors: plugin.doors.clone(),
        abi_major: ABI_MAJOR, // no other is loaded
        table_bytes: plugin.api.struct_size,
        compiler: plugin.compiler.clone(),
        optimised: plugin.optimised(),
        threads_variable: identity.threads_variable.clone(),
        prefers_split: plugin.prefers_split(),
        libraries: Vec::new(),
        protection: None,
        refused: None,
    }
}
