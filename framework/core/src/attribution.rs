//! The page that outlives a worker: who had the turn when it died.
//!
//! The host maps it too. A worker writes before each entry into a plugin, the host reads after a
//! death. Words are atomic because a dying process promises nothing else.

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use crate::schedule::Phase;

/// What a worker was doing; 0 is a fresh page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Doing {
    /// Nothing of a plugin's.
    Idle = 0,
    /// Loading a library, its constructors included.
    Load = 1,
    /// `create`, or binding to ops.
    Create = 2,
    /// Checking against the oracle.
    Check = 3,
    /// Warming up.
    WarmUp = 4,
    /// Choosing calls per sample.
    Calibrate = 5,
    /// Timed rounds.
    Rounds = 6,
    /// Counting allocations.
    Account = 7,
    /// `destroy`.
    Destroy = 8,
}

impl From<Phase> for Doing {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::WarmUp => Self::WarmUp,
            Phase::Calibrate => Self::Calibrate,
            Phase::Rounds => Self::Rounds,
        }
    }
}

impl Doing {
    const ALL: [Self; 9] = [
        Self::Idle,
        Self::Load,
        Self::Create,
        Self::Check,
        Self::WarmUp,
        Self::Calibrate,
        Self::Rounds,
        Self::Account,
        Self::Destroy,
    ];

    /// In a sentence: "signal 11 while …".
    pub fn words(self) -> &'static str {
        match self {
            Self::Idle => "outside the plugin",
            Self::Load => "loading it",
            Self::Create => "creating its context",
            Self::Check => "checking it",
            Self::WarmUp => "warming it up",
            Self::Calibrate => "calibrating it",
            Self::Rounds => "timing it",
            Self::Account => "counting its allocations",
            Self::Destroy => "destroying its context",
        }
    }
}

/// The page itself: plain words in shared memory, zero at first.
#[repr(C)]
#[derive(Debug, Default)]
pub struct Page {
    doing: AtomicU32,
    backend: AtomicU32,
    round: AtomicU32,
    /// 1 when a guard page was hit.
    guard: AtomicU32,
    /// 1 when the stack came to its end.
    overflow: AtomicU32,
    /// Bytes from the operand's end (or before its start, negative) to the address touched.
    distance: AtomicU64,
    /// The worker's number.
    process: AtomicU32,
    operand: Text<2>,
    subject: Text<6>,
    /// The system call for which the kernel stopped it; empty if it did not.
    forbidden: Text<4>,
}

/// A short text in shared memory, cut to fit its words.
#[repr(transparent)]
#[derive(Debug)]
pub struct Text<const WORDS: usize>([AtomicU64; WORDS]);

impl<const WORDS: usize> Default for Text<WORDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const WORDS: usize> Text<WORDS> {
    /// No text.
    pub const fn new() -> Self {
        Self([const { AtomicU64::new(0) }; WORDS])
    }

    /// Writes it. Allocates nothing.
    pub fn set(&self, text: &str) {
        let bytes = text.as_bytes();
        for (index, word) in self.0.iter().enumerate() {
            let mut eight = [0; 8];
            let rest = bytes.get(index * 8..).unwrap_or(&[]);
            eight.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            word.store(u64::from_le_bytes(eight), Relaxed);
        }
    }

    /// Copies it. Safe in a signal handler.
    pub fn copy_from(&self, other: &Self) {
        self.0.iter().zip(&other.0).for_each(|(to, from)| to.store(from.load(Relaxed), Relaxed));
    }

    /// Reads it, without anything that moves a cursor: a plugin may have written over it.
    pub fn get(&self) -> String {
        let bytes: Vec<u8> = self.0.iter().flat_map(|word| word.load(Relaxed).to_le_bytes()).collect();
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).chars().filter(|c| !c.is_control()).collect()
    }
}

/// What a page said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// What was being done.
    pub doing: Doing,
    /// With which backend of the run; meaningless when idle.
    pub backend: usize,
    /// In which round.
    pub round: u32,
    /// At what: `matmul 127x65x33`; empty if not said.
    pub subject: String,
    /// Guard page hit, if one was.
    pub guard: Option<GuardHit>,
    /// Did the stack come to its end?
    pub overflow: bool,
    /// System call that it may not make, if it tried one.
    pub forbidden: Option<String>,
}

/// A touch outside an operand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardHit {
    /// Name of the operand.
    pub operand: String,
    /// Bytes past its end; negative: before its start.
    pub distance: i64,
}

impl Page {
    /// Says what is about to be done, and with whom.
    pub fn enter(&self, doing: Doing, backend: usize, round: u32) {
        self.backend.store(backend as u32, Relaxed);
        self.round.store(round, Relaxed);
        self.doing.store(doing as u32, Relaxed);
    }

    /// Says that the plugin was left.
    pub fn leave(&self) {
        self.doing.store(Doing::Idle as u32, Relaxed);
    }

    /// Says which process the worker is.
    pub fn set_process(&self, process: u32) {
        self.process.store(process, Relaxed);
    }

    /// Which process the worker is; 0 until it is there.
    pub fn process(&self) -> u32 {
        self.process.load(Relaxed)
    }

    /// Says at what.
    pub fn about(&self, subject: &str) {
        self.subject.set(subject);
    }

    /// Says that an operand's guard page was hit. Safe in a signal handler.
    pub fn hit(&self, operand: &Text<2>, distance: i64) {
        self.operand.copy_from(operand);
        self.distance.store(distance as u64, Relaxed);
        self.guard.store(1, Relaxed);
    }

    /// Says that the stack came to its end. Safe in a signal handler.
    pub fn overflow(&self) {
        self.overflow.store(1, Relaxed);
    }

    /// Says that a forbidden system call was tried. Safe in a signal handler.
    pub fn forbid(&self, call: &str) {
        self.forbidden.set(call);
    }

    /// The system call that was tried and is forbidden, if one was: by the worker, or by a process that it has forked.
    pub fn forbidden(&self) -> Option<String> {
        Some(self.forbidden.get()).filter(|call| !call.is_empty())
    }

    /// What the page says now.
    pub fn read(&self) -> Attribution {
        let doing = self.doing.load(Relaxed) as usize;
        let hit = || GuardHit { operand: self.operand.get(), distance: self.distance.load(Relaxed) as i64 };
        Attribution {
            doing: Doing::ALL.get(doing).copied().unwrap_or(Doing::Idle),
            backend: self.backend.load(Relaxed) as usize,
            round: self.round.load(Relaxed),
            subject: self.subject.get(),
            guard: (self.guard.load(Relaxed) == 1).then(hit),
            overflow: self.overflow.load(Relaxed) == 1,
            forbidden: self.forbidden(),
        }
    }
}

impl fmt::Display for GuardHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operand, distance } = self;
        match distance {
            0.. => write!(f, "touched memory {distance} bytes past the end of `{operand}`"),
            _ => write!(f, "touched memory {} bytes before the start of `{operand}`", -distance),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_who_and_what() {
        let page = Page::default();
        assert_eq!(page.read().doing, Doing::Idle);
        page.enter(Doing::Rounds, 2, 17);
        page.about("matmul 127x65x33");
        let operand = Text::new();
        operand.set("c");
        page.hit(&operand, -4);
        assert!(!page.read().overflow);
        page.overflow();
        let read = page.read();
        assert!(read.overflow);
        assert_eq!((read.doing, read.backend, read.round), (Doing::Rounds, 2, 17));
        assert_eq!(read.guard.unwrap().to_string(), "touched memory 4 bytes before the start of `c`");
        assert_eq!((read.subject.as_str(), read.forbidden), ("matmul 127x65x33", None));
        page.forbid("process_vm_readv");
        assert_eq!(page.read().forbidden.as_deref(), Some("process_vm_readv"));
        page.leave();
        assert_eq!(page.read().doing, Doing::Idle);
    }

    #[test]
    fn every_state_reads_back() {
        for doing in Doing::ALL {
            let page = Page::default();
            page.enter(doing, 0, 0);
            assert_eq!(page.read().doing, doing);
        }
    }
}
