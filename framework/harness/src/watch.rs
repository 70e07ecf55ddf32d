//! What a plugin can change under everybody's feet: compared after its turns, flagged on whoever had the turn.

use std::env;
use std::ffi::CStr;
use std::fs;
use std::path::PathBuf;

/// State of the process that no plugin has business changing.
#[derive(Debug, PartialEq, Eq)]
pub struct Watch {
    signal_handlers: Vec<usize>,
    threads: usize,
    limits: Vec<(u64, u64)>,
    folder: Option<PathBuf>,
    locale: String,
}

/// Signals whose handlers are compared: the ones that end or stop a process, and the timers.
const SIGNALS: [i32; 12] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGILL,
    libc::SIGABRT,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGSEGV,
    libc::SIGPIPE,
    libc::SIGALRM,
    libc::SIGTERM,
    libc::SIGCHLD,
];

impl Watch {
    /// The state now.
    pub fn look() -> Self {
        Self {
            signal_handlers: SIGNALS.map(signal_handler).to_vec(),
            threads: fs::read_dir("/proc/self/task").map_or(0, Iterator::count),
            limits: [libc::RLIMIT_NOFILE, libc::RLIMIT_STACK, libc::RLIMIT_AS, libc::RLIMIT_CPU].map(limit_of).to_vec(),
            folder: env::current_dir().ok(),
            locale: locale(),
        }
    }

    /// What has changed since, in words, one flag each; `self` becomes the new state. In its `first` turn a
    /// plugin may start threads: many pools are made when they are first needed.
    pub fn changes(&mut self, first: bool) -> Vec<String> {
        let now = Self::look();
        let mut flags = Vec::new();
        let mut flag = |changed: bool, words: &str| {
            if changed {
                flags.push(words.to_owned());
            }
        };
        flag(now.signal_handlers != self.signal_handlers, "changed a signal handler");
        flag(now.threads > self.threads && !first, "started threads in the middle of a launch");
        flag(now.limits != self.limits, "changed a resource limit");
        flag(now.folder != self.folder, "changed the working directory");
        flag(now.locale != self.locale, "changed the locale");
        *self = now;
        flags
    }
}

fn signal_handler(signal: i32) -> usize {
    // SAFETY: asks only; zero is a valid sigaction.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut action);
        action.sa_sigaction
    }
}

/// glibc's own type for the first argument of `getrlimit`.
type Resource = libc::__rlimit_resource_t;

fn limit_of(resource: Resource) -> (u64, u64) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: asks only, into a local.
    unsafe { libc::getrlimit(resource, &mut limit) };
    (limit.rlim_cur, limit.rlim_max)
}

fn locale() -> String {
    // SAFETY: asking does not change it; the text is the C library's and copied at once.
    unsafe {
        let text = libc::setlocale(libc::LC_ALL, std::ptr::null());
        if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}
