//! What all tests here stand on: a folder of one's own, the binary run in it, and what it said.

mod lab;
mod plugin;
mod ran;
mod report;
mod repository;

pub use lab::{Lab, release, root, wait_until};
pub use plugin::{as_stranger, built, compile, compile_as, compile_in};
pub use ran::Ran;
pub use report::Report;
pub use repository::Acme;
