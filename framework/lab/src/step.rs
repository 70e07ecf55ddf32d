//! What an experiment does, step by step.

use std::time::Duration;

use crate::neighbour::Neighbour;

/// How much is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// As METHOD §6 asks.
    Full,
    /// Enough to see that it works; claims nothing.
    Smoke,
}

impl Effort {
    /// A step and its repetitions: each is a run with a seed of its own.
    pub fn repeat(self, times: usize, step: Step) -> Vec<Step> {
        vec![step; if self == Self::Full { times } else { 1 }]
    }
}

/// One thing that is done.
#[derive(Clone, Debug)]
pub enum Step {
    /// `smbench run`.
    Run(Run),
    /// `smbench compare` of the runs of two steps of this experiment.
    Compare(usize, usize),
    /// `smbench compare --pair A,B` of the run of a step: B against A.
    Pair(usize, &'static str),
    /// A million calls of add at so many elements, in a process of its own.
    Million(usize),
    /// criterion on [`DIFFERENT`](crate::experiment::DIFFERENT)'s kernels: a baseline and the same again, so often.
    Criterion { trials: usize, beside: Neighbour },
}

/// One `smbench run`.
#[derive(Clone, Debug)]
pub struct Run {
    pub what: What,
    pub preset: &'static str,
    pub threads: u32,
    pub isolate: bool,
    pub beside: Neighbour,
    /// Percent, instead of what smbench takes by itself.
    pub margin: Option<u32>,
}

/// What is run.
#[derive(Clone, Debug)]
pub enum What {
    /// The subject under several names, the first being the reference.
    Subjects { cases: &'static [Case], subjects: Vec<Subject> },
    /// A config that ships, with these backends, without cases that match a regular expression.
    Shipped { config: &'static str, backends: &'static str, exclude: &'static str },
}

/// An op and its size.
pub type Case = (&'static str, &'static str);

/// A byte copy of the plugin, and the options it gets.
#[derive(Clone, Debug)]
pub struct Subject {
    pub alias: &'static str,
    pub options: Vec<(&'static str, String)>,
}

impl Subject {
    /// Of this name, without options.
    pub fn plain(alias: &'static str) -> Self {
        Self { alias, options: Vec::new() }
    }

    /// With one more option.
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.options.push((key, value.to_string()));
        self
    }
}

impl Run {
    /// The subjects at these cases, one thread, shared launches, undisturbed.
    pub fn of(cases: &'static [Case], subjects: Vec<Subject>) -> Self {
        Self::new(What::Subjects { cases, subjects })
    }

    /// A shipped config.
    pub fn shipped(config: &'static str, backends: &'static str, exclude: &'static str) -> Self {
        Self::new(What::Shipped { config, backends, exclude })
    }

    fn new(what: What) -> Self {
        Self { what, preset: "default", threads: 1, isolate: false, beside: Neighbour::None, margin: None }
    }

    pub fn preset(self, preset: &'static str) -> Self {
        Self { preset, ..self }
    }

    pub fn threads(self, threads: u32) -> Self {
        Self { threads, ..self }
    }

    pub fn isolated(self, isolate: bool) -> Self {
        Self { isolate, ..self }
    }

    pub fn margin(self, margin: Option<u32>) -> Self {
        Self { margin, ..self }
    }

    pub fn beside(self, beside: Neighbour) -> Self {
        Self { beside, ..self }
    }

    /// Cases of it that a smoke run does.
    pub fn cases(&self, effort: Effort) -> Vec<Case> {
        match &self.what {
            What::Subjects { cases, .. } if effort == Effort::Smoke && cases.len() > 3 => {
                cases.iter().step_by(3).copied().collect()
            }
            What::Subjects { cases, .. } => cases.to_vec(),
            What::Shipped { .. } => Vec::new(),
        }
    }
}

impl Step {
    /// How long it takes where smbench does not predict it; measured 2026-11-25 on a 2-core VM.
    pub fn seconds(&self) -> Duration {
        match self {
            Self::Run(_) | Self::Compare(..) | Self::Pair(..) => Duration::ZERO,
            Self::Million(_) => Duration::from_millis(500),
            Self::Criterion { trials, .. } => Duration::from_secs(28) * *trials as u32,
        }
    }
}
