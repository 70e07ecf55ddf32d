//! What follows from stored runs: a row for each backend at each case, and the comparisons.
//!
//! The one place where samples become figures. Reports only arrange what stands here.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use crate::case::Case;
use crate::control::{self, Control};
use crate::disturbance::Disturbance;
use crate::message::{AccountReport, Allocations, Counters, ReceiptInfo, Span, Switches, Tensors};
use crate::outcome::{ErrorStats, Outcome};
use crate::plan::Plan;
use crate::run::Run;
use crate::samples::{Launch, Mode, Series};
use crate::schedule::{CallRule, Schedule};
use crate::separate::{self, Claimed, Drift};
use crate::stats::bimodal::{self, Modes};
use crate::stats::{Interval, benjamini_hochberg, geometric, hodges_lehmann, order_statistics, quantile, signed_rank};
use crate::units::{Bytes, Nanoseconds};
use crate::verdict::{self, Evidence, Facts, Judged, Verdict};

/// Intervals are shown at this level.
pub const CONFIDENCE: f64 = 0.95;
/// And equivalence is judged at this one: two one-sided tests at 5 %.
pub const CONFIDENCE_EQUIVALENT: f64 = 0.90;

/// What follows from one run or several.
#[derive(Clone, Debug)]
pub struct Study {
    /// The runs, in the order asked for (oldest first by custom).
    pub runs: Vec<Run>,
    /// Every backend at every case of every run.
    pub rows: Vec<Row>,
    /// Within each run against its reference; then each run against the one before it.
    pub comparisons: Vec<Comparison>,
    /// The A/A control of each run, by class of its cases.
    pub controls: Vec<Vec<Control>>,
}

/// One backend at one case of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Index into [`Study::runs`].
    pub run: usize,
    /// What.
    pub case: Case,
    /// Who: index into the run's backends.
    pub backend: usize,
    /// Who, by name.
    pub alias: String,
    /// How it fared.
    pub outcome: Outcome,
    /// How the backends shared the machine; split if any launch was.
    pub mode: Mode,
    /// Launches it took part in.
    pub launches: usize,
    /// Samples in all of them.
    pub samples: usize,
    /// Time of one call.
    pub time_ns: Option<Time>,
    /// Time of the very first call in a process: median over launches.
    pub cold_ns: Option<f64>,
    /// Rates that follow from the time and the case's cost; none where nothing is computed.
    pub rates: Option<Rates>,
    /// Of a model: rates, times and allocations of a token.
    pub tokens: Option<TokenFigures>,
    /// Allocator traffic per call.
    pub allocations: Option<Allocations>,
    /// Why it could not be counted, where it could not.
    pub allocations_missing: Option<String>,
    /// What the plugin's own allocator did, per call.
    pub tensors: Option<Tensors>,
    /// Page faults per call.
    pub page_faults: Option<f64>,
    /// Times threads stopped running, per call.
    pub switches: Option<Switches>,
    /// What the processor counted, per call.
    pub counters: Option<Counters>,
    /// Why it could not be counted, where it could not.
    pub counters_missing: Option<String>,
    /// Peak resident size of a process that does nothing else.
    pub peak_rss_bytes: Option<u64>,
    /// Distance from the f64 oracle.
    pub error: Option<ErrorStats>,
    /// How far a model's logits were allowed to be from it, where the backend's entry in the config says so.
    pub logit_tolerance: Option<f64>,
    /// What really ran.
    pub receipt: Option<ReceiptInfo>,
    /// Ops' shares of a model's time.
    pub spans: Option<Vec<Span>>,
    /// Words of caution.
    pub flags: Vec<String>,
}

/// Time of one call in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// Median over launches of launch medians.
    pub median: f64,
    /// Its 95 % interval by order statistics; `None` under 6 launches.
    pub interval: Option<Interval>,
    /// 10th percentile of all samples.
    pub p10: f64,
    /// 90th percentile of all samples.
    pub p90: f64,
}

/// Rates of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// 1e9 floating-point operations per second.
    pub gflops: f64,
    /// 1e9 bytes per second, operands touched once.
    pub gb_per_s: f64,
    /// Output elements per second.
    pub elements_per_s: f64,
    /// Percent of the limit measured in the run: FMA peak times threads where a byte meets 4 flops
    /// or more, read bandwidth where the operands exceed every cache; else there is no measured limit.
    pub peak_pct: Option<f64>,
}

/// What a token costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenFigures {
    /// Tokens of a call, over the median time of a call.
    pub per_s: f64,
    /// From the prompt to the first logits (TTFT); all launches pooled.
    pub first_ns: Percentiles,
    /// One further step, which gives each sequence a token; all launches pooled.
    pub next_ns: Percentiles,
    /// Blocks asked for, per token.
    pub allocations: Option<f64>,
    /// Bytes asked for, per token.
    pub allocated_bytes: Option<f64>,
    /// Bytes of key and value cache, per token.
    pub kv_bytes: Option<u64>,
}

/// Percentiles in nanoseconds; `None` where there are too few samples for one (METHOD §2.8).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Percentiles {
    /// From 10 samples.
    pub p50: Option<f64>,
    /// From 50 samples.
    pub p90: Option<f64>,
    /// From 500 samples.
    pub p99: Option<f64>,
}

impl Percentiles {
    fn of<'a>(ns: impl Iterator<Item = &'a u64>) -> Self {
        let pooled: Vec<f64> = ns.map(|&ns| ns as f64).collect();
        let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|p| quantile::percentile(&pooled, p));
        Self { p50, p90, p99 }
    }
}

/// Backend against reference at one case; ratios below 1 are faster.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Index of the backend's row.
    pub row: usize,
    /// Index of the reference's row.
    pub reference: usize,
    /// How they came to stand beside each other.
    pub evidence: Evidence,
    /// Time of backend over time of reference.
    pub ratio: f64,
    /// Its 95 % interval; paired evidence of enough launches only.
    pub interval: Option<Interval>,
    /// The 90 % interval, of the same.
    pub interval_90: Option<Interval>,
    /// Two-sided signed-rank p over launches; paired evidence only.
    pub p: Option<f64>,
    /// Benjamini–Hochberg over every comparison of the run.
    pub q: Option<f64>,
    /// Relative change that would matter (METHOD §4).
    pub margin: f64,
    /// Median log ratio of each launch.
    pub d_launch: Vec<f64>,
    /// The smallest change it could have seen, in percent; where it has an interval.
    pub detectable_pct: Option<f64>,
    /// What may be said of it and why; paired evidence only.
    pub judged: Option<Judged>,
    /// What may be claimed of it and why; of two runs only.
    pub claimed: Option<Claimed>,
    /// Launches in all that would decide it, where it is undecided and 1,000 suffice.
    pub launches_needed: Option<u32>,
}

impl Comparison {
    /// What may be said of it; nothing of two runs.
    pub fn verdict(&self) -> Option<Verdict> {
        self.judged.as_ref().map(|judged| judged.verdict)
    }

    /// Why the verdict, or the claim, is what it is.
    pub fn reason(&self) -> Option<&str> {
        let judged = self.judged.as_ref().map(|judged| &judged.reason);
        judged.or(self.claimed.as_ref().map(|claimed| &claimed.reason)).map(String::as_str)
    }

    /// Of two runs: is the newer claimed to be slower?
    pub fn is_claimed_slower(&self) -> bool {
        self.claimed.as_ref().is_some_and(|claimed| claimed.claim.is_slower())
    }

    /// Is it said to be faster or slower?
    pub fn is_difference(&self) -> bool {
        self.verdict().is_some_and(Verdict::is_difference)
    }
}

impl Study {
    /// Studies stored runs, in the order given.
    pub fn of(runs: Vec<Run>) -> Self {
        Self::apart(runs, Drift::default())
    }

    /// Studies stored runs, knowing how far runs of one build lie apart on their machine.
    pub fn apart(runs: Vec<Run>, drift: Drift) -> Self {
        let mut study = Self { runs: Vec::new(), rows: Vec::new(), comparisons: Vec::new(), controls: Vec::new() };
        for run in runs {
            study.add(run);
        }
        study.compare_runs(drift);
        study
    }

    /// One backend of a stored run against another, which need not have been its reference. Every figure is that of a run
    /// with this reference and all backends; only the rows of these two are kept.
    pub fn pair(mut run: Run, reference: usize, backend: usize) -> Self {
        run.plan.against.clear();
        run.plan.controlled = Some(mem::replace(&mut run.plan.reference, reference));
        let mut study = Self::of(vec![run]);
        let is_kept = |row: &Row| [reference, backend].contains(&row.backend);
        let kept: Vec<usize> = (0..study.rows.len()).filter(|&row| is_kept(&study.rows[row])).collect();
        let place = |row: usize| kept.iter().position(|&kept| kept == row);
        study.comparisons = { study.comparisons }
            .into_iter()
            .filter_map(|of| Some(Comparison { row: place(of.row)?, reference: place(of.reference)?, ..of }))
            .collect();
        study.rows.retain(is_kept);
        study
    }

    fn add(&mut self, run: Run) {
        let index = self.runs.len();
        let first = self.rows.len();
        let launches = launches_by_case(&run);
        for (case, launches) in launches.iter().enumerate() {
            for backend in 0..run.plan.backends.len() {
                self.rows.push(row(&run, index, case, backend, launches));
            }
        }
        let mut comparisons = paired(&run, first, &self.rows, &launches);
        adjust(&mut comparisons);
        let controls = control::controls(&run.plan, &launches);
        judge(&mut comparisons, &run, first, &self.rows, &launches, &controls);
        self.comparisons.append(&mut comparisons);
        self.controls.push(controls);
        self.runs.push(run);
    }

    /// Each run against the one before it: same case, same definition, same alias.
    fn compare_runs(&mut self, drift: Drift) {
        let by_key = |study: &Self, run: usize| -> BTreeMap<(String, u32, String, String), usize> {
            let rows = study.rows.iter().enumerate().filter(move |(_, row)| row.run == run && row.time_ns.is_some());
            rows.map(|(index, row)| (row.key(), index)).collect()
        };
        for run in 1..self.runs.len() {
            let (before, now) = (by_key(self, run - 1), by_key(self, run));
            for (key, row) in now {
                if let Some(&reference) = before.get(&key) {
                    let comparison = separate::compare(self, row, reference, drift);
                    self.comparisons.extend(comparison);
                }
            }
        }
    }

    /// By how much identical code was told apart in a run, in the class of cases where it was most.
    pub fn noise_floor(&self, run: usize) -> Option<f64> {
        self.controls[run].iter().filter_map(|control| control.floor).max_by(f64::total_cmp)
    }

    /// The comparisons within one run.
    pub fn within(&self, run: usize) -> impl Iterator<Item = &Comparison> {
        self.comparisons.iter().filter(move |c| c.evidence.is_together() && self.rows[c.row].run == run)
    }

    /// The comparisons of one run with the one before it.
    pub fn across(&self, run: usize) -> impl Iterator<Item = &Comparison> {
        self.comparisons.iter().filter(move |c| !c.evidence.is_together() && self.rows[c.row].run == run)
    }

    /// Cases of the newest run with a comparison that is neither equivalent nor a difference yet.
    pub fn open_cases(&self) -> BTreeSet<usize> {
        let Some(run) = self.runs.len().checked_sub(1) else { return BTreeSet::new() };
        let first = self.rows.iter().position(|row| row.run == run).unwrap_or(0);
        let backends = self.runs[run].plan.backends.len().max(1);
        let open = |of: &&Comparison| matches!(of.verdict(), Some(Verdict::Inconclusive | Verdict::Unreliable));
        self.within(run).filter(open).map(|of| (of.row - first) / backends).collect()
    }

    /// The rows of one run.
    pub fn rows_of(&self, run: usize) -> impl Iterator<Item = (usize, &Row)> {
        self.rows.iter().enumerate().filter(move |(_, row)| row.run == run)
    }

    /// The paired comparison of a row with its run's reference.
    pub fn comparison_of(&self, row: usize) -> Option<&Comparison> {
        self.comparisons.iter().find(|c| c.row == row && c.evidence.is_together())
    }

    /// Rows of one run that have no comparison though the one they were to be compared with was measured; each with that one.
    pub fn lost(&self, run: usize) -> impl Iterator<Item = (usize, usize)> {
        let key = |row: &Row, backend: usize| (row.case.id.clone(), row.case.threads, backend);
        let measured = self.rows_of(run).filter(|(_, row)| row.outcome.is_measured());
        let measured: BTreeMap<_, usize> = measured.map(|(index, row)| (key(row, row.backend), index)).collect();
        let compared: BTreeSet<usize> = self.within(run).map(|comparison| comparison.row).collect();
        self.rows_of(run).filter_map(move |(index, row)| {
            let backend = self.runs[run].plan.reference_of(row.backend)?;
            let reference = *measured.get(&key(row, backend))?;
            (!compared.contains(&index)).then_some((index, reference))
        })
    }

    /// Geometric mean of the ratios of some comparisons; `None` of none.
    pub fn geomean<'a>(comparisons: impl Iterator<Item = &'a Comparison>) -> Option<f64> {
        let ratios: Vec<f64> = comparisons.map(|comparison| comparison.ratio).collect();
        (!ratios.is_empty()).then(|| geometric::mean(&ratios))
    }
}

impl Row {
    /// Bytes that every call keeps, if it leaks.
    pub fn leaked_bytes(&self) -> Option<f64> {
        self.allocations.and_then(leaked_bytes)
    }

    /// What makes rows of two runs comparable.
    fn key(&self) -> (String, u32, String, String) {
        (self.case.id.clone(), self.case.threads, self.case.definition.clone(), self.alias.clone())
    }
}

pub(crate) fn launches_by_case(run: &Run) -> Vec<Vec<&Launch>> {
    let mut by_case = vec![Vec::new(); run.plan.cases.len()];
    for launch in &run.launches {
        by_case[launch.case].push(&launch.launch);
    }
    by_case
}

/// The launches of the case that a row is about.
pub(crate) fn launches_of_row<'a>(study: &'a Study, row: &Row) -> Vec<&'a Launch> {
    let run = &study.runs[row.run];
    let case = run.plan.cases.iter().position(|case| *case == row.case);
    case.map(|case| run.launches_of(case).collect()).unwrap_or_default()
}

fn row(run: &Run, index: usize, case: usize, backend: usize, launches: &[&Launch]) -> Row {
    let definition = &run.plan.cases[case];
    let outcome = run.outcome_in(case, backend, launches);
    let series: Vec<_> = launches.iter().filter_map(|launch| launch.of(backend)).collect();
    let per_launch: Vec<Vec<f64>> = series.iter().map(|series| series.per_call_ns()).collect();
    // What is not right has no time, whatever was sampled before that was found out.
    let time_ns = if outcome.is_measured() { time(&per_launch) } else { None };
    let cold: Vec<f64> = series.iter().map(|series| series.cold_ns as f64).collect();
    let check = run.check(case, backend);
    let account = run.account(case, backend);
    let receipt = account.and_then(|account| account.receipt.clone()).or_else(|| check?.receipt.clone());
    Row {
        run: index,
        case: definition.clone(),
        backend,
        alias: run.plan.backends[backend].alias().to_owned(),
        mode: if launches.iter().any(|launch| launch.mode == Mode::Split) { Mode::Split } else { Mode::Shared },
        launches: series.len(),
        samples: per_launch.iter().map(Vec::len).sum(),
        cold_ns: time_ns.map(|_| quantile::median(&cold)),
        rates: time_ns.filter(|_| definition.cost.flops > 0).map(|time| rates(run, definition, time.median)),
        tokens: time_ns.and_then(|time| tokens(definition, time.median, &series, account)),
        time_ns,
        allocations: account.and_then(|account| account.allocations),
        allocations_missing: account.and_then(|account| account.allocations_missing.clone()),
        tensors: account.and_then(|account| account.tensors),
        page_faults: account.and_then(|account| account.page_faults),
        switches: account.and_then(|account| account.switches),
        counters: account.and_then(|account| account.counters),
        counters_missing: account.and_then(|account| account.counters_missing.clone()),
        peak_rss_bytes: account.and_then(|account| account.peak_rss_bytes),
        error: check.and_then(|check| check.error),
        logit_tolerance: run.plan.logit_tolerance(case, backend),
        receipt,
        spans: account.and_then(|account| account.spans.clone()),
        flags: flags(launches, backend, &per_launch, account),
        outcome,
    }
}

fn time(per_launch: &[Vec<f64>]) -> Option<Time> {
    let all: Vec<f64> = per_launch.iter().flatten().copied().collect();
    let (median, interval) = centre(per_launch)?;
    Some(Time { median, interval, p10: quantile::quantile(&all, 0.1), p90: quantile::quantile(&all, 0.9) })
}

/// METHOD §3: median over launches of launch medians, interval by order statistics. `None` without samples.
pub(crate) fn centre(per_launch: &[Vec<f64>]) -> Option<(f64, Option<Interval>)> {
    let medians: Vec<f64> = per_launch.iter().map(|samples| quantile::median(samples)).collect();
    let interval = order_statistics::median_interval(&medians, CONFIDENCE);
    per_launch.iter().any(|samples| !samples.is_empty()).then(|| (quantile::median(&medians), interval))
}

fn rates(run: &Run, case: &Case, ns: f64) -> Rates {
    let gflops = case.cost.flops as f64 / ns;
    let gb_per_s = case.cost.bytes as f64 / ns;
    let largest_cache = run.machine.cache_bytes.iter().copied().max().unwrap_or(u64::MAX);
    let peak_pct = run.peak.and_then(|peak| {
        if case.cost.flops >= 4 * case.cost.bytes {
            Some(100.0 * gflops / (peak.gflops * f64::from(case.threads)))
        } else {
            (case.cost.footprint() > largest_cache).then(|| 100.0 * gb_per_s / peak.read_gbs)
        }
    });
    Rates { gflops, gb_per_s, elements_per_s: case.cost.elements as f64 * 1e9 / ns, peak_pct }
}

/// Of a model's case: what a token costs.
fn tokens(case: &Case, call_ns: f64, series: &[&Series], account: Option<&AccountReport>) -> Option<TokenFigures> {
    let of_case = case.tokens?;
    let per_call = of_case.per_call as f64;
    let allocations = account.and_then(|account| account.allocations);
    Some(TokenFigures {
        per_s: per_call * 1e9 / call_ns,
        first_ns: Percentiles::of(series.iter().flat_map(|series| &series.stamps.first_ns)),
        next_ns: Percentiles::of(series.iter().flat_map(|series| &series.stamps.next_ns)),
        allocations: allocations.map(|allocations| allocations.count / per_call),
        allocated_bytes: allocations.map(|allocations| allocations.bytes / per_call),
        kv_bytes: of_case.kv_bytes,
    })
}

/// What a reader should know of a backend's launches.
fn flags(
    launches: &[&Launch],
    backend: usize,
    per_launch: &[Vec<f64>],
    account: Option<&AccountReport>,
) -> Vec<String> {
    let mut flags: Vec<String> = Vec::new();
    let changed = launches.iter().flat_map(|launch| &launch.flags);
    for (_, flag) in changed.filter(|(who, _)| *who == backend) {
        if !flags.contains(flag) {
            flags.push(flag.clone());
        }
    }
    let two_times = two_times(per_launch);
    let of_samples: Vec<f64> = per_launch.iter().map(|samples| quantile::mean_over_median(samples, 0.0)).collect();
    // Where samples hold many calls, no sample knows of a slow one.
    let of_calls: Vec<f64> = launches.iter().filter_map(|launch| launch.of(backend)?.tail).collect();
    if two_times.is_some() || is_tail_in_most(&of_samples) || is_tail_in_most(&of_calls) {
        flags.push("tail".to_owned());
    }
    flags.extend(two_times);
    flags.extend(leak(account));
    flags
}

/// Memory that every call keeps.
fn leak(account: Option<&AccountReport>) -> Option<String> {
    let leaked = account?.allocations.and_then(leaked_bytes)?;
    Some(format!("leak: {} of every call are never freed", Bytes(leaked)))
}

/// A byte at least: a table that grows now and then keeps a fraction of one.
fn leaked_bytes(allocations: Allocations) -> Option<f64> {
    Some(allocations.kept_bytes).filter(|&kept| kept >= 1.0)
}

/// What METHOD §3 calls a tail, of a mean over a median, and of one mode over the other.
const TAIL: f64 = 1.2;

/// Is it a tail in more than half of the launches? Of each, the mean over the median.
fn is_tail_in_most(launches: &[f64]) -> bool {
    2 * launches.iter().filter(|&&tail| tail > TAIL).count() > launches.len()
}

/// Two times that a call takes, and nothing between: some processes got the one, some the other.
fn two_times(per_launch: &[Vec<f64>]) -> Option<String> {
    let medians: Vec<f64> = per_launch.iter().map(|samples| quantile::median(samples)).collect();
    let Modes { low, high, low_count } = bimodal::modes(&medians).filter(|modes| modes.high > TAIL * modes.low)?;
    let high_count = medians.len() - low_count;
    Some(format!("two times: {} in {low_count} launches, {} in {high_count}", Nanoseconds(low), Nanoseconds(high)))
}

/// Every backend against its reference, case by case.
fn paired(run: &Run, first: usize, rows: &[Row], launches: &[Vec<&Launch>]) -> Vec<Comparison> {
    let backends = run.plan.backends.len();
    let mut comparisons = Vec::new();
    for (case, launches) in launches.iter().enumerate() {
        let pairs = (0..backends).filter_map(|backend| Some((backend, run.plan.reference_of(backend)?)));
        for (backend, against) in pairs {
            let [row, reference] = [backend, against].map(|backend| first + case * backends + backend);
            if rows[row].outcome.is_measured() && rows[reference].outcome.is_measured() {
                let d_launch = d_launch(launches, backend, against);
                comparisons.extend(compare(&run.plan, rows, row, reference, d_launch));
            }
        }
    }
    comparisons
}

/// The median log ratio of each launch that both took part in.
pub(crate) fn d_launch(launches: &[&Launch], backend: usize, reference: usize) -> Vec<f64> {
    let pairs = launches.iter().filter_map(|launch| Some((launch.of(backend)?, launch.of(reference)?)));
    let ratios = pairs.map(|(backend, reference)| backend.log_ratios(reference));
    ratios.filter(|ratios| !ratios.is_empty()).map(|ratios| quantile::median(&ratios)).collect()
}

fn compare(plan: &Plan, rows: &[Row], row: usize, reference: usize, d_launch: Vec<f64>) -> Option<Comparison> {
    if d_launch.is_empty() {
        return None;
    }
    let interval = hodges_lehmann::interval(&d_launch, CONFIDENCE);
    let margin = plan.margin_of(&rows[row].case);
    Some(Comparison {
        row,
        reference,
        evidence: if plan.replayed { Evidence::Replayed } else { Evidence::Paired },
        ratio: hodges_lehmann::estimate(&d_launch).exp(),
        interval: interval.map(|interval| interval.exp()),
        interval_90: hodges_lehmann::interval(&d_launch, CONFIDENCE_EQUIVALENT).map(|interval| interval.exp()),
        p: Some(signed_rank::p_value_two_sided(&d_launch)),
        q: None,
        margin,
        d_launch,
        detectable_pct: interval.map(|interval| 100.0 * verdict::detectable(interval, margin)),
        judged: None,
        claimed: None,
        launches_needed: None,
    })
}

/// Fills in q: Benjamini–Hochberg over every comparison of the run.
fn adjust(comparisons: &mut [Comparison]) {
    let p: Vec<f64> = comparisons.iter().map(|comparison| comparison.p.unwrap_or(1.0)).collect();
    for (comparison, q) in comparisons.iter_mut().zip(benjamini_hochberg::q_values(&p)) {
        comparison.q = Some(q);
    }
}

/// Verdicts, once q is known.
fn judge(
    comparisons: &mut [Comparison],
    run: &Run,
    first: usize,
    rows: &[Row],
    launches: &[Vec<&Launch>],
    controls: &[Control],
) {
    let count = comparisons.len();
    for comparison in comparisons {
        let backends = [comparison.row, comparison.reference].map(|row| rows[row].backend);
        let case = (comparison.row - first) / run.plan.backends.len();
        let class = run.plan.cases[case].class();
        let off = controls.iter().find(|control| control.class == class && control.is_off(comparison.margin));
        let level = (run.plan.alpha(), comparison.q.unwrap_or(1.0));
        let (d_launch, threads) = (&comparison.d_launch, run.plan.cases[case].threads);
        let facts = Facts {
            comparisons: count,
            control: off.map(|control| control.ratio),
            ..facts(d_launch, level, comparison.margin, backends, &launches[case], threads)
        };
        let judged = verdict::judge(&facts);
        let undecided = judged.verdict == Verdict::Inconclusive;
        comparison.launches_needed = verdict::launches_needed(&facts).filter(|_| undecided);
        comparison.judged = Some(judged);
    }
}

/// What a verdict on one comparison alone follows from; `alpha` and `q` as in [`Facts`].
pub(crate) fn facts(
    d_launch: &[f64],
    (alpha, q): (f64, f64),
    margin: f64,
    backends: [usize; 2],
    launches: &[&Launch],
    threads: u32,
) -> Facts {
    let both = launches.iter().filter_map(|launch| Some((*launch, launch.of(backends[0])?, launch.of(backends[1])?)));
    let both: Vec<(&Launch, &Series, &Series)> = both.collect();
    let rounds = both.iter().map(|(_, backend, reference)| backend.log_ratios(reference).len()).min();
    let calls = both.iter().flat_map(|(launch, ..)| launch.series.iter()).flat_map(|(_, series)| series.per_call_ns());
    let slowest_ns = calls.fold(0.0, f64::max) as u64;
    Facts {
        theta: hodges_lehmann::estimate(d_launch),
        alpha,
        interval: hodges_lehmann::interval(d_launch, 1.0 - alpha),
        interval_90: hodges_lehmann::interval(d_launch, 1.0 - 2.0 * alpha),
        q,
        comparisons: 1,
        margin,
        launches: d_launch.len(),
        rounds: rounds.unwrap_or(0),
        rounds_min: Schedule::new(CallRule::default()).rounds_at_least(slowest_ns) as usize,
        step: verdict::step(d_launch, margin),
        waited: waited(both.iter().map(|(launch, ..)| *launch), threads),
        control: None,
    }
}

/// Run-queue wait over wall time, of the launches that know both: all threads' wait, over what the case's could have run.
///
/// Several threads wait for each other, too, which is a plugin's own affair: then it is at most what others ran meanwhile.
pub(crate) fn waited<'a>(launches: impl Iterator<Item = &'a Launch>, threads: u32) -> Option<f64> {
    let disturbance = Disturbance::of(launches.map(|launch| &launch.environment));
    let percent = match (threads, disturbance.others_busy_pct) {
        (2.., Some(others)) => disturbance.runqueue_wait_pct?.min(others),
        _ => disturbance.runqueue_wait_pct?,
    };
    Some(percent / 100.0 / f64::from(threads.max(1)))
}
