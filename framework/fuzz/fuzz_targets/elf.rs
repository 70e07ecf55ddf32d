//! A plugin's file, before anything of it is loaded.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use smbench_host::elf;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary folder");
    file.write_all(bytes).expect("room in it");
    if let Err(refusal) = elf::check(file.path()) {
        assert_eq!(refusal.to_string().lines().count(), 1, "{refusal}");
    }
});
