//! Runs made by hand: their times are what a test says.

use smbench_core::backend::{Backend, PluginInfo};
use smbench_core::case::{Bound, Case, Cost};
use smbench_core::config::Preset;
use smbench_core::message::{CheckReport, Peak};
use smbench_core::outcome::{ErrorStats, Outcome};
use smbench_core::plan::Plan;
use smbench_core::run::{CaseLaunch, Check, Machine, Run, State};
use smbench_core::samples::{Environment, Launch, Mode, Series};
use smbench_core::study::Comparison;
use smbench_core::verdict::Verdict;

pub const LAUNCHES: u32 = 12;

/// Two backends at one case; `per_call` gives a backend's time in a launch.
pub fn run(id: &str, per_call: impl Fn(usize, u32) -> f64) -> Run {
    measured(id, plan(1, &["old", "new"]), |_, backend, launch| per_call(backend, launch))
}

/// A run of this plan; `per_call` gives a backend's time at a case in a launch.
pub fn measured(id: &str, plan: Plan, per_call: impl Fn(usize, usize, u32) -> f64) -> Run {
    let backends = plan.backends.len();
    played(id, plan, backends, per_call)
}

/// The same with the A/A control behind the backends in every launch.
pub fn controlled(id: &str, plan: Plan, per_call: impl Fn(usize, usize, u32) -> f64) -> Run {
    let players = plan.control() + 1;
    played(id, plan, players, per_call)
}

fn played(id: &str, plan: Plan, players: usize, per_call: impl Fn(usize, usize, u32) -> f64) -> Run {
    let launches = plan.order().into_iter().map(|(number, case)| {
        let launch = launch(players, |backend| per_call(case, backend, number));
        CaseLaunch { case, number, launch }
    });
    let (cases, backends) = (plan.cases.len(), plan.backends.len());
    let pairs = (0..cases).flat_map(|case| (0..backends).map(move |backend| (case, backend)));
    Run {
        id: id.to_owned(),
        label: None,
        created: "2026-11-23T08:00:00Z".to_owned(),
        command: "smbench run".to_owned(),
        smbench: "0.1.0".to_owned(),
        state: State::Finished,
        git: None,
        machine: Machine { fingerprint: "this".to_owned(), cache_bytes: vec![32 << 10, 1 << 20], ..Machine::default() },
        peak: Some(Peak { gflops: 100.0, read_gbs: 20.0 }),
        checks: pairs.map(|(case, backend)| Check { case, backend, report: right() }).collect(),
        launches: launches.collect(),
        accounts: vec![],
        blames: vec![],
        notes: vec![],
        imported: None,
        plan,
    }
}

fn right() -> CheckReport {
    CheckReport { error: Some(ErrorStats::default()), ..CheckReport::ended(Outcome::Measured) }
}

/// Matmuls of 64x64x64 and a little more, and backends of these names and builds.
pub fn plan(cases: usize, aliases: &[&str]) -> Plan {
    Plan {
        config: "test".to_owned(),
        preset: Preset::Quick,
        seed: 1,
        cases: (64..64 + cases).map(case).collect(),
        backends: aliases.iter().map(|alias| backend(alias)).collect(),
        launches: LAUNCHES,
        ..Plan::default()
    }
}

fn case(k: usize) -> Case {
    let cost = Cost { flops: 1_000_000, bytes: 100_000, elements: 1000, passes: 1 };
    Case {
        id: format!("simd/matmul/64x64x{k}/f32"),
        suite: "simd".to_owned(),
        workload: String::new(),
        params: Default::default(),
        threads: 1,
        cost,
        bound: Bound::of(cost),
        tokens: None,
        definition: format!("d{k}"),
        oracle: None,
    }
}

fn backend(alias: &str) -> Backend {
    Backend {
        spec: alias.parse().unwrap(),
        path: String::new(),
        sha256: format!("hash of {alias}"),
        libraries_sha256: String::new(),
        grants: Default::default(),
        plugin: PluginInfo::default(),
    }
}

fn launch(players: usize, per_call: impl Fn(usize) -> f64) -> Launch {
    let series = |backend| {
        let mut series = Series { cold_ns: 99_999, ..Series::default() };
        // A busy machine slows all down alike: every round has its own factor.
        let round = |round: u32| 1.0 + f64::from(round % 5);
        (0..20).for_each(|r| series.push(r, 0, 10, (10.0 * per_call(backend) * round(r)) as u64));
        (backend, series)
    };
    Launch {
        mode: Mode::Shared,
        order: (0..players).collect(),
        environment: Environment::default(),
        series: (0..players).map(series).collect(),
        late: vec![],
        flags: vec![],
    }
}

/// A time that scatters by up to 0.4 % from launch to launch, each backend's in its own way.
pub fn scattered(backend: usize, launch: u32) -> f64 {
    let place = fastrand::Rng::with_seed(u64::from(launch) << 8 | backend as u64).f64();
    100_000.0 * (1.0 + 0.004 * (place - 0.5))
}

#[track_caller]
pub fn judged(comparison: &Comparison, verdict: Verdict, reason: &str) {
    let judged = comparison.judged.as_ref().unwrap();
    assert_eq!((judged.verdict, judged.reason.as_str()), (verdict, reason), "{comparison:?}");
}
