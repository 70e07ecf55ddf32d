//! The command line as clap sees it. Shared flags mean the same in every command.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use smbench_core::backend::BackendSpec;
use smbench_core::cache::CacheList;
use smbench_core::config::{MemorySize, Preset, Span, ThreadList};
use smbench_core::gate::Gate;
use smbench_core::outcome::LogitTolerance;

use crate::output::Target;

/// The honest kernel benchmark: interleaved, checked against f64, with intervals.
#[derive(Debug, Parser)]
#[command(name = "smbench", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Every flag has an environment variable: --backend is SMBENCH_BACKEND.\n\
    Exit codes: 0 ok · 1 internal · 2 usage or config · 3 regression or missed goal · 4 nothing selected · 5 wrong result · 6 plugin failed · 7 undecided · 8 not comparable · 130 Ctrl-C.")]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measure backends side by side, and store the run
    Run(Box<RunArgs>),
    /// Build two git revisions of a plugin crate and compare them
    Ab(Box<AbArgs>),
    /// Print a stored run's table again
    Show(ShowArgs),
    /// Put two or more stored runs beside each other
    Compare(CompareArgs),
    /// Draw the comparison chart of stored runs
    Chart(ChartArgs),
    /// Show what stored runs measured over time
    History(HistoryArgs),
    /// List what there is: backends, suites, configs, cases, ops, runs
    List(ListArgs),
    /// Write a plugin project of your own: one op done, the rest obvious
    New(NewArgs),
    /// Say what a plugin is, whether its ops are right, and what a call costs
    Check(CheckArgs),
    /// Say what makes this machine noisy, and which change can be seen on it in which time
    Doctor(DoctorArgs),
    /// Call one case in one process for so long, for perf or gdb to watch
    Loop(LoopArgs),
    /// Store reports of other tools, or runs that were exported
    Import(ImportArgs),
    /// Write a stored run in another format
    Export(ExportArgs),
    /// Add a remark to a stored run, or list those it has
    Note(NoteArgs),
    /// Remove old runs and what only they needed, and give their space back
    Gc(GcArgs),
    /// Write a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Which config.
#[derive(Clone, Debug, ClapArgs)]
pub struct ConfigArgs {
    /// A config or a suite: a shipped one's name (`smbench list configs`) or the path of a RON file
    /// [default: ./smbench.ron, else `quick`]
    #[arg(value_name = "CONFIG|SUITE.ron")]
    pub config: Option<String>,
}

/// What is measured, by whom, and for how long.
#[derive(Clone, Debug, ClapArgs)]
pub struct SelectArgs {
    /// A backend, instead of the config's: NAME, NAME@TIER, an alias of the config's, a library's PATH, a plugin crate's
    /// folder, or ALIAS=any of these; repeat it or separate by commas
    #[arg(short, long = "backend", value_name = "BACKEND", value_delimiter = ',', env = "SMBENCH_BACKEND")]
    pub backends: Vec<BackendSpec>,
    /// The backend that the others are compared with [default: the config's, or faer for a suite, if selected; else the
    /// first]
    #[arg(long, value_name = "ALIAS", env = "SMBENCH_REFERENCE")]
    pub reference: Option<String>,
    /// Only this suite of the config's; repeat it for several
    #[arg(short, long = "suite", value_name = "SUITE", value_delimiter = ',', env = "SMBENCH_SUITE")]
    pub suites: Vec<String>,
    /// Only cases whose id matches this regular expression; repeat it for any of several
    #[arg(short, long = "filter", value_name = "RE", env = "SMBENCH_FILTER")]
    pub filters: Vec<String>,
    /// No case whose id matches this regular expression
    #[arg(long = "exclude", value_name = "RE", env = "SMBENCH_EXCLUDE")]
    pub excludes: Vec<String>,
    /// A case instead of the config's: OP/SIZE as in matmul/127x65x33, a shipped case's id, or a part of a suite's ids
    /// as in model_small:decode or mine.ron:decode; repeat it for several
    #[arg(long = "case", value_name = "OP/SIZE", value_delimiter = ',', env = "SMBENCH_CASE")]
    pub cases: Vec<String>,
    /// Threads of a context, instead of the suite's: 1, 2, all
    #[arg(long, value_name = "LIST", env = "SMBENCH_THREADS")]
    pub threads: Option<ThreadList>,
    /// Where calls find their operands, instead of what the suite says: hot, cold (flushed from all caches before each
    /// call), or both as hot,cold
    #[arg(long, value_name = "LIST", env = "SMBENCH_CACHE")]
    pub cache: Option<CacheList>,
    /// An option for every backend's `create`; if a backend is called NAME and KEY begins with NAME and a dot, for it alone
    #[arg(long = "backend-option", value_name = "KEY=VALUE", value_parser = key_value, env = "SMBENCH_BACKEND_OPTION")]
    pub backend_options: Vec<(String, String)>,
    /// How long: quick (12 launches of each case), default (20), thorough (48) [default: the config's]
    #[arg(long, value_name = "PRESET", env = "SMBENCH_PRESET")]
    pub preset: Option<Preset>,
    /// The same as --preset quick
    #[arg(long, conflicts_with = "preset", env = "SMBENCH_QUICK")]
    pub quick: bool,
    /// Look after 12, 24 and 48 launches, and end a case as soon as all its comparisons are decided
    #[arg(long, conflicts_with_all = ["preset", "quick"], env = "SMBENCH_UNTIL_DECIDED")]
    pub until_decided: bool,
    /// The change that would matter, in percent [default: 1 where arithmetic limits, 1.5 where memory does and for models,
    /// 2 with several threads]
    #[arg(long, value_name = "PCT", env = "SMBENCH_MARGIN")]
    pub margin: Option<Percentage>,
    /// Where inputs and orders come from [default: a new one for every run, stored with it]
    #[arg(long, value_name = "N", env = "SMBENCH_SEED")]
    pub seed: Option<u64>,
    /// A worker that says nothing for so long is killed [default: the config's, 60s]
    #[arg(long, value_name = "TIME", env = "SMBENCH_TIMEOUT")]
    pub timeout: Option<Span>,
    /// A worker that takes more memory is killed [default: the config's, half of the machine's]
    #[arg(long, value_name = "SIZE", env = "SMBENCH_MEMORY_LIMIT")]
    pub memory_limit: Option<MemorySize>,
    #[command(flatten)]
    pub trust: TrustArgs,
    /// Every backend in a process of its own
    #[arg(long, env = "SMBENCH_ISOLATE")]
    pub isolate: bool,
    /// Measure plugins that were built without optimisation, too
    #[arg(long, env = "SMBENCH_ALLOW_DEBUG")]
    pub allow_debug: bool,
}

/// Who may do everything.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct TrustArgs {
    /// A backend that may do everything that you may, by its name or path; the others are confined (docs/security.md);
    /// repeat it or separate by commas
    #[arg(long, value_name = "BACKEND", value_delimiter = ',', env = "SMBENCH_TRUST")]
    pub trust: Vec<String>,
}

impl TrustArgs {
    /// Marks a backend that is trusted, by what was typed for it or what reports call it.
    pub fn mark(&self, spec: &mut BackendSpec) {
        let names = [&spec.alias, &spec.source];
        spec.trusted = self.trust.iter().any(|name| names.contains(&name));
    }
}

/// `2`, `0.5%`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentage(pub f64);

impl FromStr for Percentage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.trim_end_matches('%').trim().parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
        number.map(Self).ok_or_else(|| format!("`{text}` is no percentage from 0 to 100"))
    }
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let split = text.split_once('=').filter(|(key, _)| !key.is_empty());
    let (key, value) = split.ok_or_else(|| format!("`{text}` is not KEY=VALUE"))?;
    Ok((key.to_owned(), value.to_owned()))
}

#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    smbench run quick\n  \
    smbench run configs/full.ron --backend faer\n  \
    smbench run simd -b naive,pooled -f matmul\n  \
    smbench run --case matmul/127x65x33 -b old=./a.so -b new=./b.so")]
pub struct RunArgs {
    #[command(flatten)]
    pub config: ConfigArgs,
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub measure: MeasureArgs,
    /// Beside every backend its stored build of this run, interleaved, and each judged against its own
    #[arg(long, value_name = "RUN", env = "SMBENCH_AGAINST")]
    pub against: Option<String>,
    /// Go on with a run that was interrupted or killed [default: the newest such run]
    #[arg(long, value_name = "RUN", num_args = 0..=1, default_missing_value = "", env = "SMBENCH_RESUME")]
    #[arg(conflicts_with_all = ["config", "backends", "reference", "suites", "filters", "excludes", "cases", "threads", "cache"])]
    #[arg(conflicts_with_all = ["backend_options", "preset", "quick", "until_decided", "margin", "seed", "timeout", "memory_limit", "trust", "isolate", "allow_debug"])]
    #[arg(conflicts_with_all = ["label", "list", "verify_only", "against"])]
    pub resume: Option<String>,
}

#[derive(Clone, Debug, ClapArgs)]
#[command(override_usage = "smbench ab [OPTIONS] [REV_A [REV_B]] [CONFIG|SUITE.ron]")]
#[command(mut_arg("backends", |arg| arg.help("A plugin crate of the repository: its folder, package or library, with @TIER \
    and ALIAS= as ever; repeat it or separate by commas [default: the crate here, else every plugin crate of the workspace]")))]
#[command(mut_arg("reference", |arg| arg.hide(true)))]
#[command(after_help = "Examples:\n  \
    smbench ab --case matmul/127x65x33     HEAD against the working tree, with untracked files\n  \
    smbench ab HEAD~1 -b ./acme            that against the working tree\n  \
    smbench ab origin/main HEAD mine.ron   two revisions")]
pub struct AbArgs {
    /// Up to two git revisions, older first, and a config or a suite
    /// [default: HEAD, the working tree, and the config that `run` would take]
    #[arg(value_names = ["REV_A", "REV_B", "CONFIG"], num_args = 0..=3)]
    pub what: Vec<String>,
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub measure: MeasureArgs,
}

/// How a plan is measured, and what becomes of it.
#[derive(Clone, Debug, ClapArgs)]
pub struct MeasureArgs {
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    /// A name for the run; a name used before moves to this one
    #[arg(short, long, visible_alias = "save-baseline", value_name = "LABEL", env = "SMBENCH_LABEL")]
    pub label: Option<String>,
    /// Print the plan and its predicted time, and stop
    #[arg(long, env = "SMBENCH_LIST")]
    pub list: bool,
    /// Check the results against f64, and measure nothing
    #[arg(long, env = "SMBENCH_VERIFY_ONLY")]
    pub verify_only: bool,
    #[command(flatten)]
    pub gate: GateArgs,
}

/// What lets CI fail.
#[derive(Clone, Debug, ClapArgs)]
pub struct GateArgs {
    /// Exit 3 if a comparison is judged slower (regression), or slower by so much (regression=5%), or a goal of --goals is
    /// missed (goal); 7 if a comparison could not be judged (undecided); repeat it for several
    #[arg(long, value_name = "WHAT", value_delimiter = ',', env = "SMBENCH_FAIL_ON")]
    pub fail_on: Vec<Gate>,
    /// Hold the run against the goals in a RON file, as in configs/goals.ron
    #[arg(long, value_name = "FILE", env = "SMBENCH_GOALS")]
    pub goals: Option<PathBuf>,
}

/// Where runs are kept.
#[derive(Clone, Debug, ClapArgs)]
pub struct StoreArgs {
    /// Where runs are kept [default: .smbench of the nearest folder above, else of the git root, else here]
    #[arg(long, value_name = "PATH", env = "SMBENCH_STORE")]
    pub store: Option<PathBuf>,
}

/// Where results go.
#[derive(Clone, Debug, ClapArgs)]
pub struct OutputArgs {
    /// Write a file, too; its format follows from its name (.html, .md, .json, .txt; .ron is goals for the next run) or is given: pr:comment.md
    #[arg(short, long = "out", value_name = "[FORMAT:]FILE", env = "SMBENCH_OUT")]
    pub out: Vec<Target>,
    /// What is printed
    #[arg(long, value_enum, default_value_t, env = "SMBENCH_FORMAT")]
    pub format: Format,
}

/// A format of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The table, for a terminal
    #[default]
    Table,
    /// Figures by a schema in docs/: run.schema.json, history.schema.json, doctor.schema.json, check.schema.json
    Json,
    /// The chart, or the history's tables, in Markdown
    Md,
    /// A short comment for a pull request, in Markdown
    Pr,
    /// The chart, or the history's tables, as one HTML page
    Html,
    /// What the next run should reach, as a file for --goals
    #[value(name = "ron")]
    Goals,
    /// The drawings of the chart, for white paper
    Svg,
    /// The drawings of the chart, for a dark screen
    SvgDark,
    /// The same as pixels, into a file only
    #[value(skip)]
    Png,
}

#[derive(Clone, Debug, ClapArgs)]
pub struct ShowArgs {
    /// `latest`, `latest~1`, a label, the beginning of an id, or an exported file
    #[arg(default_value = "latest")]
    pub run: String,
    #[command(flatten)]
    pub view: ViewArgs,
    /// Show only cases where something is faster or slower (changed), rejected or failed (failed), or not decided
    #[arg(long, value_enum, value_name = "WHICH", env = "SMBENCH_ONLY")]
    pub only: Option<Only>,
    /// Print the time of every sample
    #[arg(long, env = "SMBENCH_SAMPLES")]
    pub samples: bool,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Cases that deserve a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Only {
    /// Something is faster or slower
    Changed,
    /// Something is rejected or failed
    Failed,
    /// Something is undecided or unreliable
    Undecided,
}

/// What is shown; figures follow from the whole run in any case.
#[derive(Clone, Debug, ClapArgs)]
pub struct ViewArgs {
    /// Show only cases whose id matches this regular expression; repeat it for any of several
    #[arg(short, long = "filter", value_name = "RE", env = "SMBENCH_FILTER")]
    pub filters: Vec<String>,
}

#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    smbench compare\n  \
    smbench compare main latest --replay --fail-on regression\n  \
    smbench compare latest --pair naive,pooled")]
pub struct CompareArgs {
    /// Two runs or more, oldest first [default: latest~1 latest]; one with --pair
    pub runs: Vec<String>,
    /// Of one run: backend B against backend A, which need not have been its reference
    #[arg(
        long,
        value_name = "A,B",
        value_delimiter = ',',
        num_args = 1,
        conflicts_with = "replay",
        env = "SMBENCH_PAIR"
    )]
    pub pair: Vec<String>,
    /// Show only cases where something is faster or slower (changed), rejected or failed (failed), or not decided; of
    /// several runs, since the run before
    #[arg(long, value_enum, value_name = "WHICH", env = "SMBENCH_ONLY")]
    pub only: Option<Only>,
    /// Run the stored plugins of two runs again, interleaved: what is found then is judged
    #[arg(long, env = "SMBENCH_REPLAY")]
    pub replay: bool,
    #[command(flatten)]
    pub trust: TrustArgs,
    /// Let a gate go by what is only claimed of runs that were not measured together
    #[arg(long, env = "SMBENCH_ACCEPT_RAW")]
    pub accept_raw: bool,
    #[command(flatten)]
    pub gate: GateArgs,
    #[command(flatten)]
    pub view: ViewArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Clone, Debug, ClapArgs)]
pub struct ChartArgs {
    /// Runs, oldest first [default: latest]
    pub runs: Vec<String>,
    #[command(flatten)]
    pub store: StoreArgs,
    /// Hold every run against the goals in a RON file, as in configs/goals.ron
    #[arg(long, value_name = "FILE", env = "SMBENCH_GOALS")]
    pub goals: Option<PathBuf>,
    /// Write a file instead of standard output; its format follows from its name (.html, .md, .json, .txt; .ron is goals for
    /// the next run)
    #[arg(short, long = "out", value_name = "[FORMAT:]FILE", env = "SMBENCH_OUT")]
    pub out: Vec<Target>,
}

#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    smbench history\n  \
    smbench history matmul/512x512x512 -b pooled --branch main\n  \
    smbench history -f softmax --last 100 -o history.md")]
pub struct HistoryArgs {
    /// One case: its id, or a part of it that no other has [default: a line for each case]
    pub case: Option<String>,
    /// Only this backend, by its alias; repeat it or separate by commas
    #[arg(short, long = "backend", value_name = "BACKEND", value_delimiter = ',', env = "SMBENCH_BACKEND")]
    pub backends: Vec<BackendSpec>,
    /// Only runs made on this branch
    #[arg(long, value_name = "BRANCH", env = "SMBENCH_BRANCH")]
    pub branch: Option<String>,
    /// How many runs: the newest that measured any of it
    #[arg(long, value_name = "N", default_value = "20", value_parser = one_or_more, env = "SMBENCH_LAST")]
    pub last: usize,
    #[command(flatten)]
    pub view: ViewArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

fn one_or_more(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or_else(|| format!("`{text}` is not 1 or more"))
}

#[derive(Clone, Debug, ClapArgs)]
pub struct ListArgs {
    /// What to list
    #[arg(value_enum)]
    pub what: Listed,
    #[command(flatten)]
    pub config: ConfigArgs,
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// Plugins that have a name here
    Backends,
    /// Shipped suites
    Suites,
    /// Shipped configs
    Configs,
    /// Cases of a config or suite
    Cases,
    /// Ops that a suite can name
    Ops,
    /// Stored runs
    Runs,
}

#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    smbench new acme\n  \
    smbench new acme --lang c ~/src/acme")]
pub struct NewArgs {
    /// Of the plugin and its package: a-z, 0-9, - and _
    pub name: String,
    /// Where it goes: a folder that is empty, or not there yet [default: ./NAME]
    pub dir: Option<PathBuf>,
    /// In which language
    #[arg(long, value_enum, default_value_t, value_name = "LANGUAGE", env = "SMBENCH_LANG")]
    pub lang: Language,
    /// Sources of smbench-sdk, for Rust [default: those that came with this binary]
    #[arg(long, value_name = "PATH", env = "SMBENCH_SDK")]
    pub sdk: Option<PathBuf>,
}

/// What a plugin is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// A crate that uses smbench-sdk
    #[default]
    Rust,
    /// A file, a Makefile, and a copy of smbench.h; for C++, too
    C,
}

#[derive(Clone, Debug, ClapArgs)]
pub struct CheckArgs {
    /// A library, the folder of a plugin crate, or a plugin's name
    pub plugin: BackendSpec,
    /// Only this op, or `memory` for the extension; repeat it for several
    #[arg(long = "op", value_name = "OP", env = "SMBENCH_OP")]
    pub ops: Vec<String>,
    /// Cases instead of ops: OP/SIZE, a shipped case's id, a suite (a shipped one's name, or a file), or a part of a
    /// file's ids as in mine.ron:decode; repeat it for several
    #[arg(long = "case", value_name = "CASE", conflicts_with = "ops", env = "SMBENCH_CASE")]
    pub cases: Vec<String>,
    /// Print what comes out, a line a row: a model's logits, and the ids they belong to
    #[arg(long, requires = "cases", env = "SMBENCH_VALUES")]
    pub values: bool,
    /// Write inputs (a model's weights and ids) and outputs of the one case, as safetensors
    #[arg(long, value_name = "FILE", requires = "cases", env = "SMBENCH_DUMP")]
    pub dump: Option<PathBuf>,
    /// Threads of the context
    #[arg(long, default_value = "1", value_name = "N", env = "SMBENCH_THREADS")]
    pub threads: u32,
    /// An option for the plugin's `create`
    #[arg(long = "backend-option", value_name = "KEY=VALUE", value_parser = key_value, env = "SMBENCH_BACKEND_OPTION")]
    pub backend_options: Vec<(String, String)>,
    /// How far a model's logits may be from f64, for engines that compute in less than f32 [default: what roundings of
    /// f32 may come to]
    #[arg(long, value_name = "ERROR", env = "SMBENCH_LOGIT_TOLERANCE")]
    pub logit_tolerance: Option<LogitTolerance>,
    /// A worker that says nothing for so long is killed
    #[arg(long, value_name = "TIME", default_value = "60s", env = "SMBENCH_TIMEOUT")]
    pub timeout: Span,
    /// A worker that takes more memory is killed [default: half of the machine's]
    #[arg(long, value_name = "SIZE", env = "SMBENCH_MEMORY_LIMIT")]
    pub memory_limit: Option<MemorySize>,
    #[command(flatten)]
    pub trust: TrustArgs,
    /// Load it although it was built without optimisation
    #[arg(long, env = "SMBENCH_ALLOW_DEBUG")]
    pub allow_debug: bool,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Clone, Debug, ClapArgs)]
pub struct DoctorArgs {
    /// The backend that is measured against a copy of itself [default: the first found of pooled, faer, naive]
    #[arg(short, long, value_name = "BACKEND", env = "SMBENCH_BACKEND")]
    pub backend: Option<BackendSpec>,
    #[command(flatten)]
    pub trust: TrustArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Clone, Debug, ClapArgs)]
pub struct LoopArgs {
    /// OP/SIZE, as in matmul/512x512x512, a shipped case's id, or a file's as in mine.ron:decode
    pub case: String,
    /// The backend
    #[arg(short, long, value_name = "BACKEND", env = "SMBENCH_BACKEND")]
    pub backend: BackendSpec,
    /// How long
    #[arg(long, default_value_t = 10.0, value_name = "S", env = "SMBENCH_SECONDS")]
    pub seconds: f64,
    /// Threads of the context
    #[arg(long, default_value = "1", value_name = "N", env = "SMBENCH_THREADS")]
    pub threads: u32,
    /// A worker that takes more memory is killed [default: half of the machine's]
    #[arg(long, value_name = "SIZE", env = "SMBENCH_MEMORY_LIMIT")]
    pub memory_limit: Option<MemorySize>,
    #[command(flatten)]
    pub trust: TrustArgs,
    /// Load it although it was built without optimisation
    #[arg(long, env = "SMBENCH_ALLOW_DEBUG")]
    pub allow_debug: bool,
}

#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    smbench import codeprofiler reports/*.md\n  \
    smbench import criterion target/criterion --label before\n\n\
    What another tool measured is shown beside other runs, and never judged. The same content under another date is one run.")]
pub struct ImportArgs {
    /// What the files are
    #[arg(value_enum)]
    pub format: ImportFormat,
    /// The files; of criterion its folder
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// A name for the run; a name used before moves to this one [default: the file's, without its extension]
    #[arg(short, long, value_name = "LABEL", env = "SMBENCH_LABEL")]
    pub label: Option<String>,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// What can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportFormat {
    /// Markdown of SmallMind's CodeProfiler
    Codeprofiler,
    /// The folder target/criterion, or the lines of cargo criterion --message-format=json
    Criterion,
    /// What --benchmark_out_format=json wrote
    GoogleBenchmark,
    /// What hyperfine --export-json wrote
    Hyperfine,
    /// What `smbench export RUN run` wrote
    Run,
}

#[derive(Clone, Debug, ClapArgs)]
pub struct ExportArgs {
    /// `latest`, `latest~1`, a label, the beginning of an id, or an exported file
    #[arg(default_value = "latest")]
    pub run: String,
    /// Which format
    #[arg(value_enum, default_value_t)]
    pub format: ExportFormat,
    #[command(flatten)]
    pub store: StoreArgs,
    /// Write this file instead of standard output
    #[arg(short, long, value_name = "FILE", env = "SMBENCH_OUT")]
    pub out: Option<PathBuf>,
}

/// What a run can be exported as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// The schema of docs/run.schema.json: figures
    #[default]
    Json,
    /// Everything that is stored, samples included; any command takes the file for a RUN
    Run,
    /// Comma-separated values: a line for each backend at each case
    Csv,
    /// JUnit's XML: a wrong result is a failure, a crash an error
    Junit,
    /// Bencher's metric format (BMF)
    #[value(alias = "bmf")]
    Bencher,
    /// What github-action-benchmark reads with `tool: customSmallerIsBetter`
    GithubActionBenchmark,
}

#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    smbench note latest with the fan on full\n  \
    smbench note before")]
pub struct NoteArgs {
    /// `latest`, `latest~1`, a label, or the beginning of an id
    pub run: String,
    /// What to say of it; several words need no quotes [default: list what was said]
    pub text: Vec<String>,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Never removed: labelled runs, and runs that are going on. Neither counts against N.")]
pub struct GcArgs {
    /// How many of the newest runs to keep; required, since no number would suit everybody
    #[arg(long, value_name = "N", env = "SMBENCH_KEEP")]
    pub keep: usize,
    /// Say what would be removed, and remove nothing
    #[arg(long, env = "SMBENCH_DRY_RUN")]
    pub dry_run: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}
