//! smbench from outside: the release binary with the plugins beside it, as a user has them.
//!
//! `cargo xtask test` builds both and says where they are. No test asserts a time, but for two ratios of five.

#[path = "../support/mod.rs"]
mod support;

mod ab;
mod backends;
mod check;
mod cold;
mod compatibility;
mod confine;
mod control;
mod custom;
mod dist;
mod doctor;
mod errors;
mod examples;
mod first_call;
mod gates;
mod gc;
mod goals;
mod history;
mod hostile;
mod import;
mod insights;
mod json;
mod layering;
mod looks;
mod memory;
mod models;
mod new;
mod note;
mod plan;
mod sample_report;
mod separate;
mod shipped;
mod split;
mod store;
mod suites;
