//! Huge pages set aside for those who ask for them. Nothing here is a problem; it says what a plugin could have.

use smbench_core::fact::Fact;
use smbench_core::units::Bytes;

use super::Place;
use crate::machine::field;

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "huge pages";
    let text = place.text("proc/meminfo").unwrap_or_default();
    let number = |name: &str| field(&text, name)?.split(' ').next()?.parse::<u64>().ok();
    match (number("HugePages_Total"), number("HugePages_Free"), number("Hugepagesize")) {
        (Some(0), ..) => Fact::ok(NAME, "none set aside"),
        (Some(all), Some(free), Some(kib)) => {
            Fact::ok(NAME, format!("{all} of {} set aside, {free} of them free", Bytes(kib as f64 * 1024.0)))
        }
        _ => Fact::unknown(NAME),
    }
}
