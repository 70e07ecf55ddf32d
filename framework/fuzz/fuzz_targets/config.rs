//! Configs and goals.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smbench_core::config::Config;
use smbench_core::goal::Goals;
use smbench_host::config_file::{as_text, read};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = as_text("fuzz.ron", bytes) else { return };
    if let Err(error) = read::<Config>("fuzz.ron", text) {
        error.render(true);
    }
    if let Err(error) = read::<Goals>("fuzz.ron", text) {
        error.render(true);
    }
});
