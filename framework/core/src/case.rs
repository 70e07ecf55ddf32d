//! One thing to measure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What one call costs, from the op's definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Floating-point operations, a fused multiply-add counted as two; transcendental functions as the op says.
    pub flops: u64,
    /// Bytes that have to be touched: of an op all operands once, of a model its weights once in every pass.
    pub bytes: u64,
    /// Elements of the output.
    pub elements: u64,
    /// How often the same bytes are gone over; what they take at once is [`Cost::footprint`].
    #[serde(default = "once")]
    pub passes: u64,
}

fn once() -> u64 {
    1
}

impl Cost {
    /// Bytes that are in use at once: those of one pass.
    pub fn footprint(self) -> u64 {
        self.bytes / self.passes.max(1)
    }
}

/// Tokens of a model's call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Tokens a call reads (a prompt) or writes, over all its sequences: what a rate is taken over.
    pub per_call: u64,
    /// Bytes of key and value cache for each token; none where the whole context is computed again.
    pub kv_bytes: Option<u64>,
}

/// What limits a case, by its cost. Decides the margin that a change must exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// The arithmetic.
    Compute,
    /// The memory.
    Memory,
}

impl Bound {
    /// Memory below this many flops per byte …
    const FLOPS_PER_BYTE: u64 = 4;
    /// … or above this many bytes, which no core's L2 holds.
    const BYTES: u64 = 4 << 20;

    /// METHOD §1.
    pub fn of(cost: Cost) -> Self {
        let starved = cost.flops < Self::FLOPS_PER_BYTE * cost.bytes;
        if starved || cost.footprint() > Self::BYTES { Self::Memory } else { Self::Compute }
    }

    /// The word in reports and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Memory => "memory",
        }
    }
}

/// Cases with the same margin, which the A/A control is judged over (METHOD §2.9, §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// One thread, and the arithmetic limits.
    Compute,
    /// One thread, and the memory limits; models are here, too.
    Memory,
    /// Several threads.
    Threads,
}

impl Class {
    /// The relative change that would matter, as the experiments allow (METHODOLOGY.md; 2026-11-25).
    ///
    /// Of identical code, 95 % of estimates lay within 0.2 %; with two threads within 0.6 %. At 2 % an exact 2 % would be found
    /// every other time (9 of 20).
    pub fn margin(self) -> f64 {
        match self {
            Self::Compute => 0.01,
            Self::Memory => 0.015,
            Self::Threads => 0.02,
        }
    }

    /// The word in reports and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Memory => "memory",
            Self::Threads => "threads",
        }
    }
}

/// One thing to measure, independent of who does it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// `simd/matmul/512x512x512/f32`; with `threads`, unique in a run.
    pub id: String,
    /// The suite's name: the id up to the first `/`.
    pub suite: String,
    /// The workload in canonical form, from which a worker builds it again.
    pub workload: String,
    /// What distinguishes it, for reports: `m`, `n`, `k`, `op`.
    pub params: BTreeMap<String, serde_json::Value>,
    /// Threads a context may use.
    pub threads: u32,
    /// What one call costs.
    pub cost: Cost,
    /// What limits it.
    pub bound: Bound,
    /// Of a model's case: what tokens it is about.
    #[serde(default)]
    pub tokens: Option<Tokens>,
    /// Hash of all that makes two measurements of it comparable.
    pub definition: String,
    /// Whose results are right, where smbench has no oracle of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oracle: Option<Oracle>,
}

/// A backend whose results are taken as right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oracle {
    /// Its alias; the run's reference if none.
    pub backend: Option<String>,
    /// In a request to a worker: the file with its answers. Not in a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<PathBuf>,
}

impl Case {
    /// Whose margin it has.
    pub fn class(&self) -> Class {
        match (self.threads, self.bound) {
            (2.., _) => Class::Threads,
            (_, Bound::Compute) if self.tokens.is_none() => Class::Compute,
            _ => Class::Memory,
        }
    }

    /// The op's or workload's name: the id's second part.
    pub fn op(&self) -> &str {
        self.id.split('/').nth(1).unwrap_or(&self.id)
    }

    /// The size: the id's third part.
    pub fn size(&self) -> &str {
        self.id.split('/').nth(2).unwrap_or("")
    }

    /// The id, and the threads where there are several: `simd/matmul/512x512x512/f32 · 2 threads`.
    pub fn title(&self) -> String {
        title(&self.id, self.threads)
    }
}

/// What a case of this id and so many threads is called.
pub fn title(id: &str, threads: u32) -> String {
    match threads {
        1 => id.to_owned(),
        threads => format!("{id} · {threads} threads"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(flops: u64, bytes: u64, want: Bound) {
        assert_eq!(Bound::of(Cost { flops, bytes, elements: 1, passes: 1 }), want);
    }

    #[test]
    fn bound_follows_intensity_and_size() {
        check(2 * 512 * 512 * 512, 3 * 512 * 512 * 4, Bound::Compute);
        check(2 * 1024 * 1024 * 1024, 3 * 1024 * 1024 * 4, Bound::Memory);
        check(10_000, 120_000, Bound::Memory);
        check(4000, 1000, Bound::Compute);
        check(3999, 1000, Bound::Memory);
    }

    #[test]
    fn margins_follow_from_bound_threads_and_tokens() {
        #[track_caller]
        fn check(threads: u32, bound: Bound, tokens: Option<Tokens>, want: f64) {
            let cost = Cost { flops: 1, bytes: 1, elements: 1, passes: 1 };
            let (id, suite, workload, definition) = Default::default();
            let case = Case {
                id,
                suite,
                workload,
                params: Default::default(),
                threads,
                cost,
                bound,
                tokens,
                definition,
                oracle: None,
            };
            assert_eq!(case.class().margin(), want);
        }
        let tokens = Some(Tokens { per_call: 1, kv_bytes: None });
        check(1, Bound::Compute, None, 0.01);
        check(1, Bound::Compute, tokens, 0.015);
        check(1, Bound::Memory, None, 0.015);
        check(2, Bound::Compute, None, 0.02);
    }

    #[test]
    fn what_is_gone_over_again_takes_no_more_room() {
        let cost = Cost { flops: 1 << 30, bytes: 64 << 20, elements: 1, passes: 32 };
        assert_eq!((cost.footprint(), Bound::of(cost)), (2 << 20, Bound::Compute));
        assert_eq!(Bound::of(Cost { passes: 8, ..cost }), Bound::Memory);
    }
}
