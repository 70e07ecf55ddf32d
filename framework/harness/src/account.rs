//! What a call uses: allocations, page faults, switches, peak memory, counters of the processor; each in a pass of its own
//! (METHOD §2.8).

use std::time::{Duration, Instant};

use smbench_core::attribution::{Doing, Page};
use smbench_core::message::{AccountReport, Allocations, PluginRef, Span, Switches, Tensors};
use smbench_core::stats::quantile;
use smbench_ops::Regime;

use crate::arena::arena;
use crate::check::receipt;
use crate::counters::Tallies;
use crate::environment::{Interruptions, peak_rss_bytes, reset_peak_rss};
use crate::instance::{CallError, Instance};
use crate::seat::Seat;
use crate::worker::{Host, Refusal};
use crate::workload::Workload;
use smbench_abi::extension::MemoryStats;

/// Counts what the malloc family does; the binary that owns the process provides it.
#[derive(Clone, Copy, Debug)]
pub struct AllocationCounter {
    /// Begins to count, in all threads.
    pub start: fn(),
    /// Stops, and says what was counted.
    pub stop: fn() -> Counted,
}

/// What was counted between start and stop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Blocks asked for.
    pub count: u64,
    /// Bytes asked for.
    pub bytes: u64,
    /// Most bytes alive at once beyond those alive at the start.
    pub peak_bytes: u64,
    /// Bytes alive at the end beyond those alive at the start; negative when old blocks were freed.
    pub kept_bytes: i64,
}

/// Calls until caches and pools have filled …
const WARM_UP_CALLS: u64 = 3;
/// … and time for threads that a plugin has started to have begun.
const WARM_UP: Duration = Duration::from_millis(5);
/// Enough to see an allocation in every tenth call.
const CALLS: u64 = 32;
/// Calls traced op by op.
const TRACES: usize = 32;
/// But neither any longer than this.
const LONGEST: Duration = Duration::from_millis(100);

/// Warms up, then counts some calls.
pub fn account(
    host: &Host,
    page: &Page,
    plugin: &PluginRef,
    (instance, workload): (&Instance, &dyn Workload),
    seed: u64,
    tallies: Tallies,
) -> Result<AccountReport, Refusal> {
    let arena = arena(&workload.layout(), seed, None).map_err(Refusal::ours)?;
    let buffers = arena.buffers();
    workload.fill(buffers, Regime::Usual, seed);
    page.enter(Doing::Account, plugin.index, 0);
    let counted = Seat::take(instance, workload, buffers, seed).and_then(|seat| count(host, instance, seat, tallies));
    page.leave();
    let mut report = counted.map_err(|error| Refusal::of(plugin.index, error.outcome()))?;
    report.receipt = receipt(instance, workload);
    Ok(report)
}

fn count(host: &Host, instance: &Instance, mut seat: Seat<'_>, tallies: Tallies) -> Result<AccountReport, CallError> {
    let calls = warm_up(&mut seat)?;
    // What one pass keeps may be a table that has just grown; what both keep is kept by every call.
    let once = count_allocations(host, &mut seat, calls)?;
    let peak_is_ours = reset_peak_rss();
    let (tensors_before, before) = (instance.memory_stats(), Interruptions::so_far());
    let again = count_allocations(host, &mut seat, calls)?;
    let (tensors_after, after) = (instance.memory_stats(), Interruptions::so_far());
    let per_call = |before: u64, after: u64| (after - before) as f64 / calls as f64;
    let kept_bytes = |of: Option<Allocations>| of.map_or(0.0, |allocations| allocations.kept_bytes);
    let allocations = again.map(|again| Allocations { kept_bytes: again.kept_bytes.min(kept_bytes(once)), ..again });
    let peak_rss_bytes = peak_rss_bytes().filter(|_| peak_is_ours);
    let counted = tallies.count(&mut seat, calls)?;
    Ok(AccountReport {
        allocations,
        allocations_missing: allocations.is_none().then(|| MISSING.to_owned()),
        page_faults: Some(per_call(before.minor_faults, after.minor_faults)),
        switches: Some(Switches {
            voluntary: per_call(before.voluntary_switches, after.voluntary_switches),
            involuntary: per_call(before.involuntary_switches, after.involuntary_switches),
        }),
        counters_missing: counted.as_ref().err().cloned(),
        counters: counted.ok(),
        peak_rss_bytes,
        receipt: None,
        spans: spans(&mut seat)?,
        tensors: tensors_before.zip(tensors_after).map(|(before, after)| tensors(&before, &after, calls)),
    })
}

/// What the plugin's allocator did between two looks at it.
fn tensors(before: &MemoryStats, after: &MemoryStats, calls: u64) -> Tensors {
    let per_call = |before: u64, after: u64| after.saturating_sub(before) as f64 / calls as f64;
    Tensors {
        acquired: per_call(before.acquired, after.acquired),
        reused: per_call(before.reused, after.reused),
        held_bytes: after.held_bytes,
    }
}

/// The time of each op: its median over several traced calls, which all have the same ops.
fn spans(seat: &mut Seat<'_>) -> Result<Option<Vec<Span>>, CallError> {
    let (start, mut traces) = (Instant::now(), Vec::with_capacity(TRACES));
    while traces.len() < TRACES && (traces.is_empty() || start.elapsed() < LONGEST) {
        let Some(spans) = seat.trace()? else { return Ok(None) };
        traces.push(spans);
    }
    Ok(Some(typical(&traces)))
}

fn typical(traces: &[Vec<Span>]) -> Vec<Span> {
    let Some(first) = traces.first() else { return Vec::new() };
    let median = |op: usize| {
        let times: Vec<f64> = traces.iter().filter_map(|spans| spans.get(op)).map(|span| span.ns).collect();
        quantile::median(&times)
    };
    let times: Vec<f64> = (0..first.len()).map(median).collect();
    let whole = times.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    first.iter().zip(times).map(|(span, ns)| Span { ns, share: ns / whole, ..span.clone() }).collect()
}

const MISSING: &str =
    "this build of smbench does not count allocations (Linux with glibc, feature `count-allocations`)";

/// Returns how many calls to count.
fn warm_up(seat: &mut Seat<'_>) -> Result<u64, CallError> {
    let rule = seat.calls();
    let batch = rule.multiple;
    let (start, mut warm) = (Instant::now(), 0);
    while warm < WARM_UP_CALLS || start.elapsed() < WARM_UP {
        seat.run(batch)?;
        warm += 1;
    }
    let per_call = start.elapsed() / (warm * batch).min(u64::from(u32::MAX)) as u32;
    let affordable = LONGEST.as_nanos() / per_call.as_nanos().max(1);
    let most = rule.most.unwrap_or(CALLS).min(CALLS);
    let calls = (affordable as u64).clamp(1, most);
    Ok(calls.next_multiple_of(batch))
}

fn count_allocations(host: &Host, seat: &mut Seat<'_>, calls: u64) -> Result<Option<Allocations>, CallError> {
    let Some(counter) = host.allocations else {
        seat.run(calls)?;
        return Ok(None);
    };
    let mut counted = Counted::default();
    seat.run_between(calls, counter.start, || counted = (counter.stop)())?;
    Ok(Some(Allocations {
        count: counted.count as f64 / calls as f64,
        bytes: counted.bytes as f64 / calls as f64,
        peak_bytes: Some(counted.peak_bytes),
        kept_bytes: counted.kept_bytes.max(0) as f64 / calls as f64,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disturbed_call_decides_nothing() {
        let span = |op: &str, ns: f64| Span { op: op.to_owned(), share: 0.0, ns, runs: 1.0 };
        let trace = |a: f64, b: f64| vec![span("matmul", a), span(Span::OUTSIDE, b)];
        let spans = typical(&[
            trace(30.0, 10.0),
            trace(9000.0, 11.0),
            trace(31.0, 500.0),
            trace(29.0, 10.0),
            trace(30.0, 10.0),
        ]);
        assert_eq!(spans.iter().map(|span| (span.ns, span.share)).collect::<Vec<_>>(), [(30.0, 0.75), (10.0, 0.25)]);
    }
}
