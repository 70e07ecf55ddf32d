//! What a call costs before anything is computed: the way into the plugin, and what its shim does.

use std::time::Instant;

use smbench_core::attribution::{Doing, Page};
use smbench_core::message::{CallCost, PluginRef};
use smbench_ops::Regime;

use crate::arena::arena;
use crate::instance::{CallError, Instance};
use crate::seat::Seat;
use crate::worker::Refusal;
use crate::workload::Workload;

/// Long enough for the clock not to matter.
const BATCH_NS: u64 = 100_000;

/// Of which the fastest counts: whatever disturbs only adds.
const BATCHES: usize = 15;

/// Calls `workload`, which is the smallest that its op has, and then by the same loop a function that does nothing.
pub fn call_cost(
    page: &Page,
    plugin: &PluginRef,
    instance: &Instance,
    workload: &dyn Workload,
    seed: u64,
) -> Result<CallCost, Refusal> {
    let arena = arena(&workload.layout(), seed, None).map_err(Refusal::ours)?;
    let buffers = arena.buffers();
    workload.fill(buffers, Regime::Usual, seed);
    page.enter(Doing::Rounds, plugin.index, 0);
    let failed = |error: CallError| Refusal::of(plugin.index, error.outcome());
    let mut seat = Seat::take(instance, workload, buffers, seed).map_err(failed)?;
    let call_ns = fastest(|calls| seat.time(calls)).map_err(failed)?;
    page.leave();
    let nothing = instance.nothing();
    let time = |calls| {
        let start = Instant::now();
        nothing.repeat(calls).map(|()| start.elapsed().as_nanos() as u64)
    };
    Ok(CallCost { call_ns, empty_ns: fastest(time).map_err(failed)? })
}

/// Time of a call in nanoseconds, where `time` gives that of so many back to back.
fn fastest(mut time: impl FnMut(u64) -> Result<u64, CallError>) -> Result<f64, CallError> {
    let mut calls = 1;
    while time(calls)? < BATCH_NS {
        calls *= 2;
    }
    let mut best = u64::MAX;
    for _ in 0..BATCHES {
        best = best.min(time(calls)?);
    }
    Ok(best as f64 / calls as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_disturbs_is_left_out() {
        let mut turn = 0;
        let per_call = fastest(|calls| {
            turn += 1;
            Ok(3 * calls + if turn % 4 == 0 { 0 } else { 50_000 })
        });
        assert_eq!(per_call, Ok(3.0));
    }
}
