//! The experiments: one file each, or one for a family, and one list.

mod criterion;
mod drift;
mod exact_slow_down;
mod half_way;
mod roles_swapped;
mod same_code;
mod stored;
mod tail;
mod tiny;
mod wall_time;
mod warm_up;

use crate::answer::Answer;
use crate::finding::Finding;
use crate::step::{Case, Effort, Step, Subject};
use same_code::SameCode;

/// What is done, and what must come out.
pub trait Experiment: Sync {
    /// As the command line names it.
    fn name(&self) -> &'static str;

    /// One line: what is asked.
    fn about(&self) -> &'static str;

    /// Is it done only when it is named?
    fn asks_to_be_named(&self) -> bool {
        false
    }

    /// What is done, in this order.
    fn steps(&self, effort: Effort) -> Vec<Step>;

    /// What came out, from an answer for each step. Pure.
    fn judge(&self, answers: &[Answer]) -> Vec<Finding>;
}

/// All of them, in the order of the table.
pub const EXPERIMENTS: &[&dyn Experiment] = &[
    &SameCode::QUIET,
    &SameCode::NOISE_SAME_CORE,
    &SameCode::NOISE_OTHER_CORE,
    &SameCode::SPLIT,
    &SameCode::THREADS,
    &SameCode::THREADS_SPLIT,
    &half_way::HalfWay,
    &stored::Stored,
    &exact_slow_down::ExactSlowDown,
    &roles_swapped::RolesSwapped,
    &drift::Drift,
    &warm_up::WarmUp,
    &tail::Tail,
    &tiny::Tiny,
    &wall_time::WallTime,
    &criterion::Criterion::QUIET,
    &criterion::Criterion::NOISE_SAME_CORE,
];

/// Those that are named; all but the shy ones if none is.
pub fn choose(names: &[String]) -> Result<Vec<&'static dyn Experiment>, String> {
    let find = |name: &String| EXPERIMENTS.iter().copied().find(|experiment| experiment.name() == name);
    if names.is_empty() {
        return Ok(EXPERIMENTS.iter().copied().filter(|experiment| !experiment.asks_to_be_named()).collect());
    }
    names.iter().map(|name| find(name).ok_or_else(|| format!("no experiment `{name}`: `--list` names them"))).collect()
}

/// Five where arithmetic limits and five where memory does, from a third of a microsecond to a tenth of a millisecond.
pub const DIFFERENT: &[Case] = &[
    ("matmul", "32x32x32"),
    ("gelu_tanh", "10_000"),
    ("matmul", "64x64x64"),
    ("softmax", "32x128"),
    ("matmul", "127x65x33"),
    ("layernorm", "64x256"),
    ("matmul", "96x96x96"),
    ("mul", "100_000"),
    ("matmul", "128x128x128"),
    ("add", "1_000_000"),
];

/// Calls of 0.1 to 1 µs, again five and five.
const SHORT: &[Case] = &[
    ("matmul", "32x32x32"),
    ("gelu_tanh", "4_000"),
    ("matmul", "48x32x32"),
    ("softmax", "32x128"),
    ("matmul", "32x64x32"),
    ("layernorm", "32x256"),
    ("matmul", "64x32x48"),
    ("add", "10_000"),
    ("matmul", "64x64x32"),
    ("mul", "10_000"),
];

/// Calls that are worth a second thread, from 10 µs.
const LONG: &[Case] = &[
    ("matmul", "128x128x128"),
    ("gelu_tanh", "100_000"),
    ("matmul", "256x128x128"),
    ("softmax", "256x256"),
    ("matmul", "192x192x192"),
    ("layernorm", "256x512"),
    ("matmul", "192x256x192"),
    ("mul", "300_000"),
    ("matmul", "256x256x256"),
    ("add", "1_000_000"),
];

/// The reference and four copies of it.
fn copies() -> Vec<Subject> {
    ["plain", "copy1", "copy2", "copy3", "copy4"].map(Subject::plain).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        let mut names: Vec<&str> = EXPERIMENTS.iter().map(|experiment| experiment.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), EXPERIMENTS.len());
        assert_eq!(choose(&["tiny".to_owned()]).unwrap()[0].name(), "tiny");
        assert!(choose(&["tinny".to_owned()]).is_err_and(|why| why.contains("tinny")));
        assert!(choose(&[]).unwrap().iter().all(|experiment| !experiment.name().starts_with("criterion")));
    }
}
