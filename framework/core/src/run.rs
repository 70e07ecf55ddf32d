//! A run as stored: what was planned, where, and what came of it.

use serde::{Deserialize, Serialize};

use crate::imported::Imported;
use crate::message::{AccountReport, CheckReport, Peak};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::samples::Launch;

/// A stored run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Sortable and unique: `20261123-081502-3fa2`.
    pub id: String,
    /// Name given with `--label`; a reused one moves, like a tag.
    pub label: Option<String>,
    /// When it began, RFC 3339, UTC.
    pub created: String,
    /// The command line that made it.
    pub command: String,
    /// Version of smbench.
    pub smbench: String,
    /// Where it stands.
    pub state: State,
    /// The repository it was run in.
    pub git: Option<Git>,
    /// The machine it ran on.
    pub machine: Machine,
    /// This machine's limits, measured in the run.
    pub peak: Option<Peak>,
    /// What was planned.
    pub plan: Plan,
    /// What the checks found.
    pub checks: Vec<Check>,
    /// What was measured.
    pub launches: Vec<CaseLaunch>,
    /// What was counted.
    pub accounts: Vec<Account>,
    /// Backends that were taken out of a case after its check, with how.
    pub blames: Vec<Blame>,
    /// What people added with `smbench note`.
    pub notes: Vec<Note>,
    /// Of a run that another tool measured: which, and what it says beside the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Imported>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Going on, or killed: `--resume` goes on.
    Running,
    /// Ended by Ctrl-C: `--resume` goes on.
    Interrupted,
    /// All launches are there.
    Finished,
}

impl State {
    /// The word in the store and in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Interrupted => "interrupted",
            Self::Finished => "finished",
        }
    }
}

/// The repository a run was made in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Git {
    /// Commit, hexadecimal.
    pub commit: String,
    /// Branch, if on one.
    pub branch: Option<String>,
    /// Were there uncommitted changes?
    pub dirty: bool,
}

/// A machine. What makes two of them comparable is the fingerprint, not the host's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Hash of all below but the host and the kernel.
    pub fingerprint: String,
    /// Name of the host.
    pub host: String,
    /// `x86_64`, `aarch64`.
    pub arch: String,
    /// `Linux 6.18.44`.
    pub os: String,
    /// Model as the CPU says it.
    pub cpu: String,
    /// Logical cores we may use.
    pub cores: u32,
    /// Data caches of one core, innermost first.
    pub cache_bytes: Vec<u64>,
    /// Vector extensions found, widest last.
    pub simd: Vec<String>,
    /// Main memory.
    pub memory_bytes: u64,
    /// Hypervisor, if there is one.
    pub hypervisor: Option<String>,
    /// The C library.
    pub libc: String,
}

/// A check, with whom and what it was about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Index into the plan's cases.
    pub case: usize,
    /// Index into the plan's backends.
    pub backend: usize,
    /// What it found.
    pub report: CheckReport,
}

/// A launch, with what it was about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseLaunch {
    /// Index into the plan's cases.
    pub case: usize,
    /// Number of the launch within its case, from 0.
    pub number: u32,
    /// What it brought home.
    pub launch: Launch,
}

/// An account pass, with whom and what it was about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Index into the plan's cases.
    pub case: usize,
    /// Index into the plan's backends.
    pub backend: usize,
    /// What it counted.
    pub report: AccountReport,
}

/// A backend that was taken out of a case after its check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blame {
    /// Index into the plan's cases.
    pub case: usize,
    /// Index into the plan's backends.
    pub backend: usize,
    /// How.
    pub outcome: Outcome,
}

/// A human remark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// RFC 3339, UTC.
    pub created: String,
    /// As written.
    pub text: String,
}

impl Run {
    /// Every (case, backend) of the plan.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let backends = self.plan.backends.len();
        (0..self.plan.cases.len()).flat_map(move |case| (0..backends).map(move |backend| (case, backend)))
    }

    /// The check of one backend at one case.
    pub fn check(&self, case: usize, backend: usize) -> Option<&CheckReport> {
        self.checks.iter().find(|check| (check.case, check.backend) == (case, backend)).map(|check| &check.report)
    }

    /// The account of one backend at one case.
    pub fn account(&self, case: usize, backend: usize) -> Option<&AccountReport> {
        let found = self.accounts.iter().find(|account| (account.case, account.backend) == (case, backend));
        found.map(|account| &account.report)
    }

    /// The launches of one case, in order.
    pub fn launches_of(&self, case: usize) -> impl Iterator<Item = &Launch> {
        self.launches.iter().filter(move |launch| launch.case == case).map(|launch| &launch.launch)
    }

    /// How one backend fared at one case in the end.
    pub fn outcome(&self, case: usize, backend: usize) -> Outcome {
        self.outcome_in(case, backend, &self.launches_of(case).collect::<Vec<_>>())
    }

    /// The same, where the case's launches are at hand.
    pub(crate) fn outcome_in(&self, case: usize, backend: usize, launches: &[&Launch]) -> Outcome {
        if let Some(blame) = self.blames.iter().find(|blame| (blame.case, blame.backend) == (case, backend)) {
            return blame.outcome.clone();
        }
        match self.check(case, backend) {
            None => Outcome::Unsupported("not reached: the run was ended before it".to_owned()),
            Some(check) if !check.outcome.is_measured() => check.outcome.clone(),
            Some(_) => outcome_of_launches(backend, launches),
        }
    }
}

fn outcome_of_launches(backend: usize, launches: &[&Launch]) -> Outcome {
    let late = launches.iter().flat_map(|launch| &launch.late).find(|(who, _)| *who == backend);
    match late {
        Some((_, reason)) => Outcome::Rejected(format!("right in its check, wrong in a launch: {reason}")),
        None if launches.iter().any(|launch| launch.of(backend).is_some()) => Outcome::Measured,
        None => Outcome::Unsupported("not reached: the run was ended before it".to_owned()),
    }
}
