//! How a worker ended, and what that makes of the backend that had the turn.

use std::time::Duration;

use smbench_core::attribution::{Attribution, Doing};
use smbench_core::confinement::FORBIDDEN_CALL;
use smbench_core::frame::NO_PIPE;
use smbench_core::message::Stage;
use smbench_core::outcome::Outcome;
use smbench_core::units::Bytes;

/// The end of a worker that had not been asked to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// How it ended.
    pub how: How,
    /// What its page said.
    pub attribution: Box<Attribution>,
    /// The last line it wrote to standard error.
    pub last_words: Option<String>,
}

/// How a worker ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// Killed by this signal.
    Signal(i32),
    /// Left with this status.
    Exit(i32),
    /// Said nothing for so long, and was killed.
    Silent(Duration),
    /// Took more memory than so many bytes, and was killed.
    TooLarge(u64),
    /// Wrote what is no frame.
    Rubbish(String),
    /// Could not be started.
    NotStarted(String),
    /// Ctrl-C.
    Cancelled,
}

impl Death {
    /// Whose turn it was, if it was a backend's.
    pub fn suspect(&self) -> Option<usize> {
        (self.attribution.doing != Doing::Idle).then_some(self.attribution.backend)
    }

    /// How far that one had come.
    pub fn stage(&self) -> Stage {
        match self.attribution.doing {
            Doing::Load | Doing::Create => Stage::Start,
            _ => Stage::Calls,
        }
    }

    /// How it ends the row of the backend that had the turn.
    pub fn outcome(&self) -> Outcome {
        if let Some(hit) = &self.attribution.guard {
            return Outcome::Rejected(format!("{hit}{}", self.subject()));
        }
        let words = match &self.how {
            _ if self.attribution.forbidden.is_some() => String::new(),
            How::Signal(_) | How::Exit(_) => self.last_words.iter().map(|line| format!("; it wrote: {line}")).collect(),
            _ => String::new(),
        };
        // A broken pipe shows when the worker wants to answer, long after.
        let when = match (&self.how, self.attribution.doing) {
            (How::Exit(NO_PIPE) | How::Rubbish(_), Doing::Idle) if self.attribution.forbidden.is_none() => {
                String::new()
            }
            (_, doing) => format!(" while {}{}", doing.words(), self.subject()),
        };
        Outcome::Failed(format!("{}{when}{words}", self.how_in_words()))
    }

    fn subject(&self) -> String {
        match self.attribution.subject.as_str() {
            subject if !subject.is_empty() && self.attribution.doing == Doing::Check => format!(" (at {subject})"),
            _ => String::new(),
        }
    }

    fn how_in_words(&self) -> String {
        if let Some(call) = &self.attribution.forbidden {
            return format!("{FORBIDDEN_CALL} {call}");
        }
        match &self.how {
            How::Signal(libc::SIGSYS) => format!("{FORBIDDEN_CALL} (it blocked the signal that would have named it)"),
            How::Signal(signal) => {
                let overflow = if self.attribution.overflow { "stack overflow, " } else { "" };
                format!("{overflow}signal {signal}{}", signal_name(*signal))
            }
            How::Exit(NO_PIPE) if self.attribution.doing == Doing::Idle => {
                "closed the worker's pipe to the host".to_owned()
            }
            How::Exit(status) => format!("left with status {status}"),
            How::Silent(time) => format!("said nothing for {} s and was killed", time.as_secs()),
            How::TooLarge(limit) => format!("reached the memory limit of {}", Bytes(*limit as f64)),
            How::Rubbish(what) => format!("wrote into the worker's pipe to the host ({what})"),
            How::NotStarted(why) => format!("no worker could be started: {why}"),
            How::Cancelled => "ended by Ctrl-C".to_owned(),
        }
    }
}

fn signal_name(signal: i32) -> String {
    const NAMES: [(i32, &str); 14] = [
        (libc::SIGABRT, "SIGABRT"),
        (libc::SIGALRM, "SIGALRM"),
        (libc::SIGBUS, "SIGBUS"),
        (libc::SIGFPE, "SIGFPE"),
        (libc::SIGHUP, "SIGHUP"),
        (libc::SIGILL, "SIGILL"),
        (libc::SIGKILL, "SIGKILL"),
        (libc::SIGPIPE, "SIGPIPE"),
        (libc::SIGSEGV, "SIGSEGV"),
        (libc::SIGSYS, "SIGSYS"),
        (libc::SIGTERM, "SIGTERM"),
        (libc::SIGTRAP, "SIGTRAP"),
        (libc::SIGXCPU, "SIGXCPU"),
        (libc::SIGXFSZ, "SIGXFSZ"),
    ];
    let known = NAMES.iter().find(|(number, _)| *number == signal);
    known.map_or_else(String::new, |(_, name)| format!(" ({name})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use smbench_core::attribution::GuardHit;

    fn death(how: How, doing: Doing, guard: Option<GuardHit>, last_words: Option<&str>) -> Death {
        let subject = "matmul 127x65x33".to_owned();
        let (overflow, forbidden) = (false, None);
        let attribution = Box::new(Attribution { doing, backend: 1, round: 3, subject, guard, overflow, forbidden });
        Death { how, attribution, last_words: last_words.map(str::to_owned) }
    }

    #[track_caller]
    fn check(death: &Death, want: &str) {
        assert_eq!(death.outcome().to_string(), want);
    }

    #[test]
    fn a_death_is_told_in_one_line() {
        let segfault = death(How::Signal(11), Doing::Rounds, None, Some("oh no"));
        check(&segfault, "failed: signal 11 (SIGSEGV) while timing it; it wrote: oh no");
        assert_eq!(segfault.suspect(), Some(1));
        let mut endless = death(How::Signal(11), Doing::Create, None, None);
        endless.attribution.overflow = true;
        check(&endless, "failed: stack overflow, signal 11 (SIGSEGV) while creating its context");
        let left = death(How::Exit(0), Doing::Load, None, None);
        check(&left, "failed: left with status 0 while loading it");
        check(&death(How::Exit(NO_PIPE), Doing::Idle, None, None), "failed: closed the worker's pipe to the host");
        let hung = death(How::Silent(Duration::from_secs(60)), Doing::Check, None, None);
        check(&hung, "failed: said nothing for 60 s and was killed while checking it (at matmul 127x65x33)");
        let hog = death(How::TooLarge(4 << 30), Doing::Rounds, None, Some("oh no"));
        check(&hog, "failed: reached the memory limit of 4.00 GiB while timing it");
        let mut caller = death(How::Exit(159), Doing::Load, None, Some("oh no"));
        caller.attribution.forbidden = Some("socket".to_owned());
        check(&caller, "failed: forbidden system call socket while loading it");
        let blocked = death(How::Signal(libc::SIGSYS), Doing::Load, None, None);
        check(
            &blocked,
            "failed: forbidden system call (it blocked the signal that would have named it) while loading it",
        );
        let hit = GuardHit { operand: "c".to_owned(), distance: 0 };
        let outside = death(How::Signal(11), Doing::Check, Some(hit), None);
        check(&outside, "rejected: touched memory 0 bytes past the end of `c` (at matmul 127x65x33)");
        assert_eq!(death(How::Signal(9), Doing::Idle, None, None).suspect(), None);
    }
}
