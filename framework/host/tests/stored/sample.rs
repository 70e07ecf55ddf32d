//! A run that has one of everything, made by hand.

use std::collections::BTreeMap;

use serde_json::json;
use smbench_core::backend::{Backend, PluginInfo};
use smbench_core::case::{Bound, Case, Cost, Tokens};
use smbench_core::config::Preset;
use smbench_core::confinement::{Grants, Protection};
use smbench_core::imported::{Copied, Imported, Scope, Totals};
use smbench_core::message::{
    AccountReport, Allocations, CheckReport, Counters, Peak, ReceiptInfo, Span, Switches, Tensors,
};
use smbench_core::outcome::{ErrorStats, Outcome};
use smbench_core::plan::Plan;
use smbench_core::run::{Account, Blame, CaseLaunch, Check, Git, Machine, Note, Run, State};
use smbench_core::samples::{Environment, Launch, Mode, Series, Stamps};

/// A run of this id with one of everything.
pub fn run(id: &str) -> Run {
    Run {
        id: id.to_owned(),
        label: Some("before".to_owned()),
        created: format!("2026-11-23T08:15:02Z {id}"),
        command: "smbench run quick -b naive".to_owned(),
        smbench: "0.1.0".to_owned(),
        state: State::Finished,
        git: Some(Git { commit: "c0ffee".to_owned(), branch: None, dirty: true }),
        machine: machine(),
        peak: Some(Peak { gflops: 101.25, read_gbs: 1.0 / 3.0 }),
        plan: plan(),
        checks: checks(),
        launches: vec![launch(1, 0), launch(0, 0), launch(1, 1)],
        accounts: accounts(),
        blames: vec![Blame { case: 1, backend: 1, outcome: Outcome::Failed("signal 11".to_owned()) }],
        notes: vec![Note { created: "2026-11-23T09:00:00Z".to_owned(), text: "with the fan on".to_owned() }],
        imported: Some(imported()),
    }
}

fn imported() -> Imported {
    Imported {
        format: "codeprofiler".to_owned(),
        content: "c0".repeat(32),
        totals: Some(Totals { ns: 1e9 / 3.0, bytes: Some(0.5) }),
        nested: vec![Scope { name: "inner".to_owned(), calls: 12, ns: 0.25 }],
        copies: vec![Copied { label: "stale".to_owned(), created: "2026-11-24T08:15:02Z".to_owned() }],
    }
}

/// The same run before anything was measured.
pub fn begun(id: &str) -> Run {
    Run {
        state: State::Running,
        peak: None,
        checks: vec![],
        launches: vec![],
        accounts: vec![],
        blames: vec![],
        notes: vec![],
        ..run(id)
    }
}

fn machine() -> Machine {
    Machine {
        fingerprint: "f".repeat(64),
        host: "anvil".to_owned(),
        arch: "x86_64".to_owned(),
        os: "Linux 6.18.44".to_owned(),
        cpu: "a fast one".to_owned(),
        cores: 2,
        cache_bytes: vec![48 << 10, 2 << 20],
        simd: vec!["avx".to_owned(), "avx2".to_owned()],
        memory_bytes: u64::MAX,
        hypervisor: None,
        libc: "glibc 2.41".to_owned(),
    }
}

fn plan() -> Plan {
    Plan {
        config: "quick".to_owned(),
        preset: Preset::Quick,
        seed: u64::MAX - 1,
        cases: vec![case("simd/matmul/64x64x64/f32", 1), case("simd/matmul/64x64x64/f32", 2)],
        backends: vec![backend("naive", None), backend("pooled@avx2", Some("avx2"))],
        reference: 1,
        launches: 12,
        max_call_ns: 50_000_000,
        timeout_ms: 60_000,
        memory_limit_bytes: 4 << 30,
        allow_debug: true,
        ..Plan::default()
    }
}

fn case(id: &str, threads: u32) -> Case {
    Case {
        id: id.to_owned(),
        suite: "simd".to_owned(),
        workload: "matmul(m: 64)".to_owned(),
        params: BTreeMap::from([("m".to_owned(), json!(64)), ("scale".to_owned(), json!(0.1))]),
        threads,
        cost: Cost { flops: 1 << 40, bytes: 3 << 14, elements: 4096, passes: 1 },
        bound: Bound::Compute,
        tokens: Some(Tokens { per_call: 25, kv_bytes: (threads > 1).then_some(2048) }),
        definition: "d".repeat(64),
        oracle: None,
    }
}

fn backend(alias: &str, tier: Option<&str>) -> Backend {
    let mut spec: smbench_core::backend::BackendSpec = alias.parse().unwrap();
    spec.options = vec![("block".to_owned(), "64".to_owned()), ("a".to_owned(), String::new())];
    assert_eq!(spec.tier.as_deref(), tier);
    Backend {
        path: format!("/opt/lib{}.so", spec.source),
        sha256: format!("{:0>64}", spec.source.len()),
        libraries_sha256: String::new(),
        grants: Grants { read: vec!["/plugins".into()], exec: false },
        plugin: PluginInfo {
            name: spec.source.clone(),
            version: "1.0".to_owned(),
            vendor: "us".to_owned(),
            tiers: vec!["avx2".to_owned()],
            ops: vec!["matmul/1".to_owned()],
            extensions: vec![],
            doors: vec!["c".to_owned()],
            abi_major: 1,
            table_bytes: 96,
            compiler: None,
            optimised: Some(true),
            threads_variable: None,
            prefers_split: false,
            libraries: vec![],
            protection: Some(Protection::Kernel { landlock: None, seccomp: true }),
            refused: None,
        },
        spec,
    }
}

fn receipt() -> ReceiptInfo {
    ReceiptInfo {
        implementation: "6x2".to_owned(),
        tier: "avx2".to_owned(),
        threads: 2,
        pool_hits: u64::MAX,
        pool_misses: 0,
    }
}

/// What a check found.
pub fn report() -> CheckReport {
    let error = ErrorStats { max_abs: 1e-7, max_rel: 0.1 + 0.2, nmse: f64::MIN_POSITIVE };
    CheckReport {
        outcome: Outcome::Measured,
        error: Some(error),
        extremes: None,
        call_ns: 41_700,
        receipt: Some(receipt()),
    }
}

fn checks() -> Vec<Check> {
    let without = |outcome| CheckReport { outcome, error: None, extremes: None, call_ns: 0, receipt: None };
    vec![
        Check { case: 1, backend: 0, report: report() },
        Check { case: 0, backend: 0, report: without(Outcome::Rejected("wrong at [3]".to_owned())) },
        Check { case: 0, backend: 1, report: without(Outcome::Unsupported("too slow".to_owned())) },
        Check { case: 1, backend: 1, report: CheckReport { receipt: None, ..report() } },
    ]
}

/// A launch.
pub fn launch(case: usize, number: u32) -> CaseLaunch {
    let mut series = Series { cold_ns: 99, ..Series::default() };
    (0..5).for_each(|round| series.push(round, round % 2, 8, 200_000 + u64::from(round) * 37));
    series.stamps = Stamps { first_ns: vec![u64::MAX], next_ns: vec![1, 2, 3] };
    let launch = Launch {
        mode: if number == 0 { Mode::Shared } else { Mode::Split },
        order: vec![1, 0],
        environment: Environment {
            wall_ns: 1 << 33,
            runqueue_wait_ns: Some(7),
            involuntary_switches: 1,
            steal_ns: None,
            cpu_ns: Some(u64::MAX),
            others_busy_ns: (number > 0).then_some(11),
            minor_faults: 2,
            major_faults: 3,
            peak_rss_bytes: Some(1 << 20),
        },
        series: vec![(1, series.clone()), (0, Series { cold_ns: 5, stamps: Stamps::default(), ..series })],
        late: vec![(0, "NaN at [0]".to_owned())],
        flags: vec![(1, "changed MXCSR".to_owned())],
    };
    CaseLaunch { case, number, launch }
}

fn accounts() -> Vec<Account> {
    let counted = AccountReport {
        allocations: Some(Allocations { count: 2.5, bytes: 1e6, peak_bytes: Some(1 << 20), kept_bytes: 0.5 }),
        allocations_missing: None,
        page_faults: Some(0.25),
        switches: Some(Switches { voluntary: 0.5, involuntary: 1.0 / 3.0 }),
        counters: Some(Counters { instructions: Some(1e9), cycles: Some(0.1 + 0.2), ..Counters::default() }),
        counters_missing: None,
        peak_rss_bytes: Some(5 << 20),
        receipt: Some(receipt()),
        spans: Some(vec![
            Span { op: "matmul qkv".to_owned(), share: 0.75, ns: 750.5, runs: 2.0 },
            Span { op: Span::OUTSIDE.to_owned(), share: 0.25, ns: 250.0, runs: 0.0 },
        ]),
        tensors: Some(Tensors { acquired: 12.5, reused: 12.0, held_bytes: 1 << 30 }),
    };
    let missing = AccountReport {
        allocations_missing: Some("built without count-allocations".to_owned()),
        counters_missing: Some("perf_event_paranoid is 4".to_owned()),
        spans: Some(vec![]),
        ..AccountReport::default()
    };
    vec![
        Account { case: 1, backend: 1, report: counted },
        Account { case: 1, backend: 0, report: missing },
        Account { case: 0, backend: 1, report: AccountReport::default() },
    ]
}
