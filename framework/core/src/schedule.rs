//! The order of events inside one launch: warm up, choose how many calls make a sample, then rounds.
//!
//! Pure: who runs the calls and reads the clock stands behind [`Turn`]. The same schedule drives a
//! shared launch (all plugins in one process) and a split one (a process each).

use std::fmt;

use fastrand::Rng;
use serde::{Deserialize, Serialize};

use crate::samples::{Sample, Series};
use crate::stats::quantile;

/// Whoever can let a backend run some calls and say how long they took.
pub trait Turn {
    /// Why a turn could not be taken.
    type Error;

    /// Runs `calls` calls of backend `backend` back to back.
    fn sample(&mut self, backend: usize, calls: u64) -> Result<Sample, Self::Error>;

    /// Told before each phase, so that a death can be attributed.
    fn phase(&mut self, _phase: Phase, _round: u32) {}
}

/// Where in a launch we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// First calls.
    WarmUp,
    /// Choosing the calls per sample.
    Calibrate,
    /// Timed rounds.
    Rounds,
}

/// How many calls a workload can run back to back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRule {
    /// Calls come in multiples of this (2 for an op and its inverse).
    pub multiple: u64,
    /// And no more than this at once (the slots of a ring), if limited.
    pub most: Option<u64>,
    /// Operands are flushed before every call, so one call is a sample, however short.
    #[serde(default)]
    pub cold: bool,
}

impl Default for CallRule {
    fn default() -> Self {
        Self { multiple: 1, most: None, cold: false }
    }
}

impl CallRule {
    /// Single calls, the operands flushed before each.
    pub const COLD: Self = Self { multiple: 1, most: Some(1), cold: true };

    /// The shortest sample that can be timed.
    fn shortest_ns(self) -> u64 {
        if self.cold { Schedule::SHORTEST_COLD_NS } else { Schedule::SHORTEST_NS }
    }

    /// The nearest number of calls that the rule allows.
    fn nearest(self, calls: u64) -> u64 {
        let most = self.most.unwrap_or(u64::MAX);
        let rounded = calls.div_ceil(self.multiple).max(1) * self.multiple;
        rounded.min(most - most % self.multiple)
    }
}

/// The numbers of METHOD §2, each measured before it was written there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Timed rounds go on for this long in all, for each backend that stays to the end, and for two at least.
    pub backend_ns: u64,
    /// And for at least this many rounds …
    pub min_rounds: u32,
    /// … or this many where the slowest call takes [`Self::SLOW_CALL_NS`] or more.
    pub min_rounds_slow: u32,
    /// Whom each backend is compared with; the first, of those beyond the end. Backends over [`Self::LAGGARD`] times slower
    /// than theirs join the first rounds only.
    pub references: Vec<usize>,
    /// What the workload allows.
    pub calls: CallRule,
    /// The A/A control, which takes part and lengthens nothing.
    #[serde(default)]
    pub control: Option<usize>,
}

/// A sample that would be too short to time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooShort {
    /// How long the longest possible sample is.
    pub sample_ns: u64,
    /// And how long it would have to be.
    pub shortest_ns: u64,
}

impl fmt::Display for TooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a sample of {} ns is too short to time (at least {} ns)", self.sample_ns, self.shortest_ns)
    }
}

/// Why a launch ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interrupted<E> {
    /// The turn failed.
    Turn(E),
    /// Samples of this backend cannot be made long enough.
    TooShort(usize, TooShort),
}

impl Schedule {
    /// Warm-up: at least this many calls …
    pub const WARM_UP_CALLS: u64 = 3;
    /// … and this long.
    pub const WARM_UP_NS: u64 = 5_000_000;
    /// Calls are doubled until a sample reaches this.
    pub const CALIBRATE_NS: u64 = 100_000;
    /// Then chosen so that a sample takes this long.
    pub const SAMPLE_NS: u64 = 200_000;
    /// Below this the clock's own jitter shows.
    pub const SHORTEST_NS: u64 = 20_000;
    /// A cold call cannot be repeated within its sample. A pair of readings took 20 or 30 ns, in steps of 10 (2026-11-25, 2-core
    /// VM): of 2 µs a step is half a percent, half of the smallest margin.
    pub const SHORTEST_COLD_NS: u64 = 2_000;
    /// Where one call takes this long, fewer rounds must do, and one call warms up: it has gone over its operands often.
    pub const SLOW_CALL_NS: u64 = 50_000_000;
    /// Timed rounds of each backend.
    pub const BACKEND_NS: u64 = 50_000_000;
    /// Calls timed one by one …
    pub const SINGLES: u64 = 128;
    /// … where one takes this long at most: then a sample holds ten and more.
    pub const SINGLE_NS: u64 = 20_000;
    /// Backends within this factor of each other run equally many calls per sample.
    pub const SAME_CALLS: f64 = 4.0;
    /// A backend this much slower than its reference would eat the launch.
    pub const LAGGARD: f64 = 8.0;
    /// How often a pace is taken before samples that come out too short are refused.
    const ATTEMPTS: u32 = 3;

    /// 0.1 s for each pair of backends, at least five rounds.
    pub fn new(calls: CallRule) -> Self {
        let references = Vec::new();
        Self { backend_ns: Self::BACKEND_NS, min_rounds: 5, min_rounds_slow: 3, references, calls, control: None }
    }

    /// The same for so many threads: several have a lead-in as long as the sample before each, and a pause.
    pub fn for_threads(self, threads: u32) -> Self {
        if threads > 1 { Self { backend_ns: self.backend_ns * 2 / 5, ..self } } else { self }
    }

    /// How long rounds go on with so many backends.
    pub fn budget_ns(&self, backends: usize) -> u64 {
        self.backend_ns * backends.max(2) as u64
    }

    /// The fewest rounds where the slowest call takes this long.
    pub fn rounds_at_least(&self, slowest_ns: u64) -> u32 {
        if slowest_ns >= Self::SLOW_CALL_NS { self.min_rounds_slow } else { self.min_rounds }
    }

    /// Runs a whole launch of `backends` backends; the series come back by backend.
    pub fn run<T: Turn>(
        &self,
        turn: &mut T,
        backends: usize,
        rng: &mut Rng,
    ) -> Result<Vec<Series>, Interrupted<T::Error>> {
        let mut series = vec![Series::default(); backends];
        turn.phase(Phase::WarmUp, 0);
        for backend in shuffled(backends, rng) {
            series[backend].cold_ns = self.warm_up(turn, backend).map_err(Interrupted::Turn)?;
        }
        for attempt in 1.. {
            self.measure(turn, rng, &mut series)?;
            match self.too_short(&series) {
                None => break,
                Some((backend, reason)) if attempt == Self::ATTEMPTS => {
                    return Err(Interrupted::TooShort(backend, reason));
                }
                // Calls that were slow when the pace was taken, and are no longer: it is taken again.
                Some(_) => series.iter_mut().for_each(|of| *of = Series { cold_ns: of.cold_ns, ..Series::default() }),
            }
        }
        Ok(series)
    }

    /// Takes everybody's pace, then the rounds.
    fn measure<T: Turn>(
        &self,
        turn: &mut T,
        rng: &mut Rng,
        series: &mut [Series],
    ) -> Result<(), Interrupted<T::Error>> {
        turn.phase(Phase::Calibrate, 0);
        let (mut pace, mut single_ns) = (Vec::with_capacity(series.len()), Vec::with_capacity(series.len()));
        for (backend, series) in series.iter_mut().enumerate() {
            let (per_call_ns, first_ns) = self.calibrate(turn, backend).map_err(Interrupted::Turn)?;
            pace.push(per_call_ns);
            let singles = self.singles(turn, backend, first_ns).map_err(Interrupted::Turn)?;
            series.tail = tail(&singles);
            single_ns.push(singles.iter().map(|&ns| ns as f64).reduce(f64::min));
        }
        let calls = self.calls_per_sample(&pace, &single_ns)?;
        self.rounds(turn, &pace, &calls, rng, series).map_err(Interrupted::Turn)
    }

    /// Returns the time of the very first call.
    fn warm_up<T: Turn>(&self, turn: &mut T, backend: usize) -> Result<u64, T::Error> {
        let batch = self.calls.nearest(1);
        let first = turn.sample(backend, batch)?;
        let cold_ns = first.ns / batch;
        let (mut calls, mut spent_ns) = (batch, spent(&first));
        while cold_ns < Self::SLOW_CALL_NS && (calls < Self::WARM_UP_CALLS || spent_ns < Self::WARM_UP_NS) {
            let next = self.calls.nearest(calls.min(1 << 20));
            spent_ns += spent(&turn.sample(backend, next)?);
            calls += next;
        }
        Ok(cold_ns)
    }

    /// Best-of-five time per call, measured with samples of at least [`Self::CALIBRATE_NS`], of two where they are long; and
    /// the time of a sample of one batch.
    fn calibrate<T: Turn>(&self, turn: &mut T, backend: usize) -> Result<(f64, u64), T::Error> {
        let mut calls = self.calls.nearest(1);
        let first_ns = turn.sample(backend, calls)?.ns;
        let mut best_ns = first_ns;
        loop {
            if best_ns >= Self::CALIBRATE_NS {
                // It may have been interrupted: it is long if it is so twice.
                best_ns = best_ns.min(turn.sample(backend, calls)?.ns);
            }
            if best_ns >= Self::CALIBRATE_NS || self.calls.nearest(calls * 2) == calls || calls >= 1 << 30 {
                break;
            }
            calls = self.calls.nearest(calls * 2);
            best_ns = turn.sample(backend, calls)?.ns;
        }
        let repeats = if best_ns < Self::WARM_UP_NS { 3 } else { 0 };
        for _ in 0..repeats {
            best_ns = best_ns.min(turn.sample(backend, calls)?.ns);
        }
        let pace = (best_ns as f64 / calls as f64).max(f64::MIN_POSITIVE);
        Ok((pace, first_ns.min((pace * self.calls.nearest(1) as f64) as u64)))
    }

    /// Times of single calls, where a sample will hold many: with 5 ms in 2 % of calls, every sample of 100 has two of them,
    /// and no sample knows.
    fn singles<T: Turn>(&self, turn: &mut T, backend: usize, first_ns: u64) -> Result<Vec<u64>, T::Error> {
        let few = self.calls.most.is_some_and(|most| most < Self::SINGLES);
        let count = if few || first_ns > Self::SINGLE_NS { 0 } else { Self::SINGLES };
        (0..count).map(|_| Ok(turn.sample(backend, self.calls.nearest(1))?.ns)).collect()
    }

    /// One number for all backends within [`Self::SAME_CALLS`] of each other, else one each.
    ///
    /// The fastest single call bounds a sample from below: a pace with slow calls in it would leave samples too short without one.
    fn calls_per_sample<E>(&self, pace: &[f64], single_ns: &[Option<f64>]) -> Result<Vec<u64>, Interrupted<E>> {
        let fastest = pace.iter().copied().fold(f64::INFINITY, f64::min);
        let slowest = pace.iter().copied().fold(0.0, f64::max);
        let common = slowest / fastest <= Self::SAME_CALLS;
        let mut calls = Vec::with_capacity(pace.len());
        for (backend, &own) in pace.iter().enumerate() {
            let per_call = if common { fastest } else { own };
            let batch = self.calls.nearest(1) as f64;
            let least = single_ns[backend].map_or(0.0, |ns| batch * self.calls.shortest_ns() as f64 / ns.max(1.0));
            let least = least.min(Self::SINGLES as f64 * batch);
            let chosen = self.calls.nearest((Self::SAMPLE_NS as f64 / per_call).max(least).round() as u64);
            let sample_ns = (own * chosen as f64) as u64;
            let shortest_ns = self.calls.shortest_ns();
            if sample_ns < shortest_ns {
                return Err(Interrupted::TooShort(backend, TooShort { sample_ns, shortest_ns }));
            }
            calls.push(chosen);
        }
        Ok(calls)
    }

    /// The first backend whose samples were too short. The pace may have been wrong: what they really took decides.
    fn too_short(&self, series: &[Series]) -> Option<(usize, TooShort)> {
        let shortest_ns = self.calls.shortest_ns();
        series.iter().enumerate().find_map(|(backend, series)| {
            let times: Vec<f64> = series.ns.iter().map(|&ns| ns as f64).collect();
            let sample_ns = quantile::median(&times) as u64;
            (sample_ns < shortest_ns).then_some((backend, TooShort { sample_ns, shortest_ns }))
        })
    }

    /// Every round is one sample of each backend in fresh random order.
    fn rounds<T: Turn>(
        &self,
        turn: &mut T,
        pace: &[f64],
        calls: &[u64],
        rng: &mut Rng,
        series: &mut [Series],
    ) -> Result<(), T::Error> {
        let slowest_ns = pace.iter().copied().fold(0.0, f64::max) as u64;
        let min_rounds = self.rounds_at_least(slowest_ns);
        let reference = |backend: usize| pace[self.references.get(backend).copied().unwrap_or(0)];
        let laggard = |backend: usize| pace[backend] > Self::LAGGARD * reference(backend);
        let lengthens = |backend: &usize| !laggard(*backend) && Some(*backend) != self.control;
        let staying = (0..pace.len()).filter(lengthens).count();
        let budget_ns = self.budget_ns(staying);
        let (mut round, mut spent_ns) = (0, 0);
        while round < min_rounds || spent_ns < budget_ns {
            turn.phase(Phase::Rounds, round);
            let order =
                shuffled(pace.len(), rng).into_iter().filter(|&backend| round < min_rounds || !laggard(backend));
            for (position, backend) in order.enumerate() {
                let sample = turn.sample(backend, calls[backend])?;
                // Were a laggard's time counted, the others would have five rounds beside a slow one.
                spent_ns += if laggard(backend) { 0 } else { spent(&sample) };
                series[backend].push(round, position as u32, calls[backend], sample);
            }
            round += 1;
        }
        Ok(())
    }
}

/// Mean over median; `None` of none. Less than a nanosecond no clock tells.
fn tail(ns: &[u64]) -> Option<f64> {
    let times: Vec<f64> = ns.iter().map(|&ns| ns as f64).collect();
    (!times.is_empty()).then(|| quantile::mean_over_median(&times, 1.0))
}

/// A clock that stands still must not hang the launch: every sample counts as a microsecond at least.
fn spent(sample: &Sample) -> u64 {
    sample.ns.saturating_add(sample.outside_ns).max(1_000)
}

fn shuffled(count: usize, rng: &mut Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    rng.shuffle(&mut order);
    order
}

#[cfg(test)]
mod tests {
    use std::mem;

    use super::*;

    /// Backends with a fixed time per call, and a log of who had which turn.
    #[derive(Default)]
    struct Fake {
        per_call_ns: Vec<f64>,
        first_call_ns: u64,
        outside_ns: u64,
        /// Added to the next sample when calibration begins.
        interruption_ns: u64,
        is_calibrating: bool,
        /// Times are divided by the last of them when rounds begin, which is then gone.
        faster: Vec<f64>,
        log: Vec<(usize, u64)>,
    }

    impl Turn for Fake {
        type Error = ();
        fn sample(&mut self, backend: usize, calls: u64) -> Result<Sample, ()> {
            let cold = !self.log.iter().any(|&(who, _)| who == backend);
            self.log.push((backend, calls));
            let extra = if cold { self.first_call_ns } else { 0 };
            let extra = if self.is_calibrating { extra + mem::take(&mut self.interruption_ns) } else { extra };
            let ns = (self.per_call_ns[backend] * calls as f64) as u64 + extra;
            Ok(Sample { outside_ns: self.outside_ns, ..Sample::from(ns) })
        }

        fn phase(&mut self, phase: Phase, round: u32) {
            self.is_calibrating = phase == Phase::Calibrate;
            let begins = (phase, round) == (Phase::Rounds, 0);
            if let Some(faster) = self.faster.pop_if(|_| begins) {
                self.per_call_ns.iter_mut().for_each(|ns| *ns /= faster);
            }
        }
    }

    fn launch(per_call_ns: &[f64], rule: CallRule) -> (Fake, Result<Vec<Series>, Interrupted<()>>) {
        let outside_ns = if rule.cold { 49_000 } else { 0 };
        let mut fake = Fake { per_call_ns: per_call_ns.to_vec(), first_call_ns: 777, outside_ns, ..Fake::default() };
        let schedule = Schedule::new(rule);
        let series = schedule.run(&mut fake, per_call_ns.len(), &mut Rng::with_seed(1));
        (fake, series)
    }

    #[test]
    fn samples_take_a_fifth_of_a_millisecond_and_rounds_a_tenth_of_a_second() {
        let (_, series) = launch(&[100.0, 120.0], CallRule::default());
        let series = series.unwrap();
        assert!(series.iter().all(|s| s.calls.iter().all(|&calls| calls == 2000)), "one n within 4x");
        assert_eq!(series[0].len(), series[1].len());
        let spent: u64 = series.iter().flat_map(|s| &s.ns).sum();
        assert!((100_000_000..101_000_000).contains(&spent), "{spent}");
    }

    #[test]
    fn the_cold_call_is_kept_apart() {
        let (_, series) = launch(&[100.0, 100.0], CallRule::default());
        for series in series.unwrap() {
            assert_eq!(series.cold_ns, 877);
            assert!(series.per_call_ns().iter().all(|&ns| ns == 100.0));
        }
    }

    #[test]
    fn far_apart_backends_get_calls_of_their_own_and_laggards_stop_early() {
        let (_, series) = launch(&[1000.0, 9000.0], CallRule::default());
        let series = series.unwrap();
        assert_eq!((series[0].calls[0], series[1].calls[0]), (200, 22));
        assert_eq!(series[1].len(), 5);
        assert!(series[0].len() > 400);
        let (_, series) = launch(&[1000.0, 1100.0, 20e6], CallRule::default());
        let spent: u64 = series.unwrap()[..2].iter().flat_map(|series| series.ns.clone()).sum();
        assert!((100_000_000..101_000_000).contains(&spent), "a laggard takes nothing from the others: {spent}");
    }

    #[test]
    fn laggards_are_so_against_their_own_reference() {
        let lengths = |references: Vec<usize>| -> Vec<usize> {
            let mut fake = Fake { per_call_ns: vec![1000.0, 1000.0, 20_000.0, 20_000.0], ..Fake::default() };
            let schedule = Schedule { references, ..Schedule::new(CallRule::default()) };
            schedule.run(&mut fake, 4, &mut Rng::with_seed(1)).unwrap().iter().map(Series::len).collect()
        };
        assert_eq!(lengths(vec![0, 0, 0, 0])[2..], [5, 5]);
        let pairs = lengths(vec![0, 0, 2, 2]);
        assert!(pairs[0] > 200 && pairs.iter().all(|&length| length == pairs[0]), "{pairs:?}");
    }

    /// 300 ns a call, and 5 ms in every fiftieth.
    struct Tailed(u64);

    impl Turn for Tailed {
        type Error = ();
        fn sample(&mut self, _: usize, calls: u64) -> Result<Sample, ()> {
            let slow = (self.0 + calls) / 50 - self.0 / 50;
            self.0 += calls;
            Ok(Sample::from(300 * calls + 5_000_000 * slow))
        }
    }

    #[test]
    fn a_tail_of_short_calls_is_seen_and_samples_stay_long_enough() {
        let schedule = Schedule::new(CallRule::default());
        let series = schedule.run(&mut Tailed(0), 1, &mut Rng::with_seed(1)).unwrap();
        assert!(series[0].tail.unwrap() > 100.0, "{:?}", series[0].tail);
        assert!(series[0].calls[0] * 300 >= Schedule::SHORTEST_NS, "{} calls", series[0].calls[0]);
        let (_, plain) = launch(&[300.0, 300.0], CallRule::default());
        assert!(plain.unwrap().iter().all(|series| series.tail == Some(1.0)));
        let (_, slow) = launch(&[30_000.0, 30_000.0], CallRule::default());
        assert!(slow.unwrap().iter().all(|series| series.tail.is_none()));
    }

    #[test]
    fn the_control_takes_part_and_lengthens_nothing() {
        let mut fake = Fake { per_call_ns: vec![1000.0; 3], first_call_ns: 777, ..Fake::default() };
        let schedule = Schedule { control: Some(2), ..Schedule::new(CallRule::default()) };
        let series = schedule.run(&mut fake, 3, &mut Rng::with_seed(1)).unwrap();
        let spent: u64 = series.iter().flat_map(|series| series.ns.clone()).sum();
        assert_eq!(series[0].len(), series[2].len());
        assert!((100_000_000..101_000_000).contains(&spent), "{spent}");
    }

    #[test]
    fn a_long_call_is_a_sample_and_three_rounds_must_do() {
        let (fake, series) = launch(&[60e6, 60e6], CallRule::default());
        assert_eq!(series.unwrap()[0].calls, [1, 1, 1]);
        assert_eq!(fake.log.len(), 2 * (1 + 2 + 3), "one call warms up, two are the pace, three are rounds");
    }

    #[test]
    fn an_interruption_decides_no_pace() {
        let mut fake = Fake { per_call_ns: vec![1000.0; 2], interruption_ns: 60_000_000, ..Fake::default() };
        let series = Schedule::new(CallRule::default()).run(&mut fake, 2, &mut Rng::with_seed(1)).unwrap();
        assert_eq!((fake.interruption_ns, series[0].calls[0], series[1].calls[0]), (0, 200, 200));
        assert!(series.iter().all(|series| series.tail.is_some() && series.len() > 200));
    }

    #[test]
    fn samples_that_turn_out_too_short_are_taken_again_at_their_pace() {
        let mut fake = Fake { per_call_ns: vec![1000.0; 2], faster: vec![20.0], ..Fake::default() };
        let series = Schedule::new(CallRule::default()).run(&mut fake, 2, &mut Rng::with_seed(1)).unwrap();
        let (calls, cold_ns) = (&series[0].calls, series[0].cold_ns);
        assert!(calls.iter().all(|&calls| calls == 4000) && cold_ns == 1000, "{calls:?}, first {cold_ns} ns");
        assert_eq!(series[0].round[0], 0, "nothing is left of what was too short");
    }

    #[test]
    fn samples_that_turn_out_too_short_each_time_are_refused() {
        let mut fake = Fake { per_call_ns: vec![1000.0; 2], faster: vec![20.0; 3], ..Fake::default() };
        let refused = Schedule::new(CallRule::default()).run(&mut fake, 2, &mut Rng::with_seed(1));
        assert_eq!(refused, Err(Interrupted::TooShort(0, TooShort { sample_ns: 10_000, shortest_ns: 20_000 })));
    }

    #[test]
    fn order_within_rounds_is_random_but_reproducible() {
        let (first, _) = launch(&[100.0, 100.0, 100.0], CallRule::default());
        let (second, _) = launch(&[100.0, 100.0, 100.0], CallRule::default());
        assert_eq!(first.log, second.log);
        let firsts: std::collections::BTreeSet<_> = first.log.iter().rev().step_by(3).map(|&(who, _)| who).collect();
        assert_eq!(firsts.len(), 3);
    }

    #[test]
    fn a_ring_limits_the_calls_and_refuses_what_cannot_be_timed() {
        let rule = CallRule { most: Some(64), ..CallRule::default() };
        let (fake, series) = launch(&[1000.0, 1000.0], rule);
        assert!(series.is_ok());
        assert!(fake.log.iter().all(|&(_, calls)| calls <= 64));
        let (_, refused) = launch(&[100.0, 100.0], rule);
        assert_eq!(refused, Err(Interrupted::TooShort(0, TooShort { sample_ns: 6400, shortest_ns: 20_000 })));
    }

    #[test]
    fn a_cold_call_is_a_sample_and_flushing_takes_its_time() {
        let (fake, series) = launch(&[2_000.0, 2_500.0], CallRule::COLD);
        let series = series.unwrap();
        assert!(fake.log.iter().all(|&(_, calls)| calls == 1));
        // 0.1 s of turns of 51 and 51.5 µs, two a round; the time of a call is the call's alone.
        assert!((970..=980).contains(&series[0].len()), "{}", series[0].len());
        assert!(series[0].ns.iter().all(|&ns| ns == 2_000));
        let (_, refused) = launch(&[1_999.0, 2_000.0], CallRule::COLD);
        assert_eq!(refused, Err(Interrupted::TooShort(0, TooShort { sample_ns: 1_999, shortest_ns: 2_000 })));
    }

    #[test]
    fn an_op_and_its_inverse_run_in_pairs() {
        let (fake, _) = launch(&[70.0, 70.0], CallRule { multiple: 2, ..CallRule::default() });
        assert!(fake.log.iter().all(|&(_, calls)| calls % 2 == 0));
    }
}
