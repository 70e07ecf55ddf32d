//! A backend at work: its context, its workload, and one sample at a time.

use std::cell::Cell;
use std::time::{Duration, Instant};
use std::{mem, thread};

use fastrand::Rng;
use smbench_core::message::Span;
use smbench_core::samples::Sample;
use smbench_core::schedule::CallRule;
use smbench_ops::Regime;

use crate::buffers::Buffers;
use crate::clock::Clock;
use crate::cold;
use crate::float_mode::FloatMode;
use crate::instance::{CallError, Instance};
use crate::vector_state;
use crate::workload::{Bound, Depth, Workload};

/// A backend bound to a workload over the host's buffers.
pub struct Seat<'a> {
    instance: &'a Instance,
    workload: &'a dyn Workload,
    buffers: &'a Buffers,
    bound: Box<dyn Bound + 'a>,
    inputs: Vec<u64>,
    /// Of the inputs.
    seed: u64,
    rng: Rng,
    /// Operands are flushed before every call.
    cold: bool,
    /// Has had no turn yet.
    fresh: bool,
    /// Time of a call in the last sample.
    call_ns: u64,
}

/// How long the threads of whoever had the turn before need to fall asleep: pools spin for a while after their last call.
///
/// Measured with matmul 256³ and 512³, three plugins of two threads each on two cores, 2026-11-25. Without pause and lead-in
/// threads waited for a core for 73 % of the time, and identical code differed by 1.3 %; with both for 12 %, and by 0.3 %.
const SETTLE: Duration = Duration::from_micros(100);

/// Calls that take so long wake their threads themselves.
const LONG_CALL_NS: u64 = 5_000_000;

/// What one sample brought.
#[derive(Clone, Debug, Default)]
pub struct Turned {
    /// What was measured.
    pub sample: Sample,
    /// What was wrong with the output or the inputs, if that was looked at.
    pub wrong: Option<String>,
    /// How it left the floating-point mode, if not as it was.
    pub mode: Option<String>,
}

impl<'a> Seat<'a> {
    /// Binds `instance` to `workload`; the inputs in `buffers` must be filled.
    pub fn take(
        instance: &'a Instance,
        workload: &'a dyn Workload,
        buffers: &'a Buffers,
        seed: u64,
    ) -> Result<Self, CallError> {
        let bound = workload.bind(instance, buffers)?;
        Ok(Self {
            instance,
            workload,
            buffers,
            bound,
            inputs: buffers.input_hashes(),
            seed,
            rng: Rng::with_seed(seed),
            cold: workload.calls().cold,
            fresh: true,
            call_ns: 0,
        })
    }

    /// What the workload allows.
    pub fn calls(&self) -> CallRule {
        self.workload.calls()
    }

    /// Several threads need a lead-in before a sample: whoever had the turn before lets its own fall asleep, and then a
    /// sample without a clock wakes ours. Says whether the latter is due; never before the first call, which would be the second.
    fn lead_in(&self) -> bool {
        let due = self.instance.threads() > 1 && self.call_ns < LONG_CALL_NS;
        if due {
            thread::sleep(SETTLE);
        }
        due && !self.fresh
    }

    /// One sample of `calls` calls.
    pub fn sample(&mut self, clock: Clock, calls: u64) -> Result<Turned, CallError> {
        let start = Instant::now();
        let lead_in = self.lead_in();
        self.bound.restore();
        let flushed = self.flushed();
        let bound = &mut self.bound;
        let timed = || {
            if lead_in {
                bound.run(calls)?;
                bound.stamps();
                bound.restore();
            }
            flushed.into_iter().for_each(cold::flush);
            vector_state::clean();
            let (ran, ns) = clock.time(|| bound.run(calls));
            ran.map(|()| (ns, FloatMode::restore()))
        };
        let (ns, mode) = self.instance.within(timed)??;
        self.call_ns = ns / calls.max(1);
        self.fresh = false;
        let outside_ns = if self.cold { (start.elapsed().as_nanos() as u64).saturating_sub(ns) } else { 0 };
        let sample = Sample { ns, outside_ns, stamps: self.bound.stamps() };
        Ok(Turned { sample, wrong: None, mode: mode.map(|mode| mode.to_string()) })
    }

    /// What leaves the caches before every call, as the last thing.
    fn flushed(&self) -> Option<&'a Buffers> {
        self.cold.then_some(self.buffers)
    }

    /// A sample with the outputs poisoned before and verified after, and the inputs compared.
    pub fn first_sample(&mut self, clock: Clock, calls: u64) -> Result<Turned, CallError> {
        self.buffers.poison();
        let turned = self.sample(clock, calls)?;
        self.verified(turned)
    }

    /// The same of other inputs, where these may change, and over the results of the old ones: whoever remembers results, or
    /// looks whether one stands there, does not compute these. `salt` differs between backends, or one's results would be
    /// another's. Inputs that somebody has changed stay as they are, for all to see.
    pub fn last_sample(&mut self, clock: Clock, calls: u64, salt: u64) -> Result<Turned, CallError> {
        if !self.workload.refillable() || self.changed_input().is_some() {
            return self.first_sample(clock, calls);
        }
        self.workload.fill(self.buffers, Regime::Usual, !self.seed ^ salt);
        let inputs = mem::replace(&mut self.inputs, self.buffers.input_hashes());
        let turned = self.sample(clock, calls)?;
        let verified = self.verified(turned)?;
        self.workload.fill(self.buffers, Regime::Usual, self.seed);
        self.inputs = inputs;
        Ok(verified)
    }

    fn verified(&mut self, turned: Turned) -> Result<Turned, CallError> {
        self.reveal()?;
        let verified = self.workload.verify(self.buffers, self.instance.look(Depth::Some, self.rng.u64(..)));
        Ok(Turned { wrong: verified.err().or_else(|| self.changed_input()), ..turned })
    }

    /// An input that is no longer what it was. Inputs that changed stay changed for the backends after this
    /// one, so the launch will be thrown away.
    fn changed_input(&self) -> Option<String> {
        let now = self.buffers.input_hashes();
        let changed = now.iter().zip(&self.inputs).position(|(now, before)| now != before)?;
        Some(format!("wrote into its input `{}`", self.buffers.input_name(changed)))
    }

    /// As few calls as the workload allows, after which the host's outputs hold a result.
    pub fn call_once(
        instance: &'a Instance,
        workload: &'a dyn Workload,
        buffers: &'a Buffers,
        seed: u64,
    ) -> Result<(), CallError> {
        let mut seat = Self::take(instance, workload, buffers, seed)?;
        seat.run(seat.calls().multiple)?;
        seat.reveal()
    }

    /// Makes the host's outputs hold a result.
    pub fn reveal(&mut self) -> Result<(), CallError> {
        let bound = &mut self.bound;
        self.instance.within(|| {
            let revealed = bound.reveal();
            FloatMode::restore();
            revealed
        })?
    }

    /// One call with a clock round every op, inside the session; `None` for what is not composed of several.
    pub fn trace(&mut self) -> Result<Option<Vec<Span>>, CallError> {
        self.bound.restore();
        let bound = &mut self.bound;
        self.instance.within(|| {
            let traced = bound.trace();
            FloatMode::restore();
            traced
        })?
    }

    /// Time of so many calls in nanoseconds, clock cost included.
    pub fn time(&mut self, calls: u64) -> Result<u64, CallError> {
        let (start, mut ns) = (Cell::new(Instant::now()), 0);
        // Cold operands are flushed before it, which may take longer than the calls.
        self.run_between(calls, || start.set(Instant::now()), || ns = start.get().elapsed().as_nanos() as u64)?;
        Ok(ns)
    }

    /// Calls without a clock, inside the session.
    pub fn run(&mut self, calls: u64) -> Result<(), CallError> {
        self.run_between(calls, || (), || ())
    }

    /// Calls without a clock, with something just before and just after them, inside the session.
    pub fn run_between(&mut self, calls: u64, before: impl FnOnce(), after: impl FnOnce()) -> Result<(), CallError> {
        self.bound.restore();
        let flushed = self.flushed();
        let bound = &mut self.bound;
        self.instance.within(|| {
            flushed.into_iter().for_each(cold::flush);
            before();
            let ran = bound.run(calls);
            after();
            FloatMode::restore();
            ran
        })?
    }
}
