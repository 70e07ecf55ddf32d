//! What calls use: counted in passes of their own, after the launches.

use smbench_core::event::Event;
use smbench_core::message::{Reply, Request};
use smbench_core::run::Account;

use super::{Conductor, refused};
use crate::error::Result;
use crate::worker::How;

impl Conductor<'_> {
    /// Counts what is not stored yet, each in a process of its own: what a pool keeps of one case would stand in the
    /// peak memory of the next.
    pub(super) fn account_all(&mut self) -> Result<()> {
        for backend in 0..self.run.plan.backends.len() {
            for case in 0..self.run.plan.cases.len() {
                if self.workers.is_cancelled() {
                    return Ok(());
                }
                if self.is_able(case, backend) && self.run.account(case, backend).is_none() {
                    self.account(case, backend)?;
                }
            }
        }
        Ok(())
    }

    fn account(&mut self, case: usize, backend: usize) -> Result<()> {
        let threads = self.run.plan.cases[case].threads;
        let (plugin, seed) = (self.plugin(case, backend), self.run.plan.launch_seed(0, case));
        let request = Request::Account { plugin, case: self.run.plan.cases[case].clone(), seed };
        match self.workers.ask_once(threads, &request) {
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
