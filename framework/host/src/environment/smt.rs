//! Do threads share the units of a core?

use smbench_core::fact::Fact;

use super::{CORES, Place};

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "smt";
    match place.number(&format!("{CORES}/smt/active")) {
        None => Fact::unknown(NAME),
        Some(0) => Fact::ok(NAME, "off, as far as is shown here"),
        Some(_) => Fact::ok(NAME, siblings(place)).note(
            "what runs on the other half of a core takes half of its units",
            format!("echo off | sudo tee /{CORES}/smt/control, or leave one of each two idle: taskset -c …"),
        ),
    }
}

/// `on: cores 0-1, 2-3 are one each`, the first few of them.
fn siblings(place: Place<'_>) -> String {
    const SHOWN: usize = 4;
    let pairs = place.of_cores("topology/thread_siblings_list");
    let more = if pairs.len() > SHOWN { ", …" } else { "" };
    match pairs.is_empty() {
        true => "on".to_owned(),
        false => format!("on: one core each are {}{more}", pairs[..pairs.len().min(SHOWN)].join(" and ")),
    }
}
