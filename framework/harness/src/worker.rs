//! The worker's main loop: a request in, a reply out, until the pipe ends.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use smbench_core::attribution::{Doing, Page};
use smbench_core::backend::PluginInfo;
use smbench_core::case::Case;
use smbench_core::confinement::Protection;
use smbench_core::frame;
use smbench_core::message::{CheckReport, PluginRef, Reply, Request, Stage};
use smbench_core::outcome::Outcome;
use smbench_ops::Regime;

use crate::account::{AllocationCounter, account};
use crate::answers::answer;
use crate::arena::arena;
use crate::call::call_cost;
use crate::check::{Passed, check};
use crate::confine::{confine, keep_only};
use crate::counters::Tallies;
use crate::dump::dump;
use crate::instance::{CallError, Instance};
use crate::launch::{Joined, load, shared};
use crate::probe::probe;
use crate::seat::Seat;
use crate::workload::Workload;
use crate::{environment, guard, keeper, page, peak};

/// What the binary that owns the process provides.
#[derive(Clone, Copy)]
pub struct Host {
    /// Builds a case's workload again.
    pub workload: fn(&Case) -> Result<Box<dyn Workload>, String>,
    /// Counts allocations, where that can be done.
    pub allocations: Option<AllocationCounter>,
}

/// Why a request cannot be met, and whose fault it is.
#[derive(Clone, Debug)]
pub struct Refusal {
    backend: Option<usize>,
    stage: Stage,
    outcome: Outcome,
}

impl Refusal {
    /// A backend's, whose calls do not go well.
    pub fn of(backend: usize, outcome: Outcome) -> Self {
        Self { backend: Some(backend), stage: Stage::Calls, outcome }
    }

    /// A backend's, which cannot be made ready.
    pub fn at_start(backend: usize, outcome: Outcome) -> Self {
        Self { stage: Stage::Start, ..Self::of(backend, outcome) }
    }

    /// A backend's, which did this to all in the process.
    pub fn among(backend: usize, change: String) -> Self {
        Self { stage: Stage::Among, ..Self::of(backend, Outcome::Failed(change)) }
    }

    /// Not any backend's.
    pub fn ours(error: impl ToString) -> Self {
        Self { backend: None, stage: Stage::Calls, outcome: Outcome::Failed(error.to_string()) }
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let Refusal { backend, stage, outcome } = refusal;
        Self::Refused { backend, stage, outcome }
    }
}

/// Serves requests from standard input until it ends, then ends the process without exit handlers.
///
/// `page` is the descriptor of the attribution page, `parent` the process that must not die first. To be called while there is
/// one thread only.
pub fn serve(host: Host, page: Option<RawFd>, parent: Option<u32>) -> ! {
    let code = match Worker::new(host, page, parent).map(Worker::run) {
        Ok(Ok(())) => 0,
        Ok(Err(_)) => frame::NO_PIPE,
        Err(error) => {
            eprintln!("smbench worker: {error}");
            1
        }
    };
    // SAFETY: ends the process. Exit handlers would run the plugins' code once more.
    unsafe { libc::_exit(code) }
}

struct Worker {
    host: Host,
    page: &'static Page,
    requests: File,
    replies: File,
    loaded: Option<(PluginRef, Instance)>,
    passed: (Option<PathBuf>, Passed),
    joined: Option<Joined>,
    /// From the first request that loads a plugin.
    protection: Option<Protection>,
    /// Opened before the plugin is loaded: it may not open any, and threads that it starts are counted with ours.
    tallies: Option<Tallies>,
    /// Opened before the plugin is loaded, which may write no file.
    file: Option<File>,
}

impl Worker {
    fn new(host: Host, page: Option<RawFd>, parent: Option<u32>) -> io::Result<Self> {
        let page = page::map(page)?;
        keeper::stand_between(parent, page)?;
        guard::install_witness(page);
        let (requests, replies) = private_pipes()?;
        Ok(Self {
            host,
            page,
            requests,
            replies,
            loaded: None,
            passed: Default::default(),
            joined: None,
            protection: None,
            tallies: None,
            file: None,
        })
    }

    fn run(mut self) -> io::Result<()> {
        while let Some(request) = frame::read::<Request>(&mut self.requests)? {
            let reply = self.answer(&request).unwrap_or_else(Reply::from);
            self.page.leave();
            frame::write(&mut self.replies, &reply)?;
        }
        Ok(())
    }

    fn answer(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let page = self.page;
        match request {
            Request::Probe(plugin) => {
                self.confine(request)?;
                let info = probe(page, plugin)?;
                Ok(Reply::Probed(PluginInfo { protection: self.protection, ..info }))
            }
            Request::Check { plugin, case, seed } => self.check(request, plugin, case, *seed),
            Request::Answer { plugin, case, seed, variants, .. } => {
                let (workload, file) = (self.workload(request, case)?, self.file()?);
                let instance = self.instance(plugin)?;
                answer(page, plugin, instance, workload.as_ref(), *variants, *seed, file).map(|()| Reply::Answered)
            }
            Request::Launch(task) => {
                let workload = self.workload(request, &task.case)?;
                shared(page, task, workload.as_ref())
            }
            Request::Join { plugin, case, seed, arena_fd, fill } => {
                let workload = self.workload(request, case)?;
                let joined = Joined::join(page, plugin, workload, *seed, (*arena_fd, *fill))?;
                Ok(self.joined.insert(joined).reply())
            }
            Request::Sample { calls, verify, phase, round } => {
                self.joined()?.sample(*calls, *verify, (*phase).into(), *round)
            }
            Request::Leave => Ok(self.joined()?.leave()),
            Request::Account { plugin, case, seed } => {
                let (host, workload) = (self.host, self.workload(request, case)?);
                let tallies = self.tallies.take();
                let tallies = tallies.ok_or_else(|| Refusal::ours("a worker counts at one case, before all else"))?;
                let instance = self.instance(plugin)?;
                account(&host, page, plugin, (instance, workload.as_ref()), *seed, tallies).map(Reply::Accounted)
            }
            Request::Call { plugin, case, seed } => {
                let workload = self.workload(request, case)?;
                let instance = self.instance(plugin)?;
                call_cost(page, plugin, instance, workload.as_ref(), *seed).map(Reply::Called)
            }
            Request::Dump { plugin, case, seed, .. } => {
                let (workload, file) = (self.workload(request, case)?, self.file()?);
                let instance = self.instance(plugin)?;
                dump(page, plugin, instance, workload.as_ref(), case, *seed, file).map(|wrong| Reply::Dumped { wrong })
            }
            Request::Loop { plugin, case, seed, seconds } => self.call_for(request, plugin, case, *seed, *seconds),
            Request::Peak => {
                let peak =
                    peak::measure().ok_or_else(|| Refusal::ours("no memory to measure the read bandwidth with"))?;
                Ok(Reply::Peaked(peak))
            }
        }
    }

    /// Before the first plugin is loaded: opens what only we may open, and gives up all that plugins may not do.
    fn confine(&mut self, request: &Request) -> Result<(), Refusal> {
        if self.protection.is_some() || request.plugins().is_empty() {
            return Ok(());
        }
        let mut kept = vec![self.requests.as_raw_fd(), self.replies.as_raw_fd()];
        if let Request::Join { arena_fd, .. } = request {
            kept.push(*arena_fd);
        }
        keep_only(kept);
        match request {
            Request::Account { .. } => self.tallies = Some(Tallies::open()),
            Request::Dump { path, .. } | Request::Answer { path, .. } => {
                self.file = Some(File::create(path).map_err(Refusal::ours)?);
            }
            _ => {}
        }
        environment::open_peak_rss();
        self.protection = Some(confine(self.page, request.plugins()).map_err(Refusal::ours)?);
        Ok(())
    }

    fn check(&mut self, request: &Request, plugin: &PluginRef, case: &Case, seed: u64) -> Result<Reply, Refusal> {
        let (page, workload) = (self.page, self.workload(request, case)?);
        if case.oracle.as_ref().is_some_and(|oracle| oracle.answers.is_none()) {
            let reason = "an op of a vendor's own: it is checked in a run, beside its oracle";
            return Ok(Reply::Checked(CheckReport::ended(Outcome::Unsupported(reason.to_owned()))));
        }
        if let Some(reason) = workload.layout().too_large() {
            return Ok(Reply::Checked(CheckReport::ended(Outcome::Unsupported(reason))));
        }
        if self.passed.0.as_ref() != Some(&plugin.path) {
            self.passed = (Some(plugin.path.clone()), Passed::default());
        }
        let mut passed = std::mem::take(&mut self.passed.1);
        let instance = self.instance(plugin)?;
        let report = check(page, plugin, instance, workload.as_ref(), &mut passed, seed);
        self.passed.1 = passed;
        report.map(Reply::Checked)
    }

    /// One process, no clock in the loop, for perf and gdb.
    fn call_for(
        &mut self,
        request: &Request,
        plugin: &PluginRef,
        case: &Case,
        seed: u64,
        seconds: f64,
    ) -> Result<Reply, Refusal> {
        let (page, workload) = (self.page, self.workload(request, case)?);
        let instance = self.instance(plugin)?;
        let arena = arena(&workload.layout(), seed, None).map_err(Refusal::ours)?;
        let buffers = arena.buffers();
        workload.fill(buffers, Regime::Usual, seed);
        page.enter(Doing::Rounds, plugin.index, 0);
        let failed = |error: CallError| Refusal::of(plugin.index, error.outcome());
        let mut seat = Seat::take(instance, workload.as_ref(), buffers, seed).map_err(failed)?;
        let (rule, until) = (seat.calls(), Instant::now() + Duration::from_secs_f64(seconds));
        let mut calls = 0;
        let mut batch = rule.multiple;
        while Instant::now() < until {
            let start = Instant::now();
            seat.run(batch).map_err(failed)?;
            calls += batch;
            let room = rule.most.is_none_or(|most| batch * 2 <= most);
            batch *= if start.elapsed() < Duration::from_millis(20) && room { 2 } else { 1 };
        }
        page.leave();
        Ok(Reply::Looped { calls })
    }

    /// The workload, which may read files that plugins may not; from then on this process is confined.
    fn workload(&mut self, request: &Request, case: &Case) -> Result<Box<dyn Workload>, Refusal> {
        let workload = (self.host.workload)(case).map_err(Refusal::ours)?;
        self.confine(request)?;
        Ok(workload)
    }

    fn file(&mut self) -> Result<File, Refusal> {
        self.file.take().ok_or_else(|| Refusal::ours("a worker writes one file, before all else"))
    }

    fn joined(&mut self) -> Result<&mut Joined, Refusal> {
        self.joined.as_mut().ok_or_else(|| Refusal::ours("a turn without a launch"))
    }

    /// The context asked for, kept from the last request if it asked for the same.
    fn instance(&mut self, plugin: &PluginRef) -> Result<&Instance, Refusal> {
        if self.loaded.as_ref().is_none_or(|(loaded, _)| loaded != plugin) {
            self.page.enter(Doing::Destroy, plugin.index, 0);
            self.loaded = None;
            self.loaded = Some((plugin.clone(), load(self.page, plugin)?));
        }
        Ok(&self.loaded.as_ref().expect("just loaded").1)
    }
}

/// Takes the pipes away from descriptors 0 and 1, where any plugin may read and print.
fn private_pipes() -> io::Result<(File, File)> {
    const ABOVE: i32 = 100;
    // SAFETY: plain system calls on descriptors of our own; the duplicates are owned by the files returned.
    unsafe {
        let requests = libc::fcntl(0, libc::F_DUPFD_CLOEXEC, ABOVE);
        let replies = libc::fcntl(1, libc::F_DUPFD_CLOEXEC, ABOVE);
        let nothing = libc::open(c"/dev/null".as_ptr(), libc::O_RDONLY);
        if requests < 0 || replies < 0 || nothing < 0 || libc::dup2(nothing, 0) < 0 || libc::dup2(2, 1) < 0 {
            return Err(io::Error::last_os_error());
        }
        libc::close(nothing);
        Ok((File::from_raw_fd(requests), File::from_raw_fd(replies)))
    }
}
