//! A run as one file, and what is computed of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smbench_core::study::Study;
use smbench_host::file::from_text;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(run) = from_text("fuzz.json", bytes) {
        run.plan.predicted();
        Study::of(vec![run.clone(), run]);
    }
});
