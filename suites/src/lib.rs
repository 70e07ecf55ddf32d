//! What is run: suites in RON, and the workloads they are made of.
//!
//! A workload composes ops; it has no oracle of its own. To add one: a file, a line in [`workload`],
//! a list in [`Suite`]. To add a suite: a `.ron` file here and a line in [`SHIPPED`].

#![forbid(unsafe_code)]

mod acquire;
mod compose;
mod custom;
mod expand;
mod extremes;
mod model;
mod op;
mod suite;

pub use acquire::{AcquireEntry, ByteSize};
pub use custom::{CustomEntry, Declared, Formula, Tolerance};
pub use expand::{Expansion, expand, workload};
pub use model::{Activation, ModelEntry, Normalisation, Phase};
pub use suite::{OpEntry, OpName, Output, Size, Suite};

/// The shipped suites, embedded in the binary: name and text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("simd", include_str!("../simd.ron")),
    ("activations", include_str!("../activations.ron")),
    ("model_small", include_str!("../model_small.ron")),
    ("model_medium", include_str!("../model_medium.ron")),
    ("memory", include_str!("../memory.ron")),
    ("smoke", include_str!("../smoke.ron")),
];
