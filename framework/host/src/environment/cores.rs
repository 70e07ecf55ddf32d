//! How many cores there are, and how many of them we may use.

use smbench_core::fact::Fact;

use super::{CORES, Place};
use crate::machine::cpu;

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "cores";
    let allowed = cpu::cores(place.root);
    let present = place.text(&format!("{CORES}/present")).map_or(0, |text| cpu::list(&text).len() as u32);
    let fact = match present {
        0 => Fact::ok(NAME, allowed.to_string()),
        _ => Fact::ok(NAME, format!("{allowed} of {present}")),
    };
    match allowed {
        1 => fact.note("whatever else runs interrupts what is measured", "allow two cores or more"),
        _ => fact,
    }
}
