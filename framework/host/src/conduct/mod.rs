//! The run loop: check everybody, launch round-robin, count allocations; store each step as it ends.

mod account;
mod answers;
mod check;
mod control;
mod copies;
mod folder;
mod launch;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use smbench_core::confinement::explained;
use smbench_core::event::Event;
use smbench_core::message::{PluginRef, Reply, Request};
use smbench_core::outcome::Outcome;
use smbench_core::run::{Blame, Run, State};

use crate::error::{Error, Result};
use crate::store::Store;
use crate::worker::{Death, How, Workers};

/// A backend that killed this many workers is out of the run.
const MOST_CRASHES: usize = 3;

const OUT_OF_STEP: &str = "its worker answered something else than it was asked";

/// Everything a run needs while it is under way.
pub struct Conductor<'a> {
    run: Run,
    store: &'a mut dyn Store,
    workers: Workers,
    /// Hash of the binary that checks: it brings the oracles.
    checker: String,
    emit: &'a mut dyn FnMut(Event),
    verify_only: bool,
    /// Workers that each backend killed in this session.
    crashes: BTreeMap<usize, usize>,
    /// Cases at which a shared launch went wrong.
    suspicious: BTreeSet<usize>,
    /// Backends that change what all in a process share: they get one of their own.
    apart: BTreeSet<usize>,
    /// The plugins' files as the run found them.
    stamps: Vec<Option<Stamp>>,
    /// May the A/A control take part?
    controlled: bool,
    /// Backends that are loaded from their own file, not from copies.
    at_home: BTreeSet<usize>,
    /// Cases that need no more launches.
    decided: BTreeSet<usize>,
}

impl<'a> Conductor<'a> {
    /// A conductor of a run that is stored already, with what is stored of it so far.
    pub fn new(
        run: Run,
        store: &'a mut dyn Store,
        workers: Workers,
        checker: String,
        emit: &'a mut dyn FnMut(Event),
    ) -> Self {
        let stamps = run.plan.backends.iter().map(|backend| Stamp::of(&backend.path)).collect();
        Self {
            run,
            store,
            workers,
            checker,
            emit,
            verify_only: false,
            crashes: BTreeMap::new(),
            suspicious: BTreeSet::new(),
            apart: BTreeSet::new(),
            stamps,
            controlled: true,
            at_home: BTreeSet::new(),
            decided: BTreeSet::new(),
        }
    }

    /// Checks, and neither measures nor stores anything but the checks' results for later runs.
    pub fn verify(mut self) -> Result<Run> {
        self.verify_only = true;
        self.start(self.run.plan.predicted_checks());
        self.check_all()?;
        self.end()
    }

    /// Runs what is not stored yet, and returns the run with all its measurements.
    pub fn conduct(mut self) -> Result<Run> {
        self.start(self.run.plan.predicted());
        self.check_all()?;
        self.measure_peak()?;
        self.launch_all()?;
        self.account_all()?;
        self.end()
    }

    fn start(&mut self, predicted: Duration) {
        let launches = if self.verify_only { 0 } else { self.run.plan.order().len() };
        let (id, stored) = (self.run.id.clone(), self.run.launches.len());
        (self.emit)(Event::Started { id, launches, stored, predicted });
    }

    /// Finished means that no launch is missing that somebody could have done.
    fn end(mut self) -> Result<Run> {
        let interrupted = self.workers.is_cancelled();
        let complete = !interrupted && (self.verify_only || self.is_complete());
        self.run.state = if complete { State::Finished } else { State::Interrupted };
        if !self.verify_only {
            self.store.finish(&self.run.id, self.run.state)?;
        }
        (self.emit)(Event::Finished { interrupted });
        Ok(self.run)
    }

    fn is_complete(&self) -> bool {
        let launches = |case: usize| self.run.launches.iter().filter(|launch| launch.case == case).count();
        let planned = self.run.plan.launches as usize;
        let done = |case: usize| launches(case) == planned || self.decided.contains(&case);
        (0..self.run.plan.cases.len()).all(|case| self.able(case).is_empty() || done(case))
    }

    /// Launches of another build would not belong to the run.
    fn refuse_rebuilt(&mut self) -> Result<()> {
        let backends = &self.run.plan.backends;
        let changed = backends.iter().zip(&self.stamps).find(|(backend, stamp)| Stamp::of(&backend.path) != **stamp);
        let Some((backend, _)) = changed else { return Ok(()) };
        let error = Error::usage(format!("the plugin of `{}` changed while the run was going on", backend.alias()))
            .because(format!("{} is another file now", backend.path))
            .help("start a new run; measure a copy if you want to build meanwhile");
        if !self.verify_only {
            self.store.finish(&self.run.id, State::Interrupted)?;
        }
        Err(error)
    }

    fn note(&mut self, text: String) {
        (self.emit)(Event::Note(text));
    }

    /// What this machine can do; without it the run goes on, and has no percentages.
    fn measure_peak(&mut self) -> Result<()> {
        if self.run.peak.is_some() || self.workers.is_cancelled() {
            return Ok(());
        }
        match self.workers.ask_once(1, &Request::Peak) {
            Ok(Reply::Peaked(peak)) => {
                self.run.peak = Some(peak);
                self.store.save_peak(&self.run.id, &peak)
            }
            _ => {
                self.note("this machine's limits could not be measured: no percentages of them".to_owned());
                Ok(())
            }
        }
    }

    fn plugin(&self, case: usize, backend: usize) -> PluginRef {
        let plan = &self.run.plan;
        PluginRef::of(&plan.backends[backend], backend, plan.cases[case].threads, plan.allow_debug)
    }

    /// Has it killed too many workers?
    fn is_out(&self, backend: usize) -> bool {
        self.crashes.get(&backend).is_some_and(|&crashes| crashes >= MOST_CRASHES)
    }

    /// It killed a worker.
    fn crashed(&mut self, backend: usize) {
        *self.crashes.entry(backend).or_default() += 1;
    }

    /// What a worker's death makes of the backend's row; an error if the plugin had no part in it.
    fn killed(&mut self, backend: usize, death: &Death) -> Result<Outcome> {
        if let How::NotStarted(why) = &death.how {
            return Err(Error::internal("no worker can be started").because(why));
        }
        self.crashed(backend);
        Ok(death.outcome())
    }

    /// Backends that are right at the case, fast enough for it, and not to blame for anything.
    fn able(&self, case: usize) -> Vec<usize> {
        let backends = 0..self.run.plan.backends.len();
        backends.filter(|&backend| self.is_able(case, backend)).collect()
    }

    fn is_able(&self, case: usize, backend: usize) -> bool {
        self.is_right(case, backend) && !self.is_out(backend)
    }

    /// Right in its check, and not blamed for anything at the case since.
    fn is_right(&self, case: usize, backend: usize) -> bool {
        let blamed = self.run.blames.iter().any(|blame| (blame.case, blame.backend) == (case, backend));
        !blamed && self.run.check(case, backend).is_some_and(|check| check.outcome.is_measured())
    }

    /// Of a confined plugin, with what would have permitted it what it was refused.
    fn explained(&self, backend: usize, outcome: Outcome) -> Outcome {
        let spec = &self.run.plan.backends[backend].spec;
        if spec.trusted { outcome } else { explained(outcome, &spec.alias) }
    }

    fn blame(&mut self, case: usize, backend: usize, outcome: Outcome) -> Result<()> {
        let outcome = self.explained(backend, outcome);
        (self.emit)(Event::Blamed { case, backend, outcome: outcome.clone() });
        let blame = Blame { case, backend, outcome };
        self.store.save_blame(&self.run.id, &blame)?;
        self.run.blames.push(blame);
        Ok(())
    }
}

/// A file, told from another build at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(path: &str) -> Option<Self> {
        let file = fs::metadata(path).ok()?;
        Some(Self { inode: file.ino(), bytes: file.len(), modified: (file.mtime(), file.mtime_nsec()) })
    }
}

fn out_of_the_run() -> String {
    format!("out of the run after {MOST_CRASHES} crashes")
}

/// How a refusal ends a backend's row; an error if it is not the backend's.
fn refused(reply: Reply) -> Result<Outcome> {
    match reply {
        Reply::Refused { backend: Some(_), outcome, .. } => Ok(outcome),
        Reply::Refused { outcome, .. } => Err(Error::internal("a worker could not do its part").because(outcome)),
        _ => Ok(Outcome::Failed(OUT_OF_STEP.to_owned())),
    }
}
