//! What the hypervisor takes.

use smbench_core::fact::Fact;
use smbench_core::units::Percent;

use super::{Limits, Place};

/// Two of the kernel's steps of 10 ms in a fifth of a second are a problem.
const LIMITS: Limits = Limits { note: 2.0, problem: 10.0 };

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "steal";
    let Some(steal_ns) = place.window.steal_ns else { return Fact::unknown(NAME) };
    let percent = place.percent_of_a_core(steal_ns);
    let fact = Fact::ok(NAME, format!("{} of a core", Percent(percent)));
    let matter = "the hypervisor stops this machine for others, in the middle of samples";
    LIMITS.grade(percent, fact, matter, "wait, or take a machine with cores of its own")
}
