//! What the hypervisor takes.

use smbench_core::fact::Fact;
use smbench_core::units::Percent;

use super::Place;

/// Percent of a core from which it is a problem: two of the kernel's steps of 10 ms in a fifth of a second.
const PROBLEM: f64 = 10.0;
/// And from which it is worth knowing.
const NOTE: f64 = 2.0;

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "steal";
    let Some(steal_ns) = place.window.steal_ns else { return Fact::unknown(NAME) };
    let share = 100.0 * steal_ns as f64 / place.window.wall_ns.max(1) as f64;
    let fact = Fact::ok(NAME, format!("{} of a core", Percent(share)));
    let matter = "the hypervisor stops this machine for others, in the middle of samples";
    let advice = "wait, or take a machine with cores of its own";
    match share {
        PROBLEM.. => fact.problem(matter, advice),
        NOTE.. => fact.note(matter, advice),
        _ => fact,
    }
}
