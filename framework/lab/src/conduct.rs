//! Does the steps of an experiment, one after the other.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::answer::{Answer, Change};
use crate::experiment::Experiment;
use crate::neighbour::{Guest, Neighbour};
use crate::smbench::Smbench;
use crate::step::{Effort, Step};
use crate::{at, criterion, million, report};

/// Where experiments are made: `target/lab`, emptied when it opens. JSON and store stay there for whoever doubts.
pub struct Laboratory {
    smbench: Smbench,
    scratch: PathBuf,
    pub effort: Effort,
    seed: u64,
    runs: u64,
    first: Option<report::Run>,
}

impl Laboratory {
    pub fn open(effort: Effort, seed: u64) -> Result<Self, String> {
        let release = env::current_exe().map_err(|error| error.to_string())?.with_file_name("");
        let scratch = release.join("../lab");
        let _ = fs::remove_dir_all(&scratch);
        fs::create_dir_all(&scratch).map_err(at(&scratch))?;
        let scratch = fs::canonicalize(&scratch).map_err(at(&scratch))?;
        let smbench = Smbench { release, scratch: scratch.clone(), effort };
        Ok(Self { smbench, scratch, effort, seed, runs: 0, first: None })
    }

    /// What the first run said of itself.
    pub fn first(&self) -> Option<&report::Run> {
        self.first.as_ref()
    }

    /// How long an experiment will take: what `smbench run --list` predicts of its runs, and a guess at the rest.
    pub fn predict(&self, experiment: &dyn Experiment) -> Result<Duration, String> {
        let of = |step: &Step| match step {
            Step::Run(run) => self.smbench.predict(experiment.name(), run),
            other => Ok(other.seconds()),
        };
        experiment.steps(self.effort).iter().map(of).sum()
    }

    /// Does all its steps.
    pub fn conduct(&mut self, experiment: &dyn Experiment) -> Result<Vec<Answer>, String> {
        let steps = experiment.steps(self.effort);
        let mut answers = Vec::with_capacity(steps.len());
        for (index, step) in steps.iter().enumerate() {
            eprintln!("── {}, step {} of {}", experiment.name(), index + 1, steps.len());
            answers.push(self.step(experiment.name(), index, step)?);
        }
        Ok(answers)
    }

    fn step(&mut self, name: &str, index: usize, step: &Step) -> Result<Answer, String> {
        let label = |index: usize| format!("{name}-{index}");
        match step {
            Step::Run(run) => {
                self.runs += 1;
                // Any seeds do, so long as no two runs have one in common.
                let ran = self.smbench.run(&label(index), run, 1_000 * self.seed + self.runs)?;
                self.first.get_or_insert_with(|| ran.report.run.clone());
                Ok(Answer::Ran(ran))
            }
            Step::Compare(old, new) => {
                self.smbench.compare(&label(index), &[&label(*old), &label(*new)]).map(Answer::Ran)
            }
            Step::Pair(run, pair) => {
                self.smbench.compare(&label(index), &[&label(*run), "--pair", pair]).map(Answer::Ran)
            }
            Step::Million(elements) => million::measure(&self.smbench.plugin(), *elements).map(Answer::Million),
            Step::Criterion { trials, beside } => {
                self.criterion(*trials, *beside, step.seconds()).map(Answer::Criterion)
            }
        }
    }

    fn criterion(&self, trials: usize, beside: Neighbour, about: Duration) -> Result<Vec<Change>, String> {
        let benches = criterion::build(&self.scratch)?;
        let trials = if self.effort == Effort::Full { trials } else { 1 };
        let _guest = Guest::invite(beside, about)?;
        let trials: Result<Vec<_>, _> =
            (0..trials).map(|_| criterion::trial(&benches, &self.scratch, beside)).collect();
        Ok(trials?.concat())
    }
}
