//! What a plugin can change under everybody's feet: compared after it was loaded and after its turns.

use std::ffi::{CStr, OsString};
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs, mem, ptr, thread};

/// State of the process that no plugin has business changing.
#[derive(Debug, PartialEq, Eq)]
struct State {
    signal_handlers: Vec<usize>,
    signal_mask: Vec<u64>,
    limits: Vec<(u64, u64)>,
    cores: Vec<u64>,
    folder: Option<PathBuf>,
    file_mask: libc::mode_t,
    locale: String,
    environment: Vec<(OsString, OsString)>,
}

/// Last known state, and whose threads there are.
#[derive(Debug)]
pub struct Watch {
    state: State,
    /// Threads of plugins, each with the number of its backend.
    threads: Vec<(libc::pid_t, usize)>,
}

/// What is new since the last look.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What the process has once for all who share it, in words; in their way until the process ends.
    pub common: Vec<String>,
    /// Started threads?
    pub threads: bool,
}

/// All there are; of these, two are the C library's own and tell nothing.
const SIGNALS: std::ops::RangeInclusive<i32> = 1..=64;

/// All that `getrlimit` knows.
const LIMITS: std::ops::Range<Resource> = 0..16;

/// glibc's own type for the first argument of `getrlimit`.
type Resource = libc::__rlimit_resource_t;

impl Watch {
    /// The state now, before any plugin.
    pub fn begin() -> Self {
        Self { state: State::look(), threads: threads().into_iter().map(|thread| (thread, NOBODY)).collect() }
    }

    /// What has changed since the last look; the doing of this backend.
    pub fn changes(&mut self, backend: usize) -> Changes {
        let now = State::look();
        let before = mem::replace(&mut self.state, now);
        let known = self.threads.len();
        let new = threads().into_iter().filter(|thread| self.threads.iter().all(|(known, _)| known != thread));
        let new: Vec<_> = new.map(|thread| (thread, backend)).collect();
        self.threads.extend(new);
        Changes { common: self.state.changes(&before), threads: self.threads.len() > known }
    }

    /// Backends that have a thread which does not come to rest, though nobody calls them: it takes a core from the others.
    pub fn restless(&self) -> Vec<usize> {
        let mut awake: Vec<&(libc::pid_t, usize)> =
            self.threads.iter().filter(|(_, backend)| *backend != NOBODY).collect();
        if !awake.is_empty() {
            thread::sleep(REST);
        }
        for _ in 0..LOOKS {
            if awake.is_empty() {
                break;
            }
            let before: Vec<u64> = awake.iter().map(|(thread, _)| cpu_ns(*thread)).collect();
            thread::sleep(LOOK);
            let ran = awake.iter().zip(before).map(|((thread, _), before)| cpu_ns(*thread).saturating_sub(before));
            let busy: Vec<bool> = ran.map(|ns| ns > LOOK.as_nanos() as u64 / 4).collect();
            let mut busy = busy.into_iter();
            awake.retain(|_| busy.next() == Some(true));
        }
        let mut backends: Vec<usize> = awake.into_iter().map(|(_, backend)| *backend).collect();
        backends.dedup();
        backends
    }
}

/// Owner of the threads that were there before any plugin.
const NOBODY: usize = usize::MAX;

/// Threads of a pool may spin for a moment after its last call. Those that still run in each of some looks do not stop; beside
/// other processes they get a part of a core only.
const REST: Duration = Duration::from_millis(2);
const LOOKS: usize = 3;
const LOOK: Duration = Duration::from_millis(2);

impl Changes {
    /// As flags of whose turn it was. In its `first` turn a plugin may start threads: many pools are made when they are
    /// first needed.
    pub fn flags(self, first: bool) -> Vec<String> {
        let threads = (self.threads && !first).then(|| "started threads in the middle of a launch".to_owned());
        self.common.into_iter().chain(threads).collect()
    }
}

impl State {
    fn look() -> Self {
        Self {
            signal_handlers: SIGNALS.map(signal_handler).collect(),
            signal_mask: signal_mask(),
            limits: LIMITS.map(limit_of).collect(),
            cores: cores(),
            folder: env::current_dir().ok(),
            file_mask: file_mask(),
            locale: locale(),
            environment: env::vars_os().collect(),
        }
    }

    /// What differs, in words.
    fn changes(&self, before: &Self) -> Vec<String> {
        let differs = [
            (self.signal_handlers != before.signal_handlers, "changed a signal handler"),
            (self.signal_mask != before.signal_mask, "blocked a signal"),
            (self.limits != before.limits, "changed a resource limit"),
            (self.cores != before.cores, "changed the cores that its caller may use"),
            (self.folder != before.folder, "changed the working directory"),
            (self.file_mask != before.file_mask, "changed the mask of new files' modes"),
            (self.locale != before.locale, "changed the locale"),
            (self.environment != before.environment, "changed the environment"),
        ];
        differs.into_iter().filter(|(differs, _)| *differs).map(|(_, words)| words.to_owned()).collect()
    }
}

fn signal_handler(signal: i32) -> usize {
    // SAFETY: asks only; zero is a valid sigaction.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        libc::sigaction(signal, ptr::null(), &mut action);
        action.sa_sigaction
    }
}

fn signal_mask() -> Vec<u64> {
    // SAFETY: asks only; a set is plain words.
    let mask: [u64; size_of::<libc::sigset_t>() / 8] = unsafe {
        let mut mask = mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), &mut mask);
        mem::transmute(mask)
    };
    mask.to_vec()
}

fn limit_of(resource: Resource) -> (u64, u64) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: asks only, into a local.
    unsafe { libc::getrlimit(resource, &mut limit) };
    (limit.rlim_cur, limit.rlim_max)
}

fn cores() -> Vec<u64> {
    // SAFETY: asks only; a set is plain words.
    let set: [u64; size_of::<libc::cpu_set_t>() / 8] = unsafe {
        let mut set = mem::zeroed();
        libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set);
        mem::transmute(set)
    };
    set.to_vec()
}

/// It can be asked for only by setting it.
fn file_mask() -> libc::mode_t {
    // SAFETY: no memory is involved; what was there is put back.
    unsafe {
        let mask = libc::umask(0o077);
        libc::umask(mask);
        mask
    }
}

fn locale() -> String {
    // SAFETY: asking does not change it; the text is the C library's and copied at once.
    unsafe {
        let text = libc::setlocale(libc::LC_ALL, ptr::null());
        if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

/// The threads of this process.
fn threads() -> Vec<libc::pid_t> {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks.filter_map(|task| task.file_name().to_str()?.parse().ok()).collect()
}

/// What a thread has used of the cores; 0 once it is gone. By its clock: what `/proc` says may be a tick old, which is longer
/// than a look.
fn cpu_ns(thread: libc::pid_t) -> u64 {
    // As `pthread_getcpuclockid` makes it; that wants a handle that nobody has of another's thread.
    let clock = (!thread << 3) | 6;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to a local.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use std::hint::spin_loop;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    use super::*;

    /// Other tests may have threads in this process, too.
    #[test]
    fn whoever_does_not_come_to_rest_is_found() {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let mut watch = Watch::begin();
            let spinner = scope.spawn(|| {
                while !over.load(Relaxed) {
                    spin_loop();
                }
            });
            assert!(watch.changes(7).threads);
            assert!(watch.restless().contains(&7));
            over.store(true, Relaxed);
            spinner.join().unwrap();
            assert!(!watch.restless().contains(&7));
        });
    }
}
