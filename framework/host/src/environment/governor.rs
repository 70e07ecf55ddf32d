//! Who decides how fast the cores run.

use smbench_core::fact::Fact;

use super::Place;

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "governor";
    let governors = place.of_cores("cpufreq/scaling_governor");
    if governors.is_empty() {
        return Fact::unknown(NAME);
    }
    let fact = Fact::ok(NAME, governors.join(", "));
    match governors.iter().all(|governor| governor == "performance") {
        true => fact,
        false => fact.note(
            "the clock follows the load, and rises only some time after a launch has begun",
            "sudo cpupower frequency-set -g performance",
        ),
    }
}
