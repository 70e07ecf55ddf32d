//! Between which frequencies the cores may run.

use smbench_core::fact::Fact;

use super::Place;

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "frequency limits";
    let khz = |file: &str| -> Vec<u64> {
        place.of_cores(&format!("cpufreq/{file}")).iter().filter_map(|text| text.parse().ok()).collect()
    };
    let (low, high) = (khz("scaling_min_freq").into_iter().min(), khz("scaling_max_freq").into_iter().max());
    let (Some(low), Some(high)) = (low, high) else { return Fact::unknown(NAME) };
    let most = khz("cpuinfo_max_freq").into_iter().max().unwrap_or(high);
    let ghz = |khz: u64| format!("{:.2}", khz as f64 / 1e6);
    match (low == high, high < most) {
        (true, _) => Fact::ok(NAME, format!("fixed at {} GHz", ghz(high))),
        (_, false) => Fact::ok(NAME, format!("{} to {} GHz", ghz(low), ghz(high))),
        (_, true) => Fact::ok(NAME, format!("{} to {} GHz, of {}", ghz(low), ghz(high), ghz(most))).note(
            "somebody has limited the clock, so times do not compare with those taken without that",
            format!("sudo cpupower frequency-set -u {}GHz", ghz(most)),
        ),
    }
}
