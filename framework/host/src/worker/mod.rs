//! Worker processes: this binary again, in a role in which it may die.

mod death;
mod memory_file;
mod process;
mod split;

pub use death::{Death, How};
pub use process::{Limits, Worker, Workers};
pub use split::{Culprit, split};

/// The hidden first argument that makes the binary a worker.
pub const ARGUMENT: &str = "__worker";
