//! A study for other tools, one format a file. A figure that was not measured is left out or empty, never 0.

mod bencher;
mod csv;
mod github_action_benchmark;
mod junit;
#[cfg(test)]
mod tests;

pub use bencher::bencher;
pub use csv::csv;
pub use github_action_benchmark::github_action_benchmark;
pub use junit::junit;

use smbench_core::study::{Row, Study};

use crate::escape;

/// `simd/matmul/64x64x64/f32 · 2 threads [pooled]`: what other tools call a row, the same in every run.
fn name(row: &Row) -> String {
    escape::plain(&format!("{} [{}]", row.case.title(), row.alias)).into_owned()
}

/// The rows that have a time, with what they are called.
fn measured(study: &Study) -> impl Iterator<Item = (String, &Row, f64)> {
    study.rows.iter().filter_map(|row| Some((name(row), row, row.time_ns?.median)))
}
