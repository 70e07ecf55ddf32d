//! One worker: a process, its pipes, and a deadline for every answer.
#![allow(unsafe_code)] // signals other than SIGKILL and the size of a page have no safe form in std

use std::collections::VecDeque;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use smbench_core::attribution::Page;
use smbench_core::frame;
use smbench_core::message::{Reply, Request};

use super::ARGUMENT;
use super::death::{Death, How};
use super::memory_file::SharedPage;

/// What a worker may take before it is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time for an answer.
    pub timeout: Duration,
    /// Memory.
    pub memory_bytes: u64,
}

/// Starts workers; knows the binary and when to stop.
#[derive(Clone, Debug)]
pub struct Workers {
    binary: PathBuf,
    limits: Limits,
    cancelled: Arc<AtomicBool>,
}

impl Workers {
    /// Workers that are killed beyond these limits, and once `cancelled` is set.
    pub fn new(limits: Limits, cancelled: Arc<AtomicBool>) -> Self {
        // By this path the running binary starts again even if it has been replaced on disk meanwhile.
        Self { binary: PathBuf::from("/proc/self/exe"), limits, cancelled }
    }

    /// What each may take.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Has Ctrl-C been pressed?
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Relaxed)
    }

    /// Starts one for contexts of so many threads. Call from a thread that outlives it: the kernel kills a worker
    /// with the thread that started it.
    pub fn start(&self, threads: u32) -> Result<Worker, Death> {
        Worker::start(self, threads).map_err(|error| Death {
            how: How::NotStarted(error.to_string()),
            attribution: Box::new(Page::default().read()),
            last_words: None,
        })
    }

    /// Asks the worker at `place`, which is started if there is none; one that dies leaves the place empty.
    pub fn ask(&self, place: &mut Option<Worker>, request: &Request) -> Result<Reply, Death> {
        let worker = match place {
            Some(running) => running,
            None => place.insert(self.start(1)?),
        };
        let asked = worker.ask(request);
        if asked.is_err() {
            *place = None;
        }
        asked
    }

    /// Starts one for contexts of so many threads, asks it one thing, and ends it.
    pub fn ask_once(&self, threads: u32, request: &Request) -> Result<Reply, Death> {
        self.start(threads)?.ask(request)
    }
}

/// What libraries read that take no thread count from `create`, or not only.
const THREAD_VARIABLES: [&str; 4] = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"];

/// How long idle threads spin, unless the user says: through the gaps between a sample's calls, but not into the next
/// backend's turn, which begins after a pause of 0.1 ms. Left alone, those of GCC's OpenMP spin for milliseconds: beside
/// oneDNN, 512³ took `pooled` 1.05 ms, in a process of its own too; with these 0.70, as without oneDNN. Nor does that
/// lose by it: its 256³ took 66 µs either way, and 114 if it slept at once (2 threads on 2 cores of Zen 5, 2026-11-25).
const SPIN_VARIABLES: [(&str, &str); 2] = [
    ("GOMP_SPINCOUNT", "4000"),        // turns of a loop of `pause`: 0.09 ms there
    ("OPENBLAS_THREAD_TIMEOUT", "17"), // 2^17 ticks of the time-stamp counter: 0.05 ms there
];

/// A running worker with its keeper (`harness/src/keeper.rs`); killed with all its children on drop.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    requests: ChildStdin,
    replies: Receiver<io::Result<Option<Reply>>>,
    errors: Arc<Mutex<Tail>>,
    page: SharedPage,
    /// 0 until it is known.
    process: u32,
    /// When its memory was looked at.
    looked: Instant,
    workers: Workers,
}

/// How often an answer is waited for, and the memory of a worker looked at. What it takes meanwhile, at some 10 GB/s, is left
/// to the machine.
const LOOK: Duration = Duration::from_millis(50);

impl Worker {
    fn start(workers: &Workers, threads: u32) -> io::Result<Self> {
        let page = SharedPage::new()?;
        let mut child = Command::new(&workers.binary)
            .arg(ARGUMENT)
            .arg(page.descriptor().to_string())
            .arg(std::process::id().to_string())
            .envs(THREAD_VARIABLES.map(|variable| (variable, threads.to_string())))
            .envs(SPIN_VARIABLES.into_iter().filter(|(variable, _)| env::var_os(variable).is_none()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0) // Ctrl-C in a terminal is for the host alone
            .spawn()?;
        let requests = child.stdin.take().expect("piped above");
        let mut output = child.stdout.take().expect("piped above");
        let error_output = child.stderr.take().expect("piped above");
        let (sender, replies) = mpsc::channel();
        thread::spawn(move || {
            while let Some(reply) = frame::read(&mut output).transpose() {
                if sender.send(reply.map(Some)).is_err() {
                    return;
                }
            }
            let _ = sender.send(Ok(None));
        });
        let errors = Arc::new(Mutex::new(Tail::default()));
        let tail = Arc::clone(&errors);
        thread::spawn(move || drain(error_output, &tail));
        Ok(Self {
            child,
            requests,
            replies,
            errors,
            page,
            process: 0,
            looked: Instant::now(),
            workers: workers.clone(),
        })
    }

    /// Its process id. What we started is its keeper, which tells in a moment; asked before a plugin is there, that might
    /// tell another.
    pub fn id(&mut self) -> u32 {
        while self.process == 0 && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_micros(200));
            self.process = self.page.page().process();
        }
        self.process
    }

    /// Asks one thing and waits for the answer, but not for ever.
    pub fn ask(&mut self, request: &Request) -> Result<Reply, Death> {
        let process = self.id();
        // A worker that is gone already is found by its silence.
        let _ = frame::write(&mut self.requests, request);
        let Limits { timeout, memory_bytes } = self.workers.limits;
        let deadline = Instant::now() + timeout;
        loop {
            if self.is_larger_than(process, memory_bytes) {
                return Err(self.killed(How::TooLarge(memory_bytes)));
            }
            match self.replies.recv_timeout(LOOK) {
                // It was a process that the worker has forked, and the worker lives.
                Ok(Ok(Some(_))) if self.page.page().forbidden().is_some() => {
                    return Err(self.killed(How::Rubbish("of a child".to_owned())));
                }
                Ok(Ok(Some(reply))) => return Ok(reply),
                Ok(Ok(None)) | Err(RecvTimeoutError::Disconnected) => return Err(self.died()),
                Ok(Err(error)) => return Err(self.killed(How::Rubbish(error.to_string()))),
                Err(RecvTimeoutError::Timeout) if self.workers.is_cancelled() => {
                    return Err(self.killed(How::Cancelled));
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() > deadline => {
                    return Err(self.killed(How::Silent(timeout)));
                }
                // A child that the plugin forked may hold the pipe open, if it has killed the keeper.
                Err(RecvTimeoutError::Timeout) => {
                    if let Ok(Some(status)) = self.child.try_wait() {
                        return Err(self.death(how(status)));
                    }
                }
            }
        }
    }

    /// Looks now and then.
    fn is_larger_than(&mut self, process: u32, bytes: u64) -> bool {
        if self.looked.elapsed() < LOOK {
            return false;
        }
        self.looked = Instant::now();
        memory_bytes(process).is_some_and(|taken| taken > bytes)
    }

    /// The reply pipe has ended: give the process a moment to tell how.
    fn died(&mut self) -> Death {
        let deadline = Instant::now() + Duration::from_secs(2);
        while Instant::now() < deadline {
            match self.child.try_wait() {
                Ok(Some(status)) => return self.death(how(status)),
                _ => thread::sleep(Duration::from_millis(2)),
            }
        }
        self.killed(How::Rubbish("it closed it".to_owned()))
    }

    fn killed(&mut self, how: How) -> Death {
        self.kill();
        self.death(how)
    }

    fn death(&mut self, how: How) -> Death {
        let last_words = self.errors.lock().ok().and_then(|tail| tail.last_line());
        Death { how, attribution: Box::new(self.page.page().read()), last_words }
    }

    /// With everybody whom a plugin has forked: that is the keeper's affair, unless it has been stopped or killed.
    fn kill(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(2);
        let (keeper, deadline) = (self.child.id() as i32, Instant::now() + PATIENCE);
        if matches!(self.child.try_wait(), Ok(None)) {
            // SAFETY: our own child, which has not been waited for.
            unsafe { libc::kill(keeper, libc::SIGTERM) };
        }
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_micros(200));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Memory of a process: what it has of it, or has been promised for writing, whichever is more.
fn memory_bytes(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    // In pages: size, resident, shared, text, nothing, data and stack.
    let pages: Vec<u64> = text.split_whitespace().map_while(|word| word.parse().ok()).collect();
    // SAFETY: asks only.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64;
    Some(pages.get(1)?.max(pages.get(5)?) * page)
}

fn how(status: ExitStatus) -> How {
    status.signal().map_or_else(|| How::Exit(status.code().unwrap_or(-1)), How::Signal)
}

/// The end of what a worker wrote; a plugin may print megabytes.
#[derive(Debug, Default)]
struct Tail(VecDeque<u8>);

impl Tail {
    const KEPT: usize = 4096;

    fn push(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
        let excess = self.0.len().saturating_sub(Self::KEPT);
        self.0.drain(..excess);
    }

    /// The last line with something in it, shortened, nothing in it that moves a cursor.
    fn last_line(&self) -> Option<String> {
        let bytes: Vec<u8> = self.0.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let line = text.lines().rev().find(|line| !line.trim().is_empty() && !is_backtrace_hint(line))?;
        Some(line.trim().chars().filter(|c| !c.is_control()).take(160).collect())
    }
}

fn is_backtrace_hint(line: &str) -> bool {
    line.starts_with("note: run with `RUST_BACKTRACE")
}

fn drain(mut output: impl Read, tail: &Mutex<Tail>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = output.read(&mut buffer) {
        if let Ok(mut tail) = tail.lock() {
            tail.push(&buffer[..count]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, want: Option<&str>) {
        let mut tail = Tail::default();
        tail.push(written.as_bytes());
        assert_eq!(tail.last_line().as_deref(), want);
    }

    #[test]
    fn this_process_has_memory() {
        let before = memory_bytes(std::process::id()).unwrap();
        let hog = vec![1_u8; 64 << 20];
        let after = memory_bytes(std::process::id()).unwrap();
        assert!(after >= before + (60 << 20) && hog[0] == 1, "{before} {after}");
        assert_eq!(memory_bytes(u32::MAX), None);
    }

    #[test]
    fn the_last_words_are_one_harmless_line() {
        check("", None);
        check("first\nlast\n\n", Some("last"));
        check("\x1b[31mred\x07\n", Some("[31mred"));
        check(&"x".repeat(100_000), Some(&"x".repeat(160)));
        check("thread panicked\nnote: run with `RUST_BACKTRACE=1`", Some("thread panicked"));
    }
}
