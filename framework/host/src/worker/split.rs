//! A split launch: a process for each backend, the same buffers at the same address, the host passing the turn.

use std::fmt;
use std::fs;

use fastrand::Rng;
use smbench_core::message::{PluginRef, Reply, Request, Stage, Task};
use smbench_core::outcome::Outcome;
use smbench_core::samples::{Environment, Launch, Mode, Sample, Series};
use smbench_core::schedule::{CallRule, Interrupted, Phase, Turn};

use super::death::{Death, How};
use super::memory_file::MemoryFile;
use super::process::{Worker, Workers};

/// Whose fault it is that a launch cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Culprit {
    /// This backend's, how far it had come, and how that ends its row.
    Backend(usize, Stage, Outcome),
    /// This backend's, which killed its worker.
    Crashed(usize, Stage, Outcome),
    /// Nobody can say yet: whose turn it was, if anybody's, and what happened.
    Unknown(Option<usize>, Stage, Outcome),
    /// This backend's, which did this to all in its process.
    Among(usize, Outcome),
    /// The user's, by Ctrl-C.
    Cancelled,
}

impl Culprit {
    /// Whose fault it seems to be, by the run's numbers.
    pub fn backend(&self) -> Option<usize> {
        match self {
            Self::Backend(backend, ..) | Self::Crashed(backend, ..) | Self::Among(backend, _) => Some(*backend),
            Self::Unknown(suspect, ..) => *suspect,
            Self::Cancelled => None,
        }
    }

    /// Was it before the first call?
    pub fn is_at_start(&self) -> bool {
        matches!(
            self,
            Self::Backend(_, Stage::Start, _) | Self::Crashed(_, Stage::Start, _) | Self::Unknown(_, Stage::Start, _)
        )
    }
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backend(.., outcome) | Self::Crashed(.., outcome) => outcome.fmt(f),
            Self::Unknown(.., outcome) | Self::Among(_, outcome) => f.write_str(outcome.reason().unwrap_or_default()),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl From<Death> for Culprit {
    /// In a process with several plugins, or none, a death alone proves nothing.
    fn from(death: Death) -> Self {
        match death.how {
            How::Cancelled => Self::Cancelled,
            _ => Self::Unknown(death.suspect(), death.stage(), death.outcome()),
        }
    }
}

/// Measures all plugins, a process each.
pub fn split(workers: &Workers, task: &Task) -> Result<Launch, Culprit> {
    let Task { plugins, case, seed, .. } = task;
    let seed = *seed;
    let mut rng = Rng::with_seed(seed);
    let no_memory = |error| Outcome::Failed(format!("no memory for the buffers: {error}"));
    let arena = MemoryFile::new().map_err(|error| Culprit::Unknown(None, Stage::Calls, no_memory(error)))?;
    let mut order: Vec<usize> = (0..plugins.len()).collect();
    rng.shuffle(&mut order);
    let seats = plugins.iter().map(|_| None).collect();
    let doing = (Phase::WarmUp, 0);
    let mut table = Table { plugins, workers: seats, doing, late: vec![], flags: vec![], cpu_ns: None };
    let mut calls = CallRule::default();
    for (turn, &backend) in order.iter().enumerate() {
        let plugin = plugins[backend].clone();
        let (arena_fd, fill) = (arena.descriptor(), turn == 0);
        table.workers[backend] = Some(workers.start(case.threads)?);
        let request = Request::Join { plugin, case: case.clone(), seed, arena_fd, fill };
        match table.ask(backend, &request)? {
            Reply::Joined { calls: rule } => calls = rule,
            other => return Err(table.unexpected(backend, &other)),
        }
    }
    table.cpu_ns = cpu_ns();
    let series = task
        .schedule(calls)
        .run(&mut table, plugins.len(), &mut rng)
        .map_err(|interrupted| culprit(plugins, interrupted))?;
    table.finish(order.iter().map(|&backend| plugins[backend].index).collect(), series)
}

fn culprit(plugins: &[PluginRef], interrupted: Interrupted<Culprit>) -> Culprit {
    match interrupted {
        Interrupted::Turn(culprit) => culprit,
        Interrupted::TooShort(backend, reason) => {
            Culprit::Backend(plugins[backend].index, Stage::Calls, Outcome::Unsupported(reason.to_string()))
        }
    }
}

struct Table<'a> {
    plugins: &'a [PluginRef],
    workers: Vec<Option<Worker>>,
    doing: (Phase, u32),
    late: Vec<(usize, String)>,
    flags: Vec<(usize, String)>,
    /// Our own CPU time before the first turn.
    cpu_ns: Option<u64>,
}

impl Table<'_> {
    /// In a process of its own, whoever dies is to blame.
    fn ask(&mut self, backend: usize, request: &Request) -> Result<Reply, Culprit> {
        let index = self.plugins[backend].index;
        let worker = self.workers[backend].as_mut().expect("joined before it is asked");
        match worker.ask(request) {
            Ok(Reply::Refused { backend: Some(_), stage, outcome }) => Err(Culprit::Backend(index, stage, outcome)),
            Ok(reply) => Ok(reply),
            Err(death) if matches!(death.how, How::Cancelled | How::NotStarted(_)) => Err(death.into()),
            Err(death) => Err(Culprit::Crashed(index, death.stage(), death.outcome())),
        }
    }

    fn turn(&mut self, backend: usize, calls: u64, verify: bool) -> Result<Sample, Culprit> {
        let index = self.plugins[backend].index;
        let (phase, round) = self.doing;
        match self.ask(backend, &Request::Sample { calls, verify, phase, round })? {
            Reply::Sampled { sample, wrong, flags } => {
                self.late.extend(wrong.map(|wrong| (index, wrong)));
                for flag in flags.into_iter().map(|flag| (index, flag)) {
                    if !self.flags.contains(&flag) {
                        self.flags.push(flag);
                    }
                }
                Ok(sample)
            }
            other => Err(self.unexpected(backend, &other)),
        }
    }

    /// A last verified sample each, and what disturbed them.
    fn finish(mut self, order: Vec<usize>, series: Vec<Series>) -> Result<Launch, Culprit> {
        let mut environment = Environment::default();
        for (backend, series) in series.iter().enumerate() {
            self.turn(backend, series.calls.last().copied().unwrap_or(1), true)?;
        }
        for backend in 0..series.len() {
            match self.ask(backend, &Request::Leave)? {
                Reply::Left(part) => add(&mut environment, &part),
                other => return Err(self.unexpected(backend, &other)),
            }
        }
        let passing_ns = cpu_ns().zip(self.cpu_ns).map(|(now, before)| now.saturating_sub(before));
        environment = with_host(environment, passing_ns);
        let indices = self.plugins.iter().map(|plugin| plugin.index);
        let series = indices.zip(series).collect();
        Ok(Launch { mode: Mode::Split, order, environment, series, late: self.late, flags: self.flags })
    }

    fn unexpected(&self, backend: usize, reply: &Reply) -> Culprit {
        match reply {
            // Its backend is none of ours: the worker itself could not do its part.
            Reply::Refused { outcome, .. } => Culprit::Unknown(None, Stage::Calls, outcome.clone()),
            _ => {
                let reason = "its worker answered something else than it was asked".to_owned();
                Culprit::Backend(self.plugins[backend].index, Stage::Calls, Outcome::Failed(reason))
            }
        }
    }
}

impl Turn for Table<'_> {
    type Error = Culprit;

    fn sample(&mut self, backend: usize, calls: u64) -> Result<Sample, Culprit> {
        // The first sample of each backend is verified by its worker, which knows that it is the first.
        self.turn(backend, calls, false)
    }

    fn phase(&mut self, phase: Phase, round: u32) {
        self.doing = (phase, round);
    }
}

/// Sums two processes' disturbances; the wall time is the longest.
fn add(sum: &mut Environment, part: &Environment) {
    let both = |a: Option<u64>, b: Option<u64>| Some(a.unwrap_or(0) + b?);
    // Whoever had the first turn saw all cores for longest; what the others used of them is not others' any more.
    let busy = |of: &Environment| Some(of.others_busy_ns? + of.cpu_ns?);
    let busy_ns = busy(sum).max(busy(part));
    sum.wall_ns = sum.wall_ns.max(part.wall_ns);
    sum.runqueue_wait_ns = both(sum.runqueue_wait_ns, part.runqueue_wait_ns);
    sum.steal_ns = sum.steal_ns.max(part.steal_ns);
    sum.cpu_ns = both(sum.cpu_ns, part.cpu_ns);
    sum.others_busy_ns = busy_ns.zip(sum.cpu_ns).map(|(busy, ours)| busy.saturating_sub(ours));
    sum.involuntary_switches += part.involuntary_switches;
    sum.minor_faults += part.minor_faults;
    sum.major_faults += part.major_faults;
    sum.peak_rss_bytes = sum.peak_rss_bytes.max(part.peak_rss_bytes);
}

/// Passing the turn is no other process's doing.
fn with_host(sum: Environment, passing_ns: Option<u64>) -> Environment {
    let others_busy_ns = sum.others_busy_ns.zip(passing_ns).map(|(others, ours)| others.saturating_sub(ours));
    let cpu_ns = sum.cpu_ns.zip(passing_ns).map(|(workers, ours)| workers + ours);
    Environment { others_busy_ns, cpu_ns, ..sum }
}

/// CPU time of this process's threads, of those that have not ended: the readers of a launch's replies live as long as it.
fn cpu_ns() -> Option<u64> {
    let time = |task: fs::DirEntry| -> Option<u64> {
        fs::read_to_string(task.path().join("schedstat")).ok()?.split_whitespace().next()?.parse().ok()
    };
    fs::read_dir("/proc/self/task").ok()?.flatten().map(time).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siblings_are_no_others() {
        let part = |wall_ns, cpu_ns, others_busy_ns| Environment {
            wall_ns,
            cpu_ns: Some(cpu_ns),
            others_busy_ns: Some(others_busy_ns),
            ..Environment::default()
        };
        // Of 200 ms, 90 went to the first, 80 to the second, 5 to the host and 30 to somebody else.
        let mut sum = Environment::default();
        add(&mut sum, &part(190, 80, 120));
        add(&mut sum, &part(200, 90, 115));
        let sum = with_host(sum, Some(5));
        assert_eq!((sum.wall_ns, sum.cpu_ns, sum.others_busy_ns), (200, Some(175), Some(30)));
        assert_eq!(with_host(sum, None).others_busy_ns, None, "what is not known is not 0");
    }

    #[test]
    fn what_a_part_does_not_know_nobody_knows() {
        let mut sum = Environment { cpu_ns: Some(3), others_busy_ns: Some(4), ..Environment::default() };
        add(&mut sum, &Environment::default());
        assert_eq!((sum.cpu_ns, sum.others_busy_ns), (None, None));
    }

    #[test]
    fn this_process_has_used_some_time() {
        assert!(cpu_ns().is_none_or(|ns| ns > 0));
    }
}
