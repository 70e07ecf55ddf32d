//! The run loop: check everybody, launch round-robin, count allocations; store each step as it ends.

mod account;
mod check;
mod launch;

use std::collections::BTreeMap;

use smbench_core::event::Event;
use smbench_core::message::{PluginRef, Reply, Request};
use smbench_core::outcome::Outcome;
use smbench_core::run::{Blame, Run, State};

use crate::error::Result;
use crate::store::Store;
use crate::worker::Workers;

/// A backend that killed this many workers is out of the run.
const MOST_CRASHES: usize = 3;

/// Everything a run needs while it is under way.
pub struct Conductor<'a> {
    /// What is stored of it so far; kept up to date.
    pub run: Run,
    /// Where each step is kept.
    pub store: &'a mut dyn Store,
    /// Who does the work.
    pub workers: Workers,
    /// Hash of the binary that checks: it brings the oracles.
    pub checker: String,
    /// Check only: no launch, no account.
    pub verify_only: bool,
    /// Workers that each backend killed in this session.
    pub crashes: BTreeMap<usize, usize>,
    /// Who is told.
    pub emit: &'a mut dyn FnMut(Event),
}

impl Conductor<'_> {
    /// Runs what is not stored yet, and returns the run with all its measurements.
    pub fn conduct(mut self) -> Result<Run> {
        let plan = &self.run.plan;
        let predicted = if self.verify_only { plan.predicted_checks() } else { plan.predicted() };
        let (launches, stored) = (plan.order().len(), self.run.launches.len());
        let id = self.run.id.clone();
        (self.emit)(Event::Started { id, launches, stored, predicted });
        self.check_all()?;
        if !self.verify_only {
            self.measure_peak()?;
            self.launch_all()?;
            self.account_all()?;
        }
        let interrupted = self.workers.is_cancelled();
        self.run.state = if interrupted { State::Interrupted } else { State::Finished };
        self.store.finish(&self.run.id, self.run.state)?;
        (self.emit)(Event::Finished { interrupted });
        Ok(self.run)
    }

    fn note(&mut self, text: String) {
        (self.emit)(Event::Note(text));
    }

    /// Twice, the better one: a limit is what can be reached.
    fn measure_peak(&mut self) -> Result<()> {
        if self.run.peak.is_some() || self.workers.is_cancelled() {
            return Ok(());
        }
        match self.workers.ask_once(&Request::Peak) {
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
        let (plan, found) = (&self.run.plan, &self.run.plan.backends[backend]);
        PluginRef {
            index: backend,
            path: found.path.clone().into(),
            tier: found.spec.tier.clone(),
            threads: plan.cases[case].threads,
            options: found.spec.options.clone(),
            allow_debug: plan.allow_debug,
        }
    }

    /// Has it killed too many workers?
    fn is_out(&self, backend: usize) -> bool {
        self.crashes.get(&backend).is_some_and(|&crashes| crashes >= MOST_CRASHES)
    }

    /// It killed a worker.
    fn crashed(&mut self, backend: usize) {
        *self.crashes.entry(backend).or_default() += 1;
    }

    /// Backends that are right at the case, fast enough for it, and not to blame for anything.
    fn able(&self, case: usize) -> Vec<usize> {
        let backends = 0..self.run.plan.backends.len();
        backends.filter(|&backend| self.is_able(case, backend)).collect()
    }

    fn is_able(&self, case: usize, backend: usize) -> bool {
        let out_of_case = self.run.blames.iter().any(|blame| (blame.case, blame.backend) == (case, backend));
        let right = self.run.check(case, backend).is_some_and(|check| check.outcome.is_measured());
        right && !out_of_case && !self.is_out(backend)
    }

    fn blame(&mut self, case: usize, backend: usize, outcome: Outcome) -> Result<()> {
        (self.emit)(Event::Blamed { case, backend, outcome: outcome.clone() });
        let blame = Blame { case, backend, outcome };
        self.store.save_blame(&self.run.id, &blame)?;
        self.run.blames.push(blame);
        Ok(())
    }
}
