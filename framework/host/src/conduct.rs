//! The run loop: check everybody, launch round-robin, count allocations; store each step as it ends.

use std::collections::BTreeSet;

use smbench_core::backend::{Backend, conflict};
use smbench_core::event::Event;
use smbench_core::message::{CheckReport, PluginRef, Reply, Request};
use smbench_core::outcome::Outcome;
use smbench_core::run::{Account, Blame, CaseLaunch, Check, Run, State};
use smbench_core::samples::Launch;

use crate::error::Result;
use crate::store::{CheckKey, Store};
use crate::worker::{Culprit, How, Worker, Workers, split};

/// A backend blamed this often is out of the run.
const MOST_BLAMES: usize = 3;

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
    /// Who is told.
    pub emit: &'a mut dyn FnMut(Event),
}

impl Conductor<'_> {
    /// Runs what is not stored yet, and returns the run with all its measurements.
    pub fn conduct(mut self) -> Result<Run> {
        let (launches, stored) = (self.run.plan.order().len(), self.run.launches.len());
        let (id, predicted) = (self.run.id.clone(), self.run.plan.predicted());
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

    fn check_all(&mut self) -> Result<()> {
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
        if self.crashed_checks(backend) >= MOST_BLAMES {
            return Some(ended(Outcome::Failed(format!("out of the run after {MOST_BLAMES} crashes"))));
        }
        let (plugin, seed) = (self.plugin(case, backend), self.run.plan.launch_seed(0, case));
        let request = Request::Check { plugin, case: self.run.plan.cases[case].clone(), seed };
        let asked = match worker {
            Some(running) => running.ask(&request),
            None => self.workers.start().and_then(|started| worker.insert(started).ask(&request)),
        };
        match asked {
            Ok(Reply::Checked(report)) => Some(report),
            Ok(Reply::Refused { outcome, .. }) => Some(ended(outcome)),
            Ok(_) => Some(ended(Outcome::Failed("its worker answered something else than it was asked".to_owned()))),
            Err(death) => {
                *worker = None;
                (death.how != How::Cancelled).then(|| ended(death.outcome()))
            }
        }
    }

    fn crashed_checks(&self, backend: usize) -> usize {
        let crashed = |check: &&Check| check.backend == backend && matches!(check.report.outcome, Outcome::Failed(_));
        self.run.checks.iter().filter(crashed).count()
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

    fn launch_all(&mut self) -> Result<()> {
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

    /// Backends that are right at the case, fast enough for it, and not to blame for anything.
    fn able(&self, case: usize) -> Vec<usize> {
        let backends = 0..self.run.plan.backends.len();
        backends.filter(|&backend| self.is_able(case, backend)).collect()
    }

    fn is_able(&self, case: usize, backend: usize) -> bool {
        let blames = || self.run.blames.iter().filter(|blame| blame.backend == backend);
        let out_of_run = blames().filter(|blame| matches!(blame.outcome, Outcome::Failed(_))).count() >= MOST_BLAMES;
        let out_of_case = blames().any(|blame| blame.case == case);
        let right = self.run.check(case, backend).is_some_and(|check| check.outcome.is_measured());
        right && !out_of_case && !out_of_run
    }

    /// Shared unless somebody needs a process of its own; split again when something went wrong.
    fn try_launch(
        &mut self,
        number: u32,
        case: usize,
        able: &[usize],
        suspected: bool,
    ) -> std::result::Result<Launch, Culprit> {
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
    fn without_wrong(&self, launch: Launch) -> std::result::Result<Launch, Culprit> {
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

    fn blame(&mut self, case: usize, backend: usize, outcome: Outcome) -> Result<()> {
        (self.emit)(Event::Blamed { case, backend, outcome: outcome.clone() });
        let blame = Blame { case, backend, outcome };
        self.store.save_blame(&self.run.id, &blame)?;
        self.run.blames.push(blame);
        Ok(())
    }

    fn account_all(&mut self) -> Result<()> {
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
        let asked = match worker {
            Some(running) => running.ask(&request),
            None => self.workers.start().and_then(|started| worker.insert(started).ask(&request)),
        };
        match asked {
            Ok(Reply::Accounted(report)) => {
                let account = Account { case, backend, report };
                self.store.save_account(&self.run.id, &account)?;
                self.run.accounts.push(account);
                (self.emit)(Event::Accounted { case, backend });
                Ok(())
            }
            Ok(Reply::Refused { outcome, .. }) => self.blame(case, backend, outcome),
            Err(death) if death.how == How::Cancelled => Ok(()),
            Err(death) => {
                *worker = None;
                self.blame(case, backend, death.outcome())
            }
            Ok(_) => Ok(()),
        }
    }
}

fn ended(outcome: Outcome) -> CheckReport {
    CheckReport { outcome, error: None, call_ns: 0, receipt: None }
}
