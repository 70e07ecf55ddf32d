//! Suites, and the cases that become of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smbench_host::config_file::{as_text, read};
use smbench_suites::{Expansion, Suite, expand};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = as_text("fuzz.ron", bytes) else { return };
    match read::<Suite>("fuzz.ron", text) {
        Ok(suite) => drop(expand(&suite, &Expansion { cores: 2, threads: None, cache: None })),
        Err(error) => drop(error.render(true)),
    }
});
