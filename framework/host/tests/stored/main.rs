//! Runs that are stored, sent and killed.

mod file;
mod killed;
mod sample;
mod store;
