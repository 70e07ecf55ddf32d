//! Does the kernel make huge pages of what nobody asked them for?

use smbench_core::fact::Fact;

use super::Place;

const FILE: &str = "sys/kernel/mm/transparent_hugepage/enabled";

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "transparent huge pages";
    // `always [madvise] never`
    let chosen = place.text(FILE).and_then(|text| Some(text.split_once('[')?.1.split_once(']')?.0.to_owned()));
    let Some(chosen) = chosen else { return Fact::unknown(NAME) };
    let fact = Fact::ok(NAME, chosen.as_str());
    match chosen.as_str() {
        "always" => fact.note(
            "a buffer has huge pages in one launch and not in the next, as memory happens to be free",
            format!("echo madvise | sudo tee /{FILE}"),
        ),
        _ => fact,
    }
}
