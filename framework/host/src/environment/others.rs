//! What other processes use of the cores.

use smbench_core::fact::Fact;
use smbench_core::units::Percent;

use super::{Limits, Place};

/// A program that only starts beside us, as the next one of a pipeline does, made 35 to 45 of a fifth of a second.
const LIMITS: Limits = Limits { note: 10.0, problem: 50.0 };

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "other processes";
    let Some(busy_ns) = place.window.others_busy_ns else { return Fact::unknown(NAME) };
    let percent = place.percent_of_a_core(busy_ns);
    let busiest = place.window.busiest.as_ref().filter(|_| percent >= LIMITS.note);
    let busiest = busiest.map_or_else(String::new, |name| format!(", most of it `{name}`"));
    let average = place.text("proc/loadavg").and_then(|text| Some(text.split(' ').next()?.to_owned()));
    let average = average.map_or_else(String::new, |average| format!(" (load average {average})"));
    let fact = Fact::ok(NAME, format!("{} of a core{busiest}{average}", Percent(percent)));
    let matter = "what is measured waits for cores and shares caches, so times scatter";
    LIMITS.grade(percent, fact, matter, "end them, or wait")
}
