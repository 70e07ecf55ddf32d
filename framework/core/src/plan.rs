//! A run as it will be run: every name resolved, every number decided, the order seeded.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::backend::{Backend, Skipped};
use crate::case::Case;
use crate::config::Preset;
use crate::schedule::{CallRule, Schedule};
use crate::stats::benjamini_hochberg::min_launches;
use crate::verdict::{ALPHA, LOOKS};

/// A run as it will be run. Printed by `--list`, stored with the run, compared by `--resume`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Name of the config.
    pub config: String,
    /// How long.
    pub preset: Preset,
    /// Where inputs and orders come from.
    pub seed: u64,
    /// What to measure.
    pub cases: Vec<Case>,
    /// Who does it.
    pub backends: Vec<Backend>,
    /// Optional ones that could not be had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
    /// Index of the backend that the others are compared with.
    pub reference: usize,
    /// Backends that are compared with another than that, and with which: a build with its own predecessor.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub against: BTreeMap<usize, usize>,
    /// Whose copy the A/A control is, where it is no longer the reference's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controlled: Option<usize>,
    /// Are these plugins of stored runs, measured again?
    #[serde(default)]
    pub replayed: bool,
    /// Launches of each case; at most so many if they end as soon as it is decided.
    pub launches: u32,
    /// Launches of a case end at the first of [`LOOKS`] after which all its comparisons are decided.
    #[serde(default)]
    pub until_decided: bool,
    /// The relative change that would matter, instead of what METHOD §4 says.
    #[serde(default)]
    pub margin: Option<f64>,
    /// A single call longer than this is `unsupported`.
    pub max_call_ns: u64,
    /// A worker silent for this long is killed.
    pub timeout_ms: u64,
    /// A worker that takes more memory is killed.
    #[serde(default = "Plan::no_limit")]
    pub memory_limit_bytes: u64,
    /// Every backend in a process of its own.
    pub isolate: bool,
    /// Plugins built without optimisation are measured too.
    pub allow_debug: bool,
}

impl Plan {
    /// Starting a worker, filling its operands. Measured 2026-11-25 on a 2-core VM: full.ron, 64 cases, took 184 s with
    /// one backend; with three, and two cases more, 341 s.
    const LAUNCH_OVERHEAD: Duration = Duration::from_millis(22);
    /// Loading one backend, warming it up, choosing its calls per sample, checking its outputs; and what slow calls add,
    /// spread over all launches.
    const WARM_UP: Duration = Duration::from_millis(20);
    /// Calls and oracles up to here are part of the averages above.
    const RARELY_LONG: Duration = Duration::from_millis(300);
    /// Checking one backend at one case: oracle, guard pages; and its account pass.
    const CHECK: Duration = Duration::from_millis(90);

    /// Of runs from before there was one.
    fn no_limit() -> u64 {
        u64::MAX
    }

    /// Whom a backend is compared with; nobody if it is what others are compared with.
    pub fn reference_of(&self, backend: usize) -> Option<usize> {
        let own = self.against.get(&backend).copied();
        let is_reference = backend == self.reference || self.against.values().any(|&reference| reference == backend);
        own.or((!is_reference).then_some(self.reference))
    }

    /// Of some backends that take part in a launch: the place among them of whom each is compared with, its own if it is a
    /// reference, the first if its reference does not take part.
    pub fn references(&self, playing: &[usize]) -> Vec<usize> {
        let own = |&backend: &usize| self.reference_of(backend).unwrap_or(backend);
        let place = |of: usize| playing.iter().position(|&backend| backend == of).unwrap_or(0);
        playing.iter().map(own).map(place).collect()
    }

    /// Whose results are right at a case, where smbench does not know them by itself.
    pub fn oracle(&self, case: usize) -> Option<usize> {
        let oracle = self.cases[case].oracle.as_ref()?;
        let named = oracle.backend.as_ref().and_then(|alias| self.backends.iter().position(|of| of.alias() == alias));
        Some(named.unwrap_or(self.reference))
    }

    /// How far a backend's logits may be off at a case, where its entry in the config says so; only models have some.
    pub fn logit_tolerance(&self, case: usize, backend: usize) -> Option<f64> {
        let stated = self.backends[backend].spec.logit_tolerance;
        stated.filter(|_| self.cases[case].tokens.is_some()).map(f64::from)
    }

    /// Comparisons the run will make: every case with every backend that has a reference.
    pub fn comparisons(&self) -> usize {
        let compared = (0..self.backends.len()).filter(|&backend| self.reference_of(backend).is_some());
        self.cases.len() * compared.count()
    }

    /// Launches of one case below which Benjamini–Hochberg could reject nothing (METHOD §2.6).
    pub fn launches_needed(&self) -> u32 {
        min_launches(self.comparisons().max(1), self.alpha())
    }

    /// False findings that each look at the data may rest on.
    pub fn alpha(&self) -> f64 {
        if self.until_decided { ALPHA / LOOKS.len() as f64 } else { ALPHA }
    }

    /// The relative change that would matter at a case.
    pub fn margin_of(&self, case: &Case) -> f64 {
        self.margin.unwrap_or_else(|| case.class().margin())
    }

    /// The longest call worth anybody's time: a model's call goes over its weights as often as it has passes.
    pub fn longest_call_ns(&self, case: &Case) -> u64 {
        self.max_call_ns.saturating_mul(case.cost.passes.max(1))
    }

    /// The A/A control's number: it stands behind the backends.
    pub fn control(&self) -> usize {
        self.backends.len()
    }

    /// How long the run will take if every backend does every case.
    pub fn predicted(&self) -> Duration {
        let backends = self.backends.len() as u32;
        let schedule = Schedule { backend_ns: self.preset.backend_ns(), ..Schedule::new(CallRule::default()) };
        let rounds = Duration::from_nanos(schedule.budget_ns(self.backends.len()));
        // The A/A control lengthens no rounds, and joins one launch of four at most cases.
        let launch = Self::LAUNCH_OVERHEAD + rounds + Self::WARM_UP * backends + Self::WARM_UP / 4;
        let large: Duration = self.cases.iter().map(|case| Self::large(case) * backends).sum();
        (launch * self.cases.len() as u32 + large) * self.launches + self.predicted_checks()
    }

    /// What a call that is longer than a launch's rounds adds to it, for each backend: some seven calls, and for a model the
    /// oracle, which all backends share. A guess: who is fast is only known when it has been measured.
    fn large(case: &Case) -> Duration {
        const CALLS: f64 = 7.0;
        const FLOPS_PER_S: f64 = 5e10;
        const BYTES_PER_S: f64 = 1e10;
        const ORACLE_FLOPS_PER_S: f64 = 6e9;
        let call = (case.cost.flops as f64 / FLOPS_PER_S).max(case.cost.bytes as f64 / BYTES_PER_S);
        let oracle = if case.tokens.is_some() { case.cost.flops as f64 / ORACLE_FLOPS_PER_S } else { 0.0 };
        let over = |seconds: f64| (seconds - Self::RARELY_LONG.as_secs_f64()).max(0.0);
        Duration::from_secs_f64((over(CALLS * call) + over(oracle) / 3.0).min(1e6))
    }

    /// How long the checks will take, if none of them is known from an earlier run.
    pub fn predicted_checks(&self) -> Duration {
        Self::CHECK * (self.cases.len() * self.backends.len()) as u32
    }

    /// Every (launch, case) in the order they run: round-robin over cases, so that a bad minute
    /// touches every case a little; each sweep in its own seeded order.
    pub fn order(&self) -> Vec<(u32, usize)> {
        let mut rng = fastrand::Rng::with_seed(self.seed);
        let mut order = Vec::with_capacity(self.cases.len() * self.launches as usize);
        for launch in 0..self.launches {
            let mut cases: Vec<usize> = (0..self.cases.len()).collect();
            rng.shuffle(&mut cases);
            order.extend(cases.into_iter().map(|case| (launch, case)));
        }
        order
    }

    /// The seed of one launch of one case: inputs, loading order and round order follow from it.
    pub fn launch_seed(&self, launch: u32, case: usize) -> u64 {
        let mix =
            |seed: u64, part: u64| fastrand::Rng::with_seed(seed ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15)).u64(..);
        mix(mix(self.seed, u64::from(launch) + 1), case as u64 + 1)
    }
}
