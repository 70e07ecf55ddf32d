//! What other processes use of the cores.

use smbench_core::fact::Fact;
use smbench_core::units::Percent;

use super::Place;

/// Percent of a core from which they are a problem. A program that only starts beside us, as the next one of a pipeline
/// does, made 35 to 45 of a fifth of a second.
const PROBLEM: f64 = 50.0;
/// And from which they are worth knowing.
const NOTE: f64 = 10.0;

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "other processes";
    let Some(busy_ns) = place.window.others_busy_ns else { return Fact::unknown(NAME) };
    let share = 100.0 * busy_ns as f64 / place.window.wall_ns.max(1) as f64;
    let busiest = place.window.busiest.as_ref().filter(|_| share >= NOTE);
    let busiest = busiest.map_or_else(String::new, |name| format!(", most of it `{name}`"));
    let average = place.text("proc/loadavg").and_then(|text| Some(text.split(' ').next()?.to_owned()));
    let average = average.map_or_else(String::new, |average| format!(" (load average {average})"));
    let fact = Fact::ok(NAME, format!("{} of a core{busiest}{average}", Percent(share)));
    let (matter, advice) =
        ("what is measured waits for cores and shares caches, so times scatter", "end them, or wait");
    match share {
        PROBLEM.. => fact.problem(matter, advice),
        NOTE.. => fact.note(matter, advice),
        _ => fact,
    }
}
