//! Does every process lie at other addresses? It should: then no single layout decides a comparison.

use smbench_core::fact::Fact;

use super::Place;

/// `ADDR_NO_RANDOMIZE` of personality(2): what `setarch -R` sets.
const SWITCHED_OFF: u64 = 0x0004_0000;

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "aslr";
    let personality = place.text("proc/self/personality").and_then(|text| u64::from_str_radix(&text, 16).ok());
    let off = |why: &str, advice: &str| {
        let matter = "all launches lay out code and stack alike, so one layout decides every comparison";
        Fact::ok(NAME, format!("off{why}")).note(matter, advice)
    };
    match place.number("proc/sys/kernel/randomize_va_space") {
        None => Fact::unknown(NAME),
        Some(_) if personality.is_some_and(|flags| flags & SWITCHED_OFF != 0) => {
            off(" for this process", "do not start smbench by `setarch -R`, nor in a debugger")
        }
        Some(0) => off("", "sudo sysctl kernel.randomize_va_space=2"),
        Some(_) => Fact::ok(NAME, "on"),
    }
}
