//! The timed launches: shared, and repeated split when something went wrong, to see who is to blame.

use std::collections::BTreeSet;
use std::{mem, result};

use smbench_core::backend::{Backend, conflict};
use smbench_core::event::Event;
use smbench_core::message::{PluginRef, Reply, Request, Stage, Task};
use smbench_core::outcome::Outcome;
use smbench_core::run::CaseLaunch;
use smbench_core::samples::{Launch, SPINS};
use smbench_core::study::Study;
use smbench_core::verdict::LOOKS;

use super::answers::{Answered, Unanswered};
use super::copies::Copies;
use super::{Conductor, OUT_OF_STEP, out_of_the_run};
use crate::error::Result;
use crate::worker::{Culprit, split};

/// Plugins, and the places among them of whom each is compared with.
type Players = (Vec<PluginRef>, Vec<usize>);

impl Conductor<'_> {
    /// Launches what is not stored yet, in the plan's order.
    pub(super) fn launch_all(&mut self) -> Result<()> {
        let backends: Vec<&Backend> = self.run.plan.backends.iter().collect();
        if let Some(why) = conflict(&backends).filter(|_| !self.run.plan.isolate) {
            self.note(format!("every backend gets a process of its own: {why}"));
        }
        self.prepare_copies();
        let stored: BTreeSet<(u32, usize)> =
            self.run.launches.iter().map(|stored| (stored.number, stored.case)).collect();
        let mut sweep = 0;
        for (number, case) in self.run.plan.order() {
            if self.workers.is_cancelled() {
                return Ok(());
            }
            if mem::replace(&mut sweep, number) != number && self.run.plan.until_decided && LOOKS.contains(&number) {
                self.look(number);
            }
            if self.decided.len() == self.run.plan.cases.len() {
                return Ok(());
            }
            if !stored.contains(&(number, case)) && !self.decided.contains(&case) {
                self.launch(number, case)?;
            }
        }
        Ok(())
    }

    /// Which cases are decided after so many launches? Later ones, of a run that goes on again, are not looked at: that would
    /// be a look more. A decided case stays so, though q of the others moves its own: its next launches will not be made.
    fn look(&mut self, launches: u32) {
        let mut run = self.run.clone();
        run.launches.retain(|launch| launch.number < launches);
        let open = Study::of(vec![run]).open_cases();
        self.decided.extend((0..self.run.plan.cases.len()).filter(|case| !open.contains(case)));
        let open = self.run.plan.cases.len() - self.decided.len();
        let left = open * (self.run.plan.launches - launches) as usize;
        (self.emit)(Event::Looked { launches, open, left });
    }

    /// One launch, repeated without whoever is to blame until it goes well or nobody is left.
    fn launch(&mut self, number: u32, case: usize) -> Result<()> {
        loop {
            self.refuse_rebuilt()?;
            self.blame_the_outcast(case)?;
            let able = self.able(case);
            if able.is_empty() {
                return Ok(());
            }
            let answered = match self.answered(case, self.run.plan.launch_seed(number, case), false)? {
                Ok(answered) => answered,
                Err(Unanswered::Cancelled) => return Ok(()),
                Err(Unanswered::Because(outcome)) => {
                    return able.into_iter().try_for_each(|backend| self.blame(case, backend, outcome.clone()));
                }
            };
            match self.try_launch(number, case, &able, &answered) {
                Ok(launch) => return self.keep(CaseLaunch { case, number, launch }),
                Err(Culprit::Among(backend, why)) if self.apart.insert(backend) => {
                    self.repeat(case, Some(backend), &why)
                }
                Err(culprit) if self.may_be_the_control(&culprit, number, case, &able) => {
                    self.give_up_control(&culprit.to_string());
                }
                Err(culprit) if culprit.is_at_start() && self.goes_home(&culprit) => {}
                Err(Culprit::Backend(backend, _, outcome) | Culprit::Among(backend, outcome)) => {
                    self.blame(case, backend, outcome)?;
                }
                Err(Culprit::Crashed(backend, _, outcome)) => {
                    self.crashed(backend);
                    self.blame(case, backend, outcome)?;
                }
                Err(Culprit::Cancelled) => return Ok(()),
                Err(Culprit::Unknown(suspect, _, what)) if self.suspicious.insert(case) => {
                    self.repeat(case, suspect, &what);
                }
                Err(reason @ Culprit::Unknown(..)) => {
                    let title = self.run.plan.cases[case].title();
                    self.note(format!("a launch of {title} was given up: {reason}"));
                    return Ok(());
                }
            }
        }
    }

    /// Says that a shared launch is thrown away, and why.
    fn repeat(&mut self, case: usize, suspect: Option<usize>, what: &Outcome) {
        let suspect = suspect.filter(|&backend| backend < self.run.plan.backends.len());
        let reason = what.reason().unwrap_or_default().to_owned();
        (self.emit)(Event::Repeated { case, suspect, reason });
    }

    /// A backend that is out of the run gets a row that says so at every case that it would have done.
    fn blame_the_outcast(&mut self, case: usize) -> Result<()> {
        for backend in 0..self.run.plan.backends.len() {
            if self.is_out(backend) && self.is_right(case, backend) {
                self.blame(case, backend, Outcome::Failed(out_of_the_run()))?;
            }
        }
        Ok(())
    }

    /// Shared unless somebody needs a process of its own, or something has gone wrong at this case before.
    fn try_launch(
        &mut self,
        number: u32,
        case: usize,
        able: &[usize],
        answered: &Answered,
    ) -> result::Result<Launch, Culprit> {
        let plan = &self.run.plan;
        let backends: Vec<&Backend> = able.iter().map(|&backend| &plan.backends[backend]).collect();
        let wants_split = backends.iter().any(|found| found.plugin.prefers_split) || conflict(&backends).is_some();
        let is_apart = able.iter().any(|backend| self.apart.contains(backend));
        let is_split = wants_split || is_apart || plan.isolate || self.suspicious.contains(&case);
        let (task, _copies) = self.task(number, case, answered, |run| run.players(number, case, able));
        let launch = match is_split {
            true => split(&self.workers, &task).and_then(|launch| self.without_wrong(number, case, answered, launch)),
            false => self.share(task),
        }?;
        self.at_rest(able, launch)
    }

    /// All in one process.
    fn share(&self, task: Task) -> result::Result<Launch, Culprit> {
        let players: Vec<usize> = task.plugins.iter().map(|plugin| plugin.index).collect();
        let refused = |backend: usize, stage: Stage, outcome: Outcome| match (stage, &outcome) {
            (Stage::Among, _) => Culprit::Among(self.who(backend), outcome),
            (_, Outcome::Unsupported(_)) => Culprit::Backend(backend, stage, outcome),
            _ => Culprit::Unknown(Some(backend), stage, outcome),
        };
        let out_of_step = || Culprit::Unknown(None, Stage::Calls, Outcome::Failed(OUT_OF_STEP.to_owned()));
        match self.workers.ask_once(task.case.threads, &Request::Launch(task)) {
            Ok(Reply::Launched(launch)) if launch.is_of(&players) => match launch.late.first() {
                None => Ok(launch),
                Some((backend, wrong)) => {
                    Err(Culprit::Unknown(Some(*backend), Stage::Calls, Outcome::Rejected(wrong.clone())))
                }
            },
            Ok(Reply::Refused { backend: Some(backend), stage, outcome }) if players.contains(&backend) => {
                Err(refused(backend, stage, outcome))
            }
            Ok(Reply::Refused { backend: None, stage, outcome }) => Err(Culprit::Unknown(None, stage, outcome)),
            Ok(_) => Err(out_of_step()),
            Err(death) => Err(death.into()),
        }
    }

    /// Threads that nobody can stop take a core from whoever has the turn: only alone can their backend be measured.
    fn at_rest(&self, able: &[usize], launch: Launch) -> result::Result<Launch, Culprit> {
        let restless = launch.flags.iter().find(|(_, flag)| flag == SPINS).map(|(backend, _)| self.who(*backend));
        match restless.filter(|_| able.len() > 1) {
            None => Ok(launch),
            Some(backend) => {
                let outcome =
                    Outcome::Failed(format!("{SPINS}, which takes a core from the others; alone it is measured"));
                Err(Culprit::Backend(backend, Stage::Calls, outcome))
            }
        }
    }

    /// The backend itself, of its copy.
    fn who(&self, player: usize) -> usize {
        if player == self.run.plan.control() { self.run.plan.reference } else { player }
    }

    /// What the launch is about, with the copies that it loads, which must live as long as it lasts.
    fn task(
        &mut self,
        number: u32,
        case: usize,
        (answered, _): &Answered,
        players: impl Fn(&Self) -> Players,
    ) -> (Task, Option<Copies>) {
        let (mut plugins, mut references) = players(self);
        let copies = match Copies::of(&mut plugins, |plugin| !self.at_home.contains(&plugin.index)) {
            Ok(copies) => copies,
            Err(error) => {
                self.stay_at_home(&error);
                (plugins, references) = players(self);
                None
            }
        };
        let (plan, seed) = (&self.run.plan, self.run.plan.launch_seed(number, case));
        let (case, backend_ns) = (answered.clone(), plan.preset.backend_ns());
        (Task { plugins, references, case, seed, backend_ns }, copies)
    }

    /// Who takes part.
    fn players(&self, number: u32, case: usize, able: &[usize]) -> Players {
        let control = self.control(number, case, able);
        let controlled = control.as_ref().map(|_| self.run.plan.reference);
        let references = self.run.plan.references(&able.iter().copied().chain(controlled).collect::<Vec<_>>());
        let players = able.iter().map(|&backend| self.plugin(case, backend));
        (players.chain(control).collect(), references)
    }

    /// The buffers of a split launch are shared: whoever is wrong beside others is tried alone before it is blamed.
    fn without_wrong(
        &mut self,
        number: u32,
        case: usize,
        answered: &Answered,
        launch: Launch,
    ) -> result::Result<Launch, Culprit> {
        let Some((_, first)) = launch.late.first() else { return Ok(launch) };
        for (backend, wrong) in &launch.late {
            let backend = *backend;
            if backend == self.run.plan.control() {
                return Err(Culprit::Backend(backend, Stage::Calls, Outcome::Rejected(wrong.clone())));
            }
            let alone = match launch.series.len() {
                1 => launch.clone(),
                _ => {
                    let (task, _copies) =
                        self.task(number, case, answered, |run| (vec![run.plugin(case, backend)], vec![0]));
                    split(&self.workers, &task)?
                }
            };
            if let Some((_, wrong)) = alone.late.first() {
                let reason = format!("right in its check, wrong in a launch: {wrong}");
                return Err(Culprit::Backend(backend, Stage::Calls, Outcome::Rejected(reason)));
            }
        }
        let outcome = Outcome::Rejected(format!("{first}, but nobody is wrong alone"));
        Err(Culprit::Unknown(None, Stage::Calls, outcome))
    }

    fn keep(&mut self, launch: CaseLaunch) -> Result<()> {
        self.store.save_launch(&self.run.id, &launch)?;
        (self.emit)(Event::Launched { case: launch.case, launch: launch.number });
        self.run.launches.push(launch);
        Ok(())
    }
}
