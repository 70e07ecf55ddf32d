//! What the host and its workers say to each other, a frame each way.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::backend::{Backend, PluginInfo};
use crate::case::Case;
use crate::confinement::Grants;
use crate::outcome::{ErrorStats, Extremes, LogitTolerance, Outcome, null_is_nan};
use crate::samples::{Environment, Launch, Sample};
use crate::schedule::{CallRule, Phase, Schedule};

/// A plugin to load and the context to create in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PluginRef {
    /// Index into the run's backends; what a reply calls it.
    pub index: usize,
    /// The library.
    pub path: PathBuf,
    /// Kernel tier; the plugin's best if none.
    pub tier: Option<String>,
    /// Threads of the context.
    pub threads: u32,
    /// Options of the context.
    pub options: Vec<(String, String)>,
    /// The environment variable that it takes them from, set before it is loaded.
    #[serde(default)]
    pub threads_variable: Option<String>,
    /// Load it although it was built without optimisation.
    pub allow_debug: bool,
    /// Is it the A/A control?
    #[serde(default)]
    pub control: bool,
    /// Largest absolute error of a model's logits; what roundings of f32 may come to if none.
    #[serde(default)]
    pub logit_tolerance: Option<LogitTolerance>,
    /// All that it may read and start …
    pub grants: Grants,
    /// … unless it may do everything that the user may.
    pub trusted: bool,
}

impl PluginRef {
    /// A run's backend, by its index there, with a context of so many threads.
    pub fn of(backend: &Backend, index: usize, threads: u32, allow_debug: bool) -> Self {
        Self {
            index,
            path: backend.path.clone().into(),
            tier: backend.spec.tier.clone(),
            threads,
            options: backend.spec.options.clone(),
            threads_variable: backend.plugin.threads_variable.clone(),
            allow_debug,
            control: false,
            logit_tolerance: backend.spec.logit_tolerance,
            grants: backend.grants.clone(),
            trusted: backend.spec.trusted,
        }
    }
}

/// What a launch is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Who.
    pub plugins: Vec<PluginRef>,
    /// Positions among them: whom each is compared with.
    pub references: Vec<usize>,
    /// What.
    pub case: Case,
    /// Inputs and orders.
    pub seed: u64,
    /// Timed rounds go on for this long for each backend, at least for two.
    pub backend_ns: u64,
}

impl Task {
    /// The order of its events, where the workload allows such calls.
    pub fn schedule(&self, calls: CallRule) -> Schedule {
        let control = self.plugins.iter().position(|plugin| plugin.control);
        let (references, backend_ns) = (self.references.clone(), self.backend_ns);
        let schedule = Schedule { control, references, backend_ns, ..Schedule::new(calls) };
        schedule.for_threads(self.case.threads)
    }
}

/// What the host asks of a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Describe a plugin. → [`Reply::Probed`]
    Probe(PluginRef),
    /// Is this plugin right at this case? → [`Reply::Checked`]
    Check {
        /// Who.
        plugin: PluginRef,
        /// What.
        case: Case,
        /// Inputs.
        seed: u64,
    },
    /// Write to `path` what this plugin, whose results are right, makes of a case's inputs. → [`Reply::Answered`]
    Answer {
        /// Who.
        plugin: PluginRef,
        /// What.
        case: Case,
        /// Inputs.
        seed: u64,
        /// Of the sizes that a check tries, too?
        variants: bool,
        /// Where.
        path: PathBuf,
    },
    /// Measure all of them in this process. → [`Reply::Launched`]
    Launch(Task),
    /// Get ready to take turns in a split launch, with buffers in the memory file `arena_fd`. → [`Reply::Joined`]
    Join {
        /// Who.
        plugin: PluginRef,
        /// What.
        case: Case,
        /// Inputs.
        seed: u64,
        /// Descriptor of the shared buffers, inherited.
        arena_fd: i32,
        /// The first to join fills the inputs.
        fill: bool,
    },
    /// Take one turn. → [`Reply::Sampled`]
    Sample {
        /// Calls back to back.
        calls: u64,
        /// Poison the output first, and verify it afterwards.
        verify: bool,
        /// Where in the launch.
        phase: Phase,
        /// In which round.
        round: u32,
    },
    /// The split launch is over. → [`Reply::Left`]
    Leave,
    /// Count allocations, faults and memory of one plugin at one case. → [`Reply::Accounted`]
    Account {
        /// Who.
        plugin: PluginRef,
        /// What.
        case: Case,
        /// Inputs.
        seed: u64,
    },
    /// What does a call of this plugin cost, at a case so small that hardly anything else is left? → [`Reply::Called`]
    Call {
        /// Who.
        plugin: PluginRef,
        /// What.
        case: Case,
        /// Inputs.
        seed: u64,
    },
    /// Call one plugin once, and write all operands to a file. → [`Reply::Dumped`]
    Dump {
        /// Who.
        plugin: PluginRef,
        /// What.
        case: Case,
        /// Inputs.
        seed: u64,
        /// Where.
        path: PathBuf,
    },
    /// Call one plugin for so long, for a profiler or debugger to watch. → [`Reply::Looped`]
    Loop {
        /// Who.
        plugin: PluginRef,
        /// What.
        case: Case,
        /// Inputs.
        seed: u64,
        /// How long.
        seconds: f64,
    },
    /// Measure this machine's limits. → [`Reply::Peaked`]
    Peak,
}

impl Request {
    /// The plugins that it loads.
    pub fn plugins(&self) -> &[PluginRef] {
        match self {
            Self::Probe(plugin)
            | Self::Check { plugin, .. }
            | Self::Answer { plugin, .. }
            | Self::Join { plugin, .. }
            | Self::Account { plugin, .. }
            | Self::Call { plugin, .. }
            | Self::Dump { plugin, .. }
            | Self::Loop { plugin, .. } => std::slice::from_ref(plugin),
            Self::Launch(task) => &task.plugins,
            Self::Sample { .. } | Self::Leave | Self::Peak => &[],
        }
    }
}

/// What a worker answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// To [`Request::Probe`].
    Probed(PluginInfo),
    /// To [`Request::Check`].
    Checked(CheckReport),
    /// To [`Request::Answer`].
    Answered,
    /// To [`Request::Launch`].
    Launched(Launch),
    /// To [`Request::Join`].
    Joined {
        /// What the workload allows.
        calls: CallRule,
    },
    /// To [`Request::Sample`].
    Sampled {
        /// What was measured.
        sample: Sample,
        /// What was wrong with the output, if it was verified and wrong.
        wrong: Option<String>,
        /// What the plugin changed under everybody's feet.
        flags: Vec<String>,
    },
    /// To [`Request::Leave`].
    Left(Environment),
    /// To [`Request::Account`].
    Accounted(AccountReport),
    /// To [`Request::Call`].
    Called(CallCost),
    /// To [`Request::Dump`].
    Dumped {
        /// What was wrong with the outputs.
        wrong: Option<String>,
    },
    /// To [`Request::Loop`].
    Looped {
        /// Calls made.
        calls: u64,
    },
    /// To [`Request::Peak`].
    Peaked(Peak),
    /// The request could not be met; the backend at fault, if one is.
    Refused {
        /// Index into the run's backends.
        backend: Option<usize>,
        /// When.
        stage: Stage,
        /// How that ends the backend's row.
        outcome: Outcome,
    },
}

/// How far a backend had come when something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Loading it and making it ready: it may need the folder that it comes from.
    Start,
    /// Calling it.
    Calls,
    /// It did what it should, but changed what all in its process share: alone it may do so.
    Among,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    /// `Measured` means: may be measured.
    pub outcome: Outcome,
    /// Distance from the oracle at the case itself.
    pub error: Option<ErrorStats>,
    /// The same of all that was tried.
    #[serde(default)]
    pub extremes: Option<Extremes>,
    /// Time of one call, to tell what is too slow.
    pub call_ns: u64,
    /// What ran.
    pub receipt: Option<ReceiptInfo>,
}

impl CheckReport {
    /// A check that ended before there were figures.
    pub fn ended(outcome: Outcome) -> Self {
        Self { outcome, error: None, extremes: None, call_ns: 0, receipt: None }
    }
}

/// What a call costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallCost {
    /// One call through the plugin's table, in nanoseconds.
    pub call_ns: f64,
    /// One call, by the same loop, of a function of the host's that does nothing.
    pub empty_ns: f64,
}

/// What a plugin says really ran.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptInfo {
    /// In a few words.
    pub implementation: String,
    /// Kernel tier.
    pub tier: String,
    /// Threads that took part; 0 if not known.
    pub threads: u32,
    /// Buffers served from the plugin's pool.
    pub pool_hits: u64,
    /// Buffers the pool had to allocate.
    pub pool_misses: u64,
}

/// What an account pass counted, per call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountReport {
    /// Allocator traffic; `None` where it cannot be counted.
    pub allocations: Option<Allocations>,
    /// Why it could not be counted.
    pub allocations_missing: Option<String>,
    /// Page faults per call in steady state.
    pub page_faults: Option<f64>,
    /// Times threads stopped running, per call.
    #[serde(default)]
    pub switches: Option<Switches>,
    /// What the processor counted; `None` where it does not, or may not be asked.
    #[serde(default)]
    pub counters: Option<Counters>,
    /// Why there are no counters.
    #[serde(default)]
    pub counters_missing: Option<String>,
    /// Peak resident size while calling.
    pub peak_rss_bytes: Option<u64>,
    /// What ran.
    pub receipt: Option<ReceiptInfo>,
    /// Share of each op; host-composed models only.
    pub spans: Option<Vec<Span>>,
    /// What its own allocator did; `None` without one.
    #[serde(default)]
    pub tensors: Option<Tensors>,
}

/// Allocator traffic of one call in steady state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Allocations {
    /// Blocks asked for, per call. NaN, in JSON null: another tool counted bytes only.
    #[serde(deserialize_with = "null_is_nan")]
    pub count: f64,
    /// Bytes asked for, per call.
    pub bytes: f64,
    /// Most bytes alive at once beyond those alive before; `None`: another tool did not count it.
    pub peak_bytes: Option<u64>,
    /// Bytes that were never freed, per call: one or more in steady state is a leak. NaN, in JSON null: not counted yet
    /// when the run was made.
    #[serde(default = "not_counted", deserialize_with = "null_is_nan")]
    pub kept_bytes: f64,
}

fn not_counted() -> f64 {
    f64::NAN
}

/// Times threads stopped running in one call in steady state, all threads together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Switches {
    /// They waited for something: another thread, a lock.
    pub voluntary: f64,
    /// Others took the core.
    pub involuntary: f64,
}

/// What the processor counted in one call in steady state, in user space, all threads together; `None`: it has no such
/// counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counters {
    /// Instructions that were retired.
    pub instructions: Option<f64>,
    /// Cycles of the core's clock.
    pub cycles: Option<f64>,
    /// Accesses that the last cache did not have.
    pub cache_misses: Option<f64>,
    /// Branches that went another way than predicted.
    pub branch_misses: Option<f64>,
}

impl Counters {
    /// `None` if the processor counts nothing of it.
    pub fn known(self) -> Option<Self> {
        let all = [self.instructions, self.cycles, self.cache_misses, self.branch_misses];
        all.iter().any(Option::is_some).then_some(self)
    }

    /// The same per element; `None` of nothing.
    pub fn per(self, elements: u64) -> Option<Self> {
        let per = |count: Option<f64>| count.map(|count| count / elements as f64);
        (elements > 0).then(|| Self {
            instructions: per(self.instructions),
            cycles: per(self.cycles),
            cache_misses: per(self.cache_misses),
            branch_misses: per(self.branch_misses),
        })
    }
}

/// What a plugin's own allocator did in one call in steady state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tensors {
    /// Tensors acquired, per call.
    pub acquired: f64,
    /// Of these, served without asking the system.
    pub reused: f64,
    /// Bytes held for reuse after the calls.
    pub held_bytes: u64,
}

/// An op's share of a model's time, in a pass with a clock round every op.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The op and what it does in the model (`matmul qkv`); or [`Span::MEMORY`], or [`Span::OUTSIDE`].
    pub op: String,
    /// 0 to 1, of the whole call.
    pub share: f64,
    /// Time of all its runs in one call, clock cost subtracted.
    #[serde(default)]
    pub ns: f64,
    /// Its runs in one call; 0 where that has no meaning.
    #[serde(default)]
    pub runs: f64,
}

impl Span {
    /// Tensors acquired from the plugin's memory and given back.
    pub const MEMORY: &str = "acquire and release";
    /// The rest of the call: the host's composing, and copies between tensors.
    pub const OUTSIDE: &str = "outside ops";
}

/// This machine's limits with one thread, measured in the run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// Fused multiply-adds, f32, two flops each.
    pub gflops: f64,
    /// Reading a buffer larger than any cache.
    pub read_gbs: f64,
}
