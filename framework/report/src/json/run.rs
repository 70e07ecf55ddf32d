//! What was run, where, by whom.

use serde::Serialize;
use smbench_core::backend;
use smbench_core::disturbance::Disturbance;
use smbench_core::message::Peak;
use smbench_core::run::{self, Git, Machine, Note};

/// A run.
#[derive(Serialize)]
pub struct Run<'a> {
    id: &'a str,
    label: Option<&'a str>,
    created: &'a str,
    command: &'a str,
    state: &'a str,
    config: &'a str,
    preset: &'a str,
    seed: u64,
    launches: u32,
    reference: Option<&'a str>,
    smbench: &'a str,
    git: Option<&'a Git>,
    machine: &'a Machine,
    peak: Option<Peak>,
    environment: Disturbance,
    /// The first two come with the A/A control, the third with gates.
    noise_floor: (),
    control: (),
    gate: (),
    backends: Vec<Backend<'a>>,
    notes: &'a [Note],
}

/// A backend of a run; rows name it by its alias.
#[derive(Serialize)]
struct Backend<'a> {
    alias: &'a str,
    name: &'a str,
    version: &'a str,
    vendor: &'a str,
    path: &'a str,
    sha256: &'a str,
    tier: Option<&'a str>,
    tiers: &'a [String],
    options: &'a [(String, String)],
    ops: &'a [String],
    extensions: &'a [String],
    doors: &'a [String],
    compiler: Option<&'a str>,
    optimised: Option<bool>,
    refused: Option<&'a str>,
}

impl<'a> Run<'a> {
    /// A stored run as others see it.
    pub fn of(run: &'a run::Run) -> Self {
        let plan = &run.plan;
        Self {
            id: &run.id,
            label: run.label.as_deref(),
            created: &run.created,
            command: &run.command,
            state: run.state.word(),
            config: &plan.config,
            preset: plan.preset.word(),
            seed: plan.seed,
            launches: plan.launches,
            reference: plan.backends.get(plan.reference).map(backend::Backend::alias),
            smbench: &run.smbench,
            git: run.git.as_ref(),
            machine: &run.machine,
            peak: run.peak,
            environment: Disturbance::of(run.launches.iter().map(|launch| &launch.launch.environment)),
            noise_floor: (),
            control: (),
            gate: (),
            backends: plan.backends.iter().map(Backend::of).collect(),
            notes: &run.notes,
        }
    }
}

impl<'a> Backend<'a> {
    fn of(backend: &'a backend::Backend) -> Self {
        let plugin = &backend.plugin;
        Self {
            alias: backend.alias(),
            name: &plugin.name,
            version: &plugin.version,
            vendor: &plugin.vendor,
            path: &backend.path,
            sha256: &backend.sha256,
            tier: backend.spec.tier.as_deref(),
            tiers: &plugin.tiers,
            options: &backend.spec.options,
            ops: &plugin.ops,
            extensions: &plugin.extensions,
            doors: &plugin.doors,
            compiler: plugin.compiler.as_deref(),
            optimised: plugin.optimised,
            refused: plugin.refused.as_deref(),
        }
    }
}
