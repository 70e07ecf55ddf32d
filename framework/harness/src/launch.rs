//! A timed launch: all backends in this process, or this process as one of several that take turns.

use std::mem;

use fastrand::Rng;
use smbench_core::attribution::{Doing, Page};
use smbench_core::message::{PluginRef, Reply, Task};
use smbench_core::outcome::Outcome;
use smbench_core::samples::{Environment, Launch, Mode, SPINS, Sample};
use smbench_core::schedule::{Interrupted, Phase, Turn};
use smbench_ops::Regime;

use crate::arena::arena;
use crate::clock::Clock;
use crate::environment::Watchman;
use crate::float_mode::FloatMode;
use crate::instance::{CallError, Instance};
use crate::plugin::Plugin;
use crate::seat::{Seat, Turned};
use crate::watch::{Changes, Watch};
use crate::worker::Refusal;
use crate::workload::Workload;

/// Measures all plugins in this process, taking turns.
pub fn shared(page: &'static Page, task: &Task, workload: &dyn Workload) -> Result<Reply, Refusal> {
    let mut rng = Rng::with_seed(task.seed);
    pad_heap(&mut rng);
    let mut watch = Watch::begin();
    let (instances, order) = load_all(page, &task.plugins, &mut watch, &mut rng)?;
    let arena = arena(&workload.layout(), task.seed, None).map_err(Refusal::ours)?;
    let buffers = arena.buffers();
    workload.fill(buffers, Regime::Usual, task.seed);
    let mut seats = Vec::with_capacity(instances.len());
    for (instance, plugin) in instances.iter().zip(&task.plugins) {
        page.enter(Doing::Create, plugin.index, 0);
        let seat = Seat::take(instance, workload, buffers, task.seed);
        seats.push(seat.map_err(|error| Refusal::at_start(plugin.index, error.outcome()))?);
        alone(plugin.index, &watch.changes(plugin.index))?;
    }
    let launch = measure(page, task, (seats, watch), order, &mut rng)?;
    // The process ends with its launch, without `destroy`: the check has tried that already.
    mem::forget(instances);
    Ok(Reply::Launched(launch))
}

/// A random block, so that heap addresses differ from launch to launch and no one of them decides.
fn pad_heap(rng: &mut Rng) {
    mem::forget(Vec::<u8>::with_capacity(rng.usize(1..64 << 10)));
}

/// What a plugin does to all in this process ends the launch.
fn alone(backend: usize, changes: &Changes) -> Result<(), Refusal> {
    match changes.common.is_empty() {
        true => Ok(()),
        false => Err(Refusal::among(backend, changes.common.join(", "))),
    }
}

/// Loads in random order; the instances come back in the order of `plugins`.
fn load_all(
    page: &Page,
    plugins: &[PluginRef],
    watch: &mut Watch,
    rng: &mut Rng,
) -> Result<(Vec<Instance>, Vec<usize>), Refusal> {
    let mut order: Vec<usize> = (0..plugins.len()).collect();
    rng.shuffle(&mut order);
    let mut instances: Vec<Option<Instance>> = plugins.iter().map(|_| None).collect();
    for &position in &order {
        let plugin = &plugins[position];
        instances[position] = Some(load(page, plugin)?);
        alone(plugin.index, &watch.changes(plugin.index))?;
    }
    let order = order.into_iter().map(|position| plugins[position].index).collect();
    Ok((instances.into_iter().flatten().collect(), order))
}

/// Loads a plugin and creates the context asked for.
pub fn load(page: &Page, plugin: &PluginRef) -> Result<Instance, Refusal> {
    page.enter(Doing::Load, plugin.index, 0);
    let failed = |reason| Refusal::at_start(plugin.index, Outcome::Failed(reason));
    let loaded = Plugin::load(plugin).map_err(failed)?;
    page.enter(Doing::Create, plugin.index, 0);
    let instance = Instance::create(Box::leak(Box::new(loaded)), plugin);
    // A constructor may have changed the mode for this thread; no sample has been taken under it.
    FloatMode::restore();
    page.leave();
    instance.map_err(|error| Refusal::at_start(plugin.index, error.outcome()))
}

fn measure(
    page: &Page,
    task: &Task,
    (seats, watch): (Vec<Seat<'_>>, Watch),
    order: Vec<usize>,
    rng: &mut Rng,
) -> Result<Launch, Refusal> {
    let schedule = task.schedule(seats[0].calls());
    let backends = seats.len();
    let watchman = Watchman::begin();
    let mut table = Table::new(page, &task.plugins, seats, watch);
    let series = schedule.run(&mut table, backends, rng).map_err(|interrupted| refusal(task, interrupted))?;
    let environment = watchman.end();
    for (backend, series) in series.iter().enumerate() {
        table.last(backend, series.calls.last().copied().unwrap_or(1))?;
    }
    page.leave();
    table.flags.extend(table.watch.restless().into_iter().map(|backend| (backend, SPINS.to_owned())));
    let indices = task.plugins.iter().map(|plugin| plugin.index);
    Ok(Launch {
        mode: Mode::Shared,
        order,
        environment,
        series: indices.zip(series).collect(),
        late: table.late,
        flags: table.flags,
    })
}

fn refusal(task: &Task, interrupted: Interrupted<Refusal>) -> Refusal {
    match interrupted {
        Interrupted::Turn(refusal) => refusal,
        Interrupted::TooShort(backend, reason) => {
            Refusal::of(task.plugins[backend].index, Outcome::Unsupported(reason.to_string()))
        }
    }
}

/// All seats of a shared launch.
struct Table<'a> {
    page: &'a Page,
    plugins: &'a [PluginRef],
    seats: Vec<Seat<'a>>,
    clock: Clock,
    watch: Watch,
    sampled: Vec<bool>,
    doing: (Doing, u32),
    late: Vec<(usize, String)>,
    flags: Vec<(usize, String)>,
}

impl<'a> Table<'a> {
    fn new(page: &'a Page, plugins: &'a [PluginRef], seats: Vec<Seat<'a>>, watch: Watch) -> Self {
        Self {
            page,
            plugins,
            sampled: vec![false; seats.len()],
            seats,
            clock: Clock::calibrate(),
            watch,
            doing: (Doing::WarmUp, 0),
            late: Vec::new(),
            flags: Vec::new(),
        }
    }

    /// A sample with a look at what comes out of it.
    fn first(&mut self, backend: usize, calls: u64) -> Result<Sample, Refusal> {
        let turned = self.seats[backend].first_sample(self.clock, calls);
        self.note(backend, turned, true)
    }

    /// The same at the end, of other inputs.
    fn last(&mut self, backend: usize, calls: u64) -> Result<Sample, Refusal> {
        let index = self.plugins[backend].index;
        self.page.enter(self.doing.0, index, self.doing.1);
        let turned = self.seats[backend].last_sample(self.clock, calls, index as u64);
        self.note(backend, turned, false)
    }

    fn note(&mut self, backend: usize, turned: Result<Turned, CallError>, first: bool) -> Result<Sample, Refusal> {
        let index = self.plugins[backend].index;
        let turned = turned.map_err(|error| Refusal::of(index, error.outcome()))?;
        let changes = self.watch.changes(index);
        alone(index, &changes)?;
        self.late.extend(turned.wrong.map(|wrong| (index, wrong)));
        for flag in turned.mode.into_iter().chain(changes.flags(first)) {
            if !self.flags.contains(&(index, flag.clone())) {
                self.flags.push((index, flag));
            }
        }
        Ok(turned.sample)
    }
}

impl Turn for Table<'_> {
    type Error = Refusal;

    fn sample(&mut self, backend: usize, calls: u64) -> Result<Sample, Refusal> {
        let index = self.plugins[backend].index;
        self.page.enter(self.doing.0, index, self.doing.1);
        if !mem::replace(&mut self.sampled[backend], true) {
            return self.first(backend, calls);
        }
        let turned = self.seats[backend].sample(self.clock, calls);
        self.note(backend, turned, false)
    }

    fn phase(&mut self, phase: Phase, round: u32) {
        self.doing = (phase.into(), round);
    }
}

/// This process's part of a split launch.
pub struct Joined {
    page: &'static Page,
    index: usize,
    seat: Seat<'static>,
    clock: Clock,
    watch: Watch,
    /// From its first turn: until then the host starts the others.
    watchman: Option<Watchman>,
    sampled: bool,
    /// What it changed before its first turn.
    flags: Vec<String>,
}

impl Joined {
    /// Loads the plugin and maps the buffers that all processes of the launch share. All of it stays until the
    /// process ends, and it ends with its launch.
    pub fn join(
        page: &'static Page,
        plugin: &PluginRef,
        workload: Box<dyn Workload>,
        seed: u64,
        shared: (i32, bool),
    ) -> Result<Self, Refusal> {
        pad_heap(&mut Rng::with_seed(seed ^ plugin.index as u64));
        let mut watch = Watch::begin();
        let instance: &'static Instance = Box::leak(Box::new(load(page, plugin)?));
        let workload: &'static dyn Workload = Box::leak(workload);
        let (file, fill) = shared;
        let arena = arena(&workload.layout(), seed, Some(file)).map_err(Refusal::ours)?;
        let buffers = Box::leak(Box::new(arena)).buffers();
        if fill {
            workload.fill(buffers, Regime::Usual, seed);
        }
        page.enter(Doing::Create, plugin.index, 0);
        let seat = Seat::take(instance, workload, buffers, seed);
        let seat = seat.map_err(|error| Refusal::at_start(plugin.index, error.outcome()))?;
        page.leave();
        let (clock, flags) = (Clock::calibrate(), watch.changes(plugin.index).flags(true));
        Ok(Self { page, index: plugin.index, seat, clock, watch, watchman: None, sampled: false, flags })
    }

    /// What the workload allows.
    pub fn reply(&self) -> Reply {
        Reply::Joined { calls: self.seat.calls() }
    }

    /// One turn; the first is verified in any case.
    pub fn sample(&mut self, calls: u64, verify: bool, doing: Doing, round: u32) -> Result<Reply, Refusal> {
        self.page.enter(doing, self.index, round);
        self.watchman.get_or_insert_with(Watchman::begin);
        let first = !mem::replace(&mut self.sampled, true);
        let turned = match (first, verify) {
            (true, _) => self.seat.first_sample(self.clock, calls),
            (_, true) => self.seat.last_sample(self.clock, calls, self.index as u64),
            _ => self.seat.sample(self.clock, calls),
        };
        self.page.leave();
        let Turned { sample, wrong, mode } = turned.map_err(|error| Refusal::of(self.index, error.outcome()))?;
        let mut flags = mem::take(&mut self.flags);
        flags.extend(mode.into_iter().chain(self.watch.changes(self.index).flags(first)));
        if verify && !self.watch.restless().is_empty() {
            flags.push(SPINS.to_owned());
        }
        Ok(Reply::Sampled { sample, wrong, flags })
    }

    /// The launch is over.
    pub fn leave(&self) -> Reply {
        Reply::Left(self.watchman.as_ref().map_or_else(Environment::default, Watchman::end))
    }
}
