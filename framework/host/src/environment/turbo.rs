//! May the cores run faster than they can for ever?

use smbench_core::fact::Fact;

use super::{CORES, Place};

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "turbo";
    let (intel, other) = (format!("{CORES}/intel_pstate/no_turbo"), format!("{CORES}/cpufreq/boost"));
    let (on, off) = match (place.number(&intel), place.number(&other)) {
        (Some(no_turbo), _) => (no_turbo == 0, format!("echo 1 | sudo tee /{intel}")),
        (None, Some(boost)) => (boost != 0, format!("echo 0 | sudo tee /{other}")),
        (None, None) => return Fact::unknown(NAME),
    };
    match on {
        false => Fact::ok(NAME, "off"),
        true => Fact::ok(NAME, "on").note("the clock depends on heat and on how many cores work", off),
    }
}
