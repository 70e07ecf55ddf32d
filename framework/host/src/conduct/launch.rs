//! The timed launches: shared, and repeated split when something went wrong, to see who is to blame.

use std::collections::BTreeSet;
use std::result;

use smbench_core::backend::{Backend, conflict};
use smbench_core::event::Event;
use smbench_core::message::{PluginRef, Reply, Request};
use smbench_core::outcome::Outcome;
use smbench_core::run::CaseLaunch;
use smbench_core::samples::Launch;

use super::Conductor;
use crate::error::Result;
use crate::worker::{Culprit, split};

impl Conductor<'_> {
    /// Launches what is not stored yet, in the plan's order.
    pub(super) fn launch_all(&mut self) -> Result<()> {
        let backends: Vec<&Backend> = self.run.plan.backends.iter().collect();
        if let Some(why) = conflict(&backends).filter(|_| !self.run.plan.isolate) {
            self.note(format!("every backend gets a process of its own: {why}"));
        }
        let stored: BTreeSet<(u32, usize)> =
            self.run.launches.iter().map(|stored| (stored.number, stored.case)).collect();
        for (number, case) in self.run.plan.order() {
            if self.workers.is_cancelled() {
                return Ok(());
            }
            if !stored.contains(&(number, case)) {
                self.launch(number, case)?;
            }
        }
        Ok(())
    }

    /// One launch, repeated without whoever is to blame until it goes well or nobody is left.
    fn launch(&mut self, number: u32, case: usize) -> Result<()> {
        let mut suspected = false;
        loop {
            let able = self.able(case);
            if able.is_empty() {
                return Ok(());
            }
            match self.try_launch(number, case, &able, suspected) {
                Ok(launch) => return self.keep(CaseLaunch { case, number, launch }),
                Err(Culprit::Backend(backend, outcome)) => self.blame(case, backend, outcome)?,
                Err(Culprit::Crashed(backend, outcome)) => {
                    self.crashed(backend);
                    self.blame(case, backend, outcome)?;
                }
                Err(Culprit::Cancelled) => return Ok(()),
                Err(Culprit::Unknown(reason)) if !suspected => (self.emit)(Event::Repeated { case, reason }),
                Err(Culprit::Unknown(reason)) => {
                    let title = self.run.plan.cases[case].title();
                    self.note(format!("a launch of {title} was given up: {reason}"));
                    return Ok(());
                }
            }
            suspected = true;
        }
    }

    /// Shared unless somebody needs a process of its own; split again when something went wrong.
    fn try_launch(
        &mut self,
        number: u32,
        case: usize,
        able: &[usize],
        suspected: bool,
    ) -> result::Result<Launch, Culprit> {
        let plan = &self.run.plan;
        let plugins: Vec<PluginRef> = able.iter().map(|&backend| self.plugin(case, backend)).collect();
        let reference = able.iter().position(|&backend| backend == plan.reference).unwrap_or(0);
        let seed = plan.launch_seed(number, case);
        let backends: Vec<&Backend> = able.iter().map(|&backend| &plan.backends[backend]).collect();
        let wants_split = backends.iter().any(|found| found.plugin.prefers_split) || conflict(&backends).is_some();
        if suspected || plan.isolate || wants_split {
            let launch = split(&self.workers, &plugins, reference, &plan.cases[case], seed)?;
            return self.without_wrong(launch);
        }
        let request = Request::Launch { plugins, reference, case: plan.cases[case].clone(), seed };
        match self.workers.ask_once(&request) {
            Ok(Reply::Launched(launch)) if launch.late.is_empty() => Ok(launch),
            Ok(Reply::Launched(launch)) => Err(Culprit::Unknown(launch.late[0].1.clone())),
            Ok(Reply::Refused { backend: Some(backend), outcome: outcome @ Outcome::Unsupported(_) }) => {
                Err(Culprit::Backend(backend, outcome))
            }
            Ok(Reply::Refused { outcome, .. }) => Err(Culprit::Unknown(outcome.to_string())),
            Ok(_) => Err(Culprit::Unknown("its worker answered something else than it was asked".to_owned())),
            Err(death) => Err(death.into()),
        }
    }

    /// In a process of its own, whoever is wrong is wrong by itself.
    fn without_wrong(&self, launch: Launch) -> result::Result<Launch, Culprit> {
        match launch.late.first() {
            None => Ok(launch),
            Some((backend, wrong)) => Err(Culprit::Backend(
                *backend,
                Outcome::Rejected(format!("right in its check, wrong in a launch: {wrong}")),
            )),
        }
    }

    fn keep(&mut self, launch: CaseLaunch) -> Result<()> {
        self.store.save_launch(&self.run.id, &launch)?;
        (self.emit)(Event::Launched { case: launch.case, launch: launch.number });
        self.run.launches.push(launch);
        Ok(())
    }
}
