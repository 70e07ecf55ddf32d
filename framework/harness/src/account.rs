//! What a call uses: allocations, page faults, peak memory, in a pass of its own (METHOD §2.8).

use std::time::{Duration, Instant};

use smbench_core::attribution::{Doing, Page};
use smbench_core::message::{AccountReport, Allocations, PluginRef};
use smbench_ops::Regime;

use crate::arena::arena;
use crate::check::receipt;
use crate::environment::{minor_faults, peak_rss_bytes, reset_peak_rss};
use crate::instance::{CallError, Instance};
use crate::seat::Seat;
use crate::worker::{Host, Refusal};
use crate::workload::Workload;

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
}

/// Calls until caches and pools have filled.
const WARM_UP_CALLS: u64 = 3;
/// Enough to see an allocation in every tenth call.
const CALLS: u64 = 32;
/// But no longer than this.
const LONGEST: Duration = Duration::from_millis(100);

/// Warms up, then counts some calls.
pub fn account(
    host: &Host,
    page: &Page,
    plugin: &PluginRef,
    instance: &Instance,
    workload: &dyn Workload,
    seed: u64,
) -> Result<AccountReport, Refusal> {
    let arena = arena(&workload.layout(), seed, None).map_err(Refusal::ours)?;
    let buffers = arena.buffers();
    workload.fill(buffers, Regime::Usual, seed);
    page.enter(Doing::Account, plugin.index, 0);
    let counted = Seat::take(instance, workload, buffers, seed).and_then(|seat| count(host, seat));
    page.leave();
    let mut report = counted.map_err(|error| Refusal::of(plugin.index, error.outcome()))?;
    report.receipt = receipt(instance, workload);
    Ok(report)
}

fn count(host: &Host, mut seat: Seat<'_>) -> Result<AccountReport, CallError> {
    let calls = warm_up(&mut seat)?;
    let peak_is_ours = reset_peak_rss();
    let faults_before = minor_faults();
    let allocations = count_allocations(host, &mut seat, calls)?;
    let faults = minor_faults() - faults_before;
    Ok(AccountReport {
        allocations,
        allocations_missing: allocations.is_none().then(|| MISSING.to_owned()),
        page_faults: Some(faults as f64 / calls as f64),
        peak_rss_bytes: peak_rss_bytes().filter(|_| peak_is_ours),
        receipt: None,
        spans: None,
    })
}

const MISSING: &str =
    "this build of smbench does not count allocations (Linux with glibc, feature `count-allocations`)";

/// Returns how many calls to count.
fn warm_up(seat: &mut Seat<'_>) -> Result<u64, CallError> {
    let rule = seat.calls();
    let batch = rule.multiple;
    let start = Instant::now();
    for _ in 0..WARM_UP_CALLS {
        seat.run(batch)?;
    }
    let per_call = start.elapsed() / (WARM_UP_CALLS * batch) as u32;
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
        peak_bytes: counted.peak_bytes,
    }))
}
