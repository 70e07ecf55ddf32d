//! One backend at one case.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use smbench_core::case::Cost;
use smbench_core::message::{Allocations, Counters, ReceiptInfo, Span, Switches, Tensors};
use smbench_core::outcome::ErrorStats;
use smbench_core::stats::quantile;
use smbench_core::study::{self, Row, Study, TokenFigures};

/// One backend at one case of one run.
#[derive(Serialize)]
pub struct Case<'a> {
    run: &'a str,
    case: &'a str,
    suite: &'a str,
    params: &'a BTreeMap<String, Value>,
    definition: &'a str,
    backend: &'a str,
    tier: Option<&'a str>,
    threads: u32,
    outcome: &'static str,
    reason: Option<&'a str>,
    bound: &'static str,
    cost: Cost,
    mode: &'static str,
    launches: usize,
    samples: usize,
    time_ns: Option<Time>,
    cold_ns: Option<f64>,
    gflops: Option<f64>,
    peak_pct: Option<f64>,
    gb_per_s: Option<f64>,
    elements_per_s: Option<f64>,
    tokens_per_s: Option<f64>,
    ttft_ns: Option<Percentiles>,
    per_token: Option<PerToken>,
    allocations: Option<Allocations>,
    allocations_missing: Option<&'a str>,
    tensors: Option<Tensors>,
    page_faults: Option<f64>,
    peak_rss_bytes: Option<u64>,
    context_switches: Option<Switches>,
    counters: Option<Counted>,
    counters_missing: Option<&'a str>,
    error: Option<ErrorStats>,
    logit_tolerance: Option<f64>,
    spans: Option<&'a [Span]>,
    receipt: Option<&'a ReceiptInfo>,
    flags: &'a [String],
}

/// Time of one call.
#[derive(Serialize)]
struct Time {
    median: f64,
    low: Option<f64>,
    high: Option<f64>,
    p10: Option<f64>,
    p90: Option<f64>,
}

/// What the processor counted in a call; each null where it does not count that.
#[derive(Serialize)]
struct Counted {
    instructions: Option<f64>,
    cycles: Option<f64>,
    cache_misses: Option<f64>,
    branch_misses: Option<f64>,
    per_element: Option<Counters>,
}

/// Each null where there are too few samples for it.
#[derive(Serialize)]
struct Percentiles {
    p50: Option<f64>,
    p90: Option<f64>,
    p99: Option<f64>,
}

/// What a token of a model costs.
#[derive(Serialize)]
struct PerToken {
    time_ns: Option<Percentiles>,
    allocations: Option<f64>,
    alloc_bytes: Option<f64>,
    kv_bytes: Option<u64>,
}

impl<'a> Case<'a> {
    /// A row as others see it.
    pub fn of(study: &'a Study, row: &'a Row) -> Self {
        Self {
            run: &study.runs[row.run].id,
            case: &row.case.id,
            suite: &row.case.suite,
            params: &row.case.params,
            definition: &row.case.definition,
            backend: &row.alias,
            tier: tier(study, row),
            threads: row.case.threads,
            outcome: row.outcome.word(),
            reason: row.outcome.reason(),
            bound: row.case.bound.word(),
            cost: row.case.cost,
            mode: row.mode.word(),
            launches: row.launches,
            samples: row.samples,
            time_ns: row.time_ns.map(|time| Time::of(time, row.samples)),
            cold_ns: row.cold_ns,
            gflops: row.rates.map(|rates| rates.gflops),
            peak_pct: row.rates.and_then(|rates| rates.peak_pct),
            gb_per_s: row.rates.map(|rates| rates.gb_per_s),
            elements_per_s: row.rates.map(|rates| rates.elements_per_s),
            tokens_per_s: row.tokens.map(|tokens| tokens.per_s),
            ttft_ns: row.tokens.and_then(|tokens| Percentiles::of(tokens.first_ns)),
            per_token: row.tokens.map(PerToken::of),
            allocations: row.allocations,
            allocations_missing: row.allocations_missing.as_deref(),
            tensors: row.tensors,
            page_faults: row.page_faults,
            peak_rss_bytes: row.peak_rss_bytes,
            context_switches: row.switches,
            counters: row.counters.map(|counters| Counted::of(counters, row.case.cost)),
            counters_missing: row.counters_missing.as_deref(),
            error: row.error,
            logit_tolerance: row.logit_tolerance,
            spans: row.spans.as_deref(),
            receipt: row.receipt.as_ref(),
            flags: &row.flags,
        }
    }
}

/// The tier that ran, as the receipt says; else the one asked for.
fn tier<'a>(study: &'a Study, row: &'a Row) -> Option<&'a str> {
    let ran = row.receipt.as_ref().map(|receipt| receipt.tier.as_str()).filter(|tier| !tier.is_empty());
    ran.or_else(|| study.runs[row.run].plan.backends[row.backend].spec.tier.as_deref())
}

impl Counted {
    fn of(per_call: Counters, cost: Cost) -> Self {
        let Counters { instructions, cycles, cache_misses, branch_misses } = per_call;
        Self { instructions, cycles, cache_misses, branch_misses, per_element: per_call.per(cost.elements) }
    }
}

impl Percentiles {
    /// `None` where not even the median has samples enough.
    fn of(study::Percentiles { p50, p90, p99 }: study::Percentiles) -> Option<Self> {
        p50.map(|_| Self { p50, p90, p99 })
    }
}

impl PerToken {
    fn of(tokens: TokenFigures) -> Self {
        Self {
            time_ns: Percentiles::of(tokens.next_ns),
            allocations: tokens.allocations,
            alloc_bytes: tokens.allocated_bytes,
            kv_bytes: tokens.kv_bytes,
        }
    }
}

impl Time {
    fn of(time: study::Time, samples: usize) -> Self {
        let enough = |p: f64| quantile::samples_needed(p).is_some_and(|needed| samples >= needed);
        Self {
            median: time.median,
            low: time.interval.map(|interval| interval.low),
            high: time.interval.map(|interval| interval.high),
            p10: Some(time.p10).filter(|_| enough(0.1)),
            p90: Some(time.p90).filter(|_| enough(0.9)),
        }
    }
}
