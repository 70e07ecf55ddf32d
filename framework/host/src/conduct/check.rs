//! Is everybody right? Each backend in a worker of its own, results cached by plugin and case.

use smbench_core::event::Event;
use smbench_core::message::{CheckReport, Reply, Request};
use smbench_core::outcome::Outcome;
use smbench_core::run::Check;

use super::answers::Unanswered;
use super::{Conductor, out_of_the_run, refused};
use crate::error::Result;
use crate::store::CheckKey;
use crate::worker::{How, Worker};

impl Conductor<'_> {
    /// Checks what is not stored yet.
    pub(super) fn check_all(&mut self) -> Result<()> {
        for backend in 0..self.run.plan.backends.len() {
            let mut worker = None;
            for case in 0..self.run.plan.cases.len() {
                if self.workers.is_cancelled() {
                    return Ok(());
                }
                if self.run.check(case, backend).is_none() {
                    self.check(case, backend, &mut worker)?;
                }
            }
        }
        Ok(())
    }

    fn check(&mut self, case: usize, backend: usize, worker: &mut Option<Worker>) -> Result<()> {
        let key = self.check_key(case, backend);
        // What was too slow may have been disturbed when it was timed.
        let fast = |report: &CheckReport| report.call_ns <= self.longest_call_ns(case);
        let report = match self.store.cached_check(&key)?.filter(fast) {
            Some(report) => report,
            None => match self.ask_check(case, backend, worker)? {
                Some(report) if matches!(report.outcome, Outcome::Failed(_)) => report,
                Some(report) => {
                    self.store.cache_check(&key, &report)?;
                    report
                }
                None => return Ok(()), // Ctrl-C
            },
        };
        let report = self.judge_pace(case, report);
        let outcome = self.explained(backend, report.outcome.clone());
        let check = Check { case, backend, report: CheckReport { outcome, ..report } };
        (self.emit)(Event::Checked { case, backend, outcome: check.report.outcome.clone() });
        if !self.verify_only {
            self.store.save_check(&self.run.id, &check)?;
        }
        self.run.checks.push(check);
        Ok(())
    }

    /// All that a check's result depends on.
    fn check_key(&self, case: usize, backend: usize) -> CheckKey {
        let oracle = self.run.plan.oracle(case).map(|oracle| self.run.plan.backends[oracle].content());
        let (case, backend) = (&self.run.plan.cases[case], &self.run.plan.backends[backend]);
        CheckKey {
            plugin: [backend.content(), oracle.unwrap_or_default()].concat(),
            definition: case.definition.clone(),
            tier: backend.spec.tier.clone(),
            threads: case.threads,
            options: backend.spec.options.clone(),
            logit_tolerance: backend.spec.logit_tolerance,
            grants: (!backend.spec.trusted).then(|| backend.spec.grants.clone()),
            machine: self.run.machine.fingerprint.clone(),
            checker: self.checker.clone(),
        }
    }

    /// `None` after Ctrl-C; an error where smbench or the machine is at fault, not the plugin.
    fn ask_check(&mut self, case: usize, backend: usize, worker: &mut Option<Worker>) -> Result<Option<CheckReport>> {
        if let Some(reason) = &self.run.plan.backends[backend].plugin.refused {
            return Ok(Some(CheckReport::ended(Outcome::Failed(reason.clone()))));
        }
        if self.is_out(backend) {
            return Ok(Some(CheckReport::ended(Outcome::Failed(out_of_the_run()))));
        }
        self.refuse_rebuilt()?;
        let (plugin, seed) = (self.plugin(case, backend), self.run.plan.launch_seed(0, case));
        if plugin.threads_variable.is_some() {
            *worker = None; // it reads its number of threads while it is loaded, and this case's may be another
        }
        let (case, _answers) = match self.answered(case, seed, true)? {
            Ok(answered) => answered,
            Err(Unanswered::Cancelled) => return Ok(None),
            Err(Unanswered::Because(outcome)) => return Ok(Some(CheckReport::ended(outcome))),
        };
        if case.oracle.is_some() {
            *worker = None; // it reads the answers before it is confined
        }
        let request = Request::Check { plugin, case, seed };
        match self.workers.ask(worker, &request) {
            Ok(Reply::Checked(report)) => Ok(Some(report)),
            Ok(reply) => refused(reply).map(|outcome| Some(CheckReport::ended(outcome))),
            Err(death) if death.how == How::Cancelled => Ok(None),
            Err(death) => self.killed(backend, &death).map(|outcome| Some(CheckReport::ended(outcome))),
        }
    }

    fn longest_call_ns(&self, case: usize) -> u64 {
        self.run.plan.longest_call_ns(&self.run.plan.cases[case])
    }

    /// Right, but too slow at this size.
    fn judge_pace(&self, case: usize, report: CheckReport) -> CheckReport {
        let (limit, took) = (self.longest_call_ns(case), report.call_ns);
        if !report.outcome.is_measured() || took <= limit {
            return report;
        }
        let ms = |ns: u64| ns as f64 / 1e6;
        let reason =
            format!("too slow at this size: a call takes {:.0} ms, max_call allows {:.0} ms", ms(took), ms(limit));
        CheckReport { outcome: Outcome::Unsupported(reason), ..report }
    }
}
