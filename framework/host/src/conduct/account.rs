//! What calls use: counted in passes of their own, after the launches.

use smbench_core::event::Event;
use smbench_core::message::{Reply, Request};
use smbench_core::run::Account;

use super::{Conductor, refused};
use crate::error::Result;
use crate::worker::{How, Worker};

impl Conductor<'_> {
    /// Counts what is not stored yet.
    pub(super) fn account_all(&mut self) -> Result<()> {
        for backend in 0..self.run.plan.backends.len() {
            let mut worker = None;
            for case in 0..self.run.plan.cases.len() {
                if self.workers.is_cancelled() {
                    return Ok(());
                }
                if self.is_able(case, backend) && self.run.account(case, backend).is_none() {
                    self.account(case, backend, &mut worker)?;
                }
            }
        }
        Ok(())
    }

    fn account(&mut self, case: usize, backend: usize, worker: &mut Option<Worker>) -> Result<()> {
        let (plugin, seed) = (self.plugin(case, backend), self.run.plan.launch_seed(0, case));
        let request = Request::Account { plugin, case: self.run.plan.cases[case].clone(), seed };
        match self.workers.ask(worker, &request) {
            Ok(Reply::Accounted(report)) => {
                let account = Account { case, backend, report };
                self.store.save_account(&self.run.id, &account)?;
                self.run.accounts.push(account);
                (self.emit)(Event::Accounted { case, backend });
                Ok(())
            }
            Ok(reply) => {
                let outcome = refused(reply)?;
                self.blame(case, backend, outcome)
            }
            Err(death) if death.how == How::Cancelled => Ok(()),
            Err(death) => {
                let outcome = self.killed(backend, &death)?;
                self.blame(case, backend, outcome)
            }
        }
    }
}
