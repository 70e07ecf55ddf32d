//! Exit codes: several causes give one code, and each is named on standard error.

use std::process::ExitCode;

use smbench_core::backend::BackendSpec;
use smbench_core::outcome::Outcome;
use smbench_core::run::{Run, State};

use crate::own_case;

/// Why a command ends with another code than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A plugin crashed, hung, or would not load.
    PluginFailed,
    /// A kernel computed something wrong.
    WrongResult,
    /// Something is slower, and a gate forbids that.
    Regression,
    /// A goal is missed, and a gate forbids that.
    GoalMissed,
    /// Something could not be judged, and a gate forbids that.
    Undecided,
    /// Runs that a gate asks about cannot be judged.
    NotComparable,
    /// Nothing was selected.
    NothingSelected,
    /// Ctrl-C.
    Interrupted,
    /// Launches had to be given up, and no plugin is to blame.
    Incomplete,
}

impl Cause {
    /// Highest precedence first.
    const BY_PRECEDENCE: [Self; 9] = [
        Self::Interrupted,
        Self::Incomplete,
        Self::PluginFailed,
        Self::WrongResult,
        Self::NotComparable,
        Self::Regression,
        Self::GoalMissed,
        Self::Undecided,
        Self::NothingSelected,
    ];

    fn code(self) -> u8 {
        match self {
            Self::Incomplete => 1,
            Self::Regression | Self::GoalMissed => 3,
            Self::NothingSelected => 4,
            Self::WrongResult => 5,
            Self::PluginFailed => 6,
            Self::Undecided => 7,
            Self::NotComparable => 8,
            Self::Interrupted => 130,
        }
    }
}

/// How a command ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exit {
    causes: Vec<Cause>,
}

impl Exit {
    /// Nothing to complain about.
    pub const OK: Self = Self { causes: Vec::new() };

    /// For one cause.
    pub fn of(cause: Cause) -> Self {
        Self { causes: vec![cause] }
    }

    /// For some causes, or none.
    pub fn for_causes(causes: impl Iterator<Item = Cause>) -> Self {
        Self { causes: causes.collect() }
    }

    /// With another's causes.
    pub fn and(mut self, other: Self) -> Self {
        self.causes.extend(other.causes);
        self
    }

    /// How a run ended, or only its checks; `cancelled` by Ctrl-C.
    pub fn of_run(run: &Run, checks_only: bool, cancelled: bool) -> Self {
        let outcomes: Vec<Outcome> = match checks_only {
            true => run.checks.iter().map(|check| check.report.outcome.clone()).collect(),
            false => run.pairs().map(|(case, backend)| run.outcome(case, backend)).collect(),
        };
        let any = |is: fn(&Outcome) -> bool| outcomes.iter().any(is);
        let causes = [
            (cancelled, Cause::Interrupted),
            (run.state == State::Interrupted && !cancelled, Cause::Incomplete),
            (any(|outcome| matches!(outcome, Outcome::Failed(_))), Cause::PluginFailed),
            (any(|outcome| matches!(outcome, Outcome::Rejected(_))), Cause::WrongResult),
        ];
        Self::for_causes(causes.into_iter().filter(|(applies, _)| *applies).map(|(_, cause)| cause))
    }

    /// Names each cause on standard error, with a command that shows the first of it again.
    pub fn explain(&self, run: &Run) {
        if self.causes.contains(&Cause::Incomplete) {
            anstream::eprintln!("exit 1: launches were given up; go on with `smbench run --resume`");
        }
        for (cause, word) in [(Cause::PluginFailed, "failed"), (Cause::WrongResult, "rejected")] {
            if self.causes.contains(&cause) {
                let wrong = run.pairs().filter(|&(case, backend)| run.outcome(case, backend).word() == word);
                let wrong: Vec<(usize, usize)> = wrong.collect();
                anstream::eprintln!("exit {}: {} {word}", cause.code(), wrong.len());
                if let Some(&(case, backend)) = wrong.first() {
                    // What was right in its check takes launches to go wrong.
                    let right = run.check(case, backend).is_some_and(|check| check.outcome.is_measured());
                    let how = if right { " --quick" } else { " --verify-only" };
                    anstream::eprintln!("  again: {}", again(run, case, &[backend], how));
                }
            }
        }
    }

    /// The code of the cause that takes precedence.
    pub fn code(&self) -> u8 {
        let first = Cause::BY_PRECEDENCE.into_iter().find(|cause| self.causes.contains(cause));
        first.map_or(0, Cause::code)
    }
}

/// The command that shows one case with some backends again, the first of them the reference.
pub fn again(run: &Run, case: usize, backends: &[usize], how: &str) -> String {
    let case = &run.plan.cases[case];
    let specs: Vec<&BackendSpec> = backends.iter().map(|&backend| &run.plan.backends[backend].spec).collect();
    let threads = if case.threads == 1 { String::new() } else { format!(" --threads {}", case.threads) };
    let names: Vec<String> = specs.iter().map(ToString::to_string).collect();
    let options = specs.last().into_iter().flat_map(|spec| &spec.options);
    let options = options.map(|(key, value)| format!(" --backend-option {key}={value}"));
    let trust = specs.iter().filter(|spec| spec.trusted).map(|spec| format!(" --trust {}", spec.alias));
    let rest = format!("{threads} -b {}{}{how}", names.join(","), options.chain(trust).collect::<String>());
    match own_case::case(&case.id, case.threads) {
        Ok(_) => format!("smbench run --case {}{rest}", case.id),
        // Which builds revisions; its -b names crates, not what was built of them.
        Err(_) if run.command.starts_with("smbench ab") => {
            format!("{} -f '^{}$'{threads}{how}", run.command, case.id.replace('+', "[+]"))
        }
        // A case of somebody's own suite: only the command that was given knows where that is.
        Err(_) => format!("{} -f '^{}$'{rest}", run.command, case.id.replace('+', "[+]")),
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_causes_give_the_code_that_takes_precedence() {
        let exit = |causes: &[Cause]| Exit { causes: causes.to_vec() }.code();
        assert_eq!(exit(&[]), 0);
        assert_eq!(exit(&[Cause::WrongResult, Cause::PluginFailed]), 6);
        assert_eq!(exit(&[Cause::WrongResult]), 5);
        assert_eq!(exit(&[Cause::WrongResult, Cause::Interrupted]), 130);
        assert_eq!(exit(&[Cause::Regression, Cause::Undecided, Cause::NotComparable]), 8);
        assert_eq!(exit(&[Cause::Undecided, Cause::Regression]), 3);
        assert_eq!(exit(&[Cause::Undecided, Cause::GoalMissed]), 3);
        assert_eq!(exit(&[Cause::NothingSelected, Cause::Undecided]), 7);
        assert_eq!(exit(&[Cause::Incomplete, Cause::PluginFailed]), 1);
    }
}
