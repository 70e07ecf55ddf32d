//! What a launch brings home.

use serde::{Deserialize, Serialize};

/// One sample.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Time of all calls, clock cost subtracted.
    pub ns: u64,
    /// Where every sample has to be prepared at length, as for cold caches: what the turn took beside its calls.
    #[serde(default)]
    pub outside_ns: u64,
    /// When tokens came, if the case has any.
    pub stamps: Stamps,
}

impl From<u64> for Sample {
    fn from(ns: u64) -> Self {
        Self { ns, ..Self::default() }
    }
}

/// How long tokens took within the calls of a model, in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamps {
    /// From the prompt to the first logits, once a call (TTFT).
    pub first_ns: Vec<u64>,
    /// Every further step, which gives each sequence a token.
    pub next_ns: Vec<u64>,
}

impl Stamps {
    /// No token at all?
    pub fn is_empty(&self) -> bool {
        self.first_ns.is_empty() && self.next_ns.is_empty()
    }

    /// Appends another's.
    pub fn append(&mut self, mut other: Self) {
        self.first_ns.append(&mut other.first_ns);
        self.next_ns.append(&mut other.next_ns);
    }
}

/// The samples of one backend in one launch, in the order of their rounds; equal lengths throughout, but for the stamps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Time of the very first call, kept apart.
    pub cold_ns: u64,
    /// Calls timed together in each sample.
    pub calls: Vec<u64>,
    /// Time of each sample, clock cost subtracted.
    pub ns: Vec<u64>,
    /// Round of each sample.
    pub round: Vec<u32>,
    /// Place in the round's random order.
    pub position: Vec<u32>,
    /// When tokens came, in the same order; nothing but of models.
    #[serde(default, skip_serializing_if = "Stamps::is_empty")]
    pub stamps: Stamps,
    /// Mean over median of single calls, where samples hold many: a slow call among them is in every sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<f64>,
}

impl Series {
    /// Samples held.
    pub fn len(&self) -> usize {
        self.ns.len()
    }

    /// No sample at all?
    pub fn is_empty(&self) -> bool {
        self.ns.is_empty()
    }

    /// Appends one sample.
    pub fn push(&mut self, round: u32, position: u32, calls: u64, sample: impl Into<Sample>) {
        let Sample { ns, stamps, .. } = sample.into();
        self.round.push(round);
        self.position.push(position);
        self.calls.push(calls);
        self.ns.push(ns);
        self.stamps.append(stamps);
    }

    /// Time per call of each sample.
    pub fn per_call_ns(&self) -> Vec<f64> {
        self.ns.iter().zip(&self.calls).map(|(&ns, &calls)| ns as f64 / calls as f64).collect()
    }

    /// `d = ln(t_self / t_reference)` of each round that both took part in (METHOD §3).
    pub fn log_ratios(&self, reference: &Self) -> Vec<f64> {
        let ours = self.per_call_ns();
        let theirs = reference.per_call_ns();
        let mut at = 0;
        let mut ratios = Vec::with_capacity(ours.len().min(theirs.len()));
        for (index, &round) in self.round.iter().enumerate() {
            while at < theirs.len() && reference.round[at] < round {
                at += 1;
            }
            if at < theirs.len() && reference.round[at] == round && ours[index] > 0.0 && theirs[at] > 0.0 {
                ratios.push((ours[index] / theirs[at]).ln());
            }
        }
        ratios
    }
}

/// How the backends of a launch shared the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// One process holds all of them.
    Shared,
    /// One process each, taking turns.
    Split,
}

impl Mode {
    /// The word in the store, in reports and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Split => "split",
        }
    }
}

/// The flag of a backend with threads that run on when it is not called; whoever has the turn then lacks a core.
pub const SPINS: &str = "leaves threads running between its turns";

/// What disturbed a launch (METHOD §2.10); summed over its processes. `None`: not to be had here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Wall time of the timed part.
    pub wall_ns: u64,
    /// Time threads were ready but not running.
    pub runqueue_wait_ns: Option<u64>,
    /// Times a thread was taken off its core.
    pub involuntary_switches: u64,
    /// Time the hypervisor gave to others, on all cores.
    pub steal_ns: Option<u64>,
    /// CPU time that its own processes used: all threads of the launch, and of the host where it passes turns.
    #[serde(default)]
    pub cpu_ns: Option<u64>,
    /// CPU time that all other processes of the machine used meanwhile, on all cores. The kernel counts in steps of 10 ms,
    /// so a launch may be wrong by two of them; sums are better.
    #[serde(default)]
    pub others_busy_ns: Option<u64>,
    /// Page faults served without IO.
    pub minor_faults: u64,
    /// Page faults that needed IO.
    pub major_faults: u64,
    /// Peak resident size.
    pub peak_rss_bytes: Option<u64>,
}

/// One launch of one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Launch {
    /// How the backends shared the machine.
    pub mode: Mode,
    /// Order in which the backends were loaded, as indices into the run's backends.
    pub order: Vec<usize>,
    /// What disturbed it.
    pub environment: Environment,
    /// Samples by index into the run's backends; the ones that took part.
    pub series: Vec<(usize, Series)>,
    /// Backends whose check in this launch failed, with the reason.
    pub late: Vec<(usize, String)>,
    /// Things a backend changed under everybody's feet, with who had the turn.
    pub flags: Vec<(usize, String)>,
}

impl Launch {
    /// The samples of one backend, if it took part.
    pub fn of(&self, backend: usize) -> Option<&Series> {
        self.series.iter().find(|(index, series)| *index == backend && !series.is_empty()).map(|(_, series)| series)
    }

    /// Is it of these players, and complete? What wrote it has been in one process with them.
    pub fn is_of(&self, players: &[usize]) -> bool {
        let mut told = self.order.iter().chain(self.late.iter().chain(&self.flags).map(|(player, _)| player));
        let complete = |series: &Series| {
            let samples = series.len();
            [series.calls.len(), series.round.len(), series.position.len()] == [samples; 3]
                && !series.calls.contains(&0)
        };
        self.series.iter().map(|(player, _)| player).eq(players)
            && self.series.iter().all(|(_, series)| complete(series))
            && told.all(|player| players.contains(player))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(samples: &[(u32, u64, u64)]) -> Series {
        let mut series = Series::default();
        samples.iter().for_each(|&(round, calls, ns)| series.push(round, 0, calls, ns));
        series
    }

    #[test]
    fn rounds_are_paired_by_number_and_by_call() {
        let fast = series(&[(0, 2, 200), (1, 2, 200), (3, 2, 200)]);
        let slow = series(&[(0, 1, 200), (2, 1, 200), (3, 1, 400)]);
        assert_eq!(slow.log_ratios(&fast), [2f64.ln(), 4f64.ln()]);
        assert_eq!(fast.log_ratios(&slow), [0.5f64.ln(), 0.25f64.ln()]);
    }
}
