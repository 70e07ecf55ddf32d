//! An inspection as `smbench.check/1`, which `docs/check.schema.json` describes. Names are only ever added.

use serde::Serialize;
use serde_json::Value;
use smbench_core::backend::Backend;
use smbench_core::inspection::{Finding, Inspection};
use smbench_core::message::ReceiptInfo;
use smbench_core::outcome::Extremes;

/// The schema's name and revision.
pub const SCHEMA: &str = "smbench.check/1";

/// The inspection as a value.
pub fn json(found: &Inspection) -> Value {
    super::value(&File::of(found))
}

/// The inspection as text.
pub fn render(found: &Inspection) -> String {
    super::text(&File::of(found))
}

#[derive(Serialize)]
struct File<'a> {
    schema: &'static str,
    plugin: Plugin<'a>,
    tier: Option<&'a str>,
    threads: u32,
    checks: Vec<Check<'a>>,
    not_offered: &'a [String],
    empty_call_ns: Option<f64>,
    pass: bool,
}

#[derive(Serialize)]
struct Plugin<'a> {
    name: &'a str,
    version: &'a str,
    vendor: &'a str,
    path: &'a str,
    sha256: &'a str,
    abi_major: u32,
    table_bytes: u32,
    doors: &'a [String],
    compiler: Option<&'a str>,
    optimised: Option<bool>,
    tiers: &'a [String],
    ops: &'a [String],
    extensions: &'a [String],
    protection: Option<String>,
}

#[derive(Serialize)]
struct Check<'a> {
    what: &'a str,
    outcome: &'static str,
    reason: Option<&'a str>,
    error: Option<Error<'a>>,
    call_ns: Option<f64>,
    receipt: Option<&'a ReceiptInfo>,
    again: &'a str,
}

#[derive(Serialize)]
struct Error<'a> {
    max_ulp: f64,
    max_abs: f64,
    max_rel: f64,
    nmse: f64,
    furthest: Option<&'a str>,
}

impl<'a> File<'a> {
    fn of(found: &'a Inspection) -> Self {
        Self {
            schema: SCHEMA,
            plugin: Plugin::of(&found.backend),
            tier: found.backend.spec.tier.as_deref(),
            threads: found.threads,
            checks: found.findings.iter().map(Check::of).collect(),
            not_offered: &found.absent,
            empty_call_ns: found.cheapest_call().map(|(_, cost)| cost.empty_ns),
            pass: found.wrong().next().is_none() && found.right() > 0,
        }
    }
}

impl<'a> Plugin<'a> {
    fn of(backend: &'a Backend) -> Self {
        let plugin = &backend.plugin;
        Self {
            name: &plugin.name,
            version: &plugin.version,
            vendor: &plugin.vendor,
            path: &backend.path,
            sha256: &backend.sha256,
            abi_major: plugin.abi_major,
            table_bytes: plugin.table_bytes,
            doors: &plugin.doors,
            compiler: plugin.compiler.as_deref(),
            optimised: plugin.optimised,
            tiers: &plugin.tiers,
            ops: &plugin.ops,
            extensions: &plugin.extensions,
            protection: plugin.protection.map(|it| it.to_string()),
        }
    }
}

impl<'a> Check<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            what: &finding.name,
            outcome: finding.word(),
            reason: finding.outcome.reason(),
            error: finding.extremes.as_ref().map(Error::of),
            call_ns: finding.call.map(|call| call.call_ns),
            receipt: finding.receipt.as_ref(),
            again: &finding.again,
        }
    }
}

impl<'a> Error<'a> {
    fn of(extremes: &'a Extremes) -> Self {
        let (error, furthest) = (extremes.error, extremes.furthest.as_str());
        Self {
            max_ulp: extremes.max_ulp,
            max_abs: error.max_abs,
            max_rel: error.max_rel,
            nmse: error.nmse,
            furthest: Some(furthest).filter(|text| !text.is_empty()),
        }
    }
}
