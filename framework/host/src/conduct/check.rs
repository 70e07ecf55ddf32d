//! Is everybody right? Each backend in a worker of its own, results cached by plugin and case.

use smbench_core::event::Event;
use smbench_core::message::{CheckReport, Reply, Request};
use smbench_core::outcome::Outcome;
use smbench_core::run::Check;

use super::{Conductor, MOST_CRASHES};
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
        let fast = |report: &CheckReport| report.call_ns <= self.run.plan.max_call_ns;
        let cached = self.store.cached_check(&key)?.filter(fast);
        let report = match cached {
            Some(report) => report,
            None => match self.ask_check(case, backend, worker) {
                Some(report) => {
                    if !matches!(report.outcome, Outcome::Failed(_)) {
                        self.store.cache_check(&key, &report)?;
                    }
                    report
                }
                None => return Ok(()), // Ctrl-C
            },
        };
        let report = self.judge_pace(report);
        let (emit, outcome) = (&mut self.emit, report.outcome.clone());
        emit(Event::Checked { case, backend, outcome });
        let check = Check { case, backend, report };
        self.store.save_check(&self.run.id, &check)?;
        self.run.checks.push(check);
        Ok(())
    }

    /// All that a check's result depends on.
    fn check_key(&self, case: usize, backend: usize) -> CheckKey {
        let (case, backend) = (&self.run.plan.cases[case], &self.run.plan.backends[backend]);
        CheckKey {
            plugin: backend.sha256.clone(),
            definition: case.definition.clone(),
            tier: backend.spec.tier.clone(),
            threads: case.threads,
            options: backend.spec.options.clone(),
            machine: self.run.machine.fingerprint.clone(),
            checker: self.checker.clone(),
        }
    }

    /// `None` after Ctrl-C. A worker that died is not used again.
    fn ask_check(&mut self, case: usize, backend: usize, worker: &mut Option<Worker>) -> Option<CheckReport> {
        if let Some(reason) = &self.run.plan.backends[backend].plugin.refused {
            return Some(ended(Outcome::Failed(reason.clone())));
        }
        if self.is_out(backend) {
            return Some(ended(Outcome::Failed(format!("out of the run after {MOST_CRASHES} crashes"))));
        }
        let (plugin, seed) = (self.plugin(case, backend), self.run.plan.launch_seed(0, case));
        let request = Request::Check { plugin, case: self.run.plan.cases[case].clone(), seed };
        match self.workers.ask(worker, &request) {
            Ok(Reply::Checked(report)) => Some(report),
            Ok(Reply::Refused { outcome, .. }) => Some(ended(outcome)),
            Ok(_) => Some(ended(Outcome::Failed("its worker answered something else than it was asked".to_owned()))),
            Err(death) if death.how == How::Cancelled => None,
            Err(death) => {
                self.crashed(backend);
                Some(ended(death.outcome()))
            }
        }
    }

    /// Right, but too slow to be worth anybody's time at this size.
    fn judge_pace(&self, report: CheckReport) -> CheckReport {
        let (limit, took) = (self.run.plan.max_call_ns, report.call_ns);
        if !report.outcome.is_measured() || took <= limit {
            return report;
        }
        let ms = |ns: u64| ns as f64 / 1e6;
        let reason = format!("too slow at this size: a call takes {:.0} ms, max_call is {:.0} ms", ms(took), ms(limit));
        CheckReport { outcome: Outcome::Unsupported(reason), ..report }
    }
}

fn ended(outcome: Outcome) -> CheckReport {
    CheckReport { outcome, error: None, call_ns: 0, receipt: None }
}
