//! Is it right? Before anything is timed, with guard pages round every buffer.

use std::collections::HashMap;

use smbench_core::attribution::{Doing, Page};
use smbench_core::message::{CheckReport, PluginRef, ReceiptInfo};
use smbench_core::outcome::{Extremes, Outcome};
use smbench_ops::Regime;

use crate::guard::{Edge, Guarded};
use crate::instance::{CallError, Instance};
use crate::seat::Seat;
use crate::worker::Refusal;
use crate::workload::{Depth, Workload};

/// What this worker's plugin has already been found right at, and how far it was from the oracle, so that ten sizes of an
/// op are not ten conformance runs.
#[derive(Debug, Default)]
pub struct Passed(HashMap<String, Extremes>);

/// One way to run a workload under guard.
struct Trial<'a> {
    workload: &'a dyn Workload,
    regime: Regime,
    edge: Edge,
    depth: Depth,
    seed: u64,
}

/// Tries the workload at all conformance sizes and then at its own.
pub fn check(
    page: &Page,
    plugin: &PluginRef,
    instance: &Instance,
    workload: &dyn Workload,
    passed: &mut Passed,
    seed: u64,
) -> Result<CheckReport, Refusal> {
    page.enter(Doing::Check, plugin.index, 0);
    let variants = workload.variants();
    // All sizes of one op with one place for its results have the same variants.
    let family = variants.first().map_or_else(String::new, |first| first.title());
    let key = format!("{family} {} {}", plugin.threads, plugin.tier.as_deref().unwrap_or(""));
    let mut extremes = match passed.0.get(&key) {
        Some(extremes) => extremes.clone(),
        None => match conform(page, instance, &variants, seed)? {
            Ok(extremes) => extremes,
            Err(outcome) => return Ok(CheckReport::ended(outcome)),
        },
    };
    passed.0.insert(key, extremes.clone());
    let own = Trial { workload, regime: Regime::Usual, edge: Edge::End, depth: Depth::Most, seed };
    let report = match try_out(page, instance, &own)? {
        Ok((own, call_ns)) => {
            let error = Some(own.error);
            extremes.include(own);
            let receipt = receipt(instance, workload);
            CheckReport { outcome: Outcome::Measured, error, extremes: Some(extremes), call_ns, receipt }
        }
        Err(outcome) => CheckReport::ended(outcome),
    };
    page.leave();
    Ok(report)
}

/// What ran, if the plugin tells.
pub fn receipt(instance: &Instance, workload: &dyn Workload) -> Option<ReceiptInfo> {
    instance.receipt(workload.receipt_id(instance))
}

/// Ragged, aligned, degenerate sizes; usual and outlying values; both edges guarded.
fn conform(
    page: &Page,
    instance: &Instance,
    variants: &[Box<dyn Workload>],
    seed: u64,
) -> Result<Result<Extremes, Outcome>, Refusal> {
    let mut extremes = Extremes::default();
    for variant in variants {
        for (regime, edge) in [(Regime::Usual, Edge::End), (Regime::Usual, Edge::Start), (Regime::Outliers, Edge::End)]
        {
            let trial = Trial { workload: variant.as_ref(), regime, edge, depth: Depth::All, seed };
            match try_out(page, instance, &trial)? {
                Ok((found, _)) => extremes.include(found),
                // A plugin may decline a size that nobody will measure.
                Err(Outcome::Unsupported(_)) => {}
                Err(outcome) => return Ok(Err(outcome)),
            }
        }
    }
    Ok(Ok(extremes))
}

/// Runs one trial: `Ok(Err)` is the plugin's failing, `Err` is ours.
fn try_out(page: &Page, instance: &Instance, trial: &Trial<'_>) -> Result<Result<(Extremes, u64), Outcome>, Refusal> {
    let title = trial.workload.title();
    page.about(&title);
    let guarded = Guarded::new(&trial.workload.layout(), trial.edge).map_err(Refusal::ours)?;
    let buffers = guarded.buffers();
    trial.workload.fill(buffers, trial.regime, trial.seed);
    buffers.poison();
    let inputs = buffers.input_hashes();
    let run = || -> Result<u64, CallError> {
        let mut seat = Seat::take(instance, trial.workload, buffers, trial.seed)?;
        // The first call pays for page faults and packing buffers, which may take far longer than all later ones; and any
        // call may be interrupted.
        let batch = seat.calls().multiple;
        let mut best = seat.time(batch)? / batch;
        let mut enough_ns = HOPELESS_NS;
        for _ in 1..PACED_CALLS {
            best = if best < enough_ns { best.min(seat.time(batch)? / batch) } else { best };
            enough_ns = ENOUGH_NS;
        }
        seat.reveal()?;
        Ok(best)
    };
    let call_ns = match run() {
        Ok(ns) => ns,
        Err(error) => return Ok(Err(at(&title, error.outcome()))),
    };
    let changed = buffers.input_hashes().iter().zip(&inputs).position(|(now, before)| now != before);
    if let Some(input) = changed {
        let reason = format!("wrote into its input `{}`", buffers.input_name(input));
        return Ok(Err(at(&title, Outcome::Rejected(reason))));
    }
    let verified = trial.workload.verify(buffers, instance.look(trial.depth, trial.seed));
    Ok(verified.map(|extremes| (extremes, call_ns)).map_err(|wrong| at(&title, Outcome::Rejected(wrong))))
}

/// Calls of which the fastest says what a size costs …
const PACED_CALLS: usize = 3;
/// … unless the first takes this long: it is too slow by any measure …
const HOPELESS_NS: u64 = 10_000_000_000;
/// … or the second this long.
const ENOUGH_NS: u64 = 200_000_000;

fn at(title: &str, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Rejected(reason) => Outcome::Rejected(format!("{reason} (at {title})")),
        Outcome::Failed(reason) => Outcome::Failed(format!("{reason} (at {title})")),
        other => other,
    }
}
