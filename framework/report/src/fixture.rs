//! Runs made by hand, the same every time: what the tests and snapshots are about.

use std::collections::BTreeMap;

use smbench_core::backend::{Backend, PluginInfo, Skipped};
use smbench_core::case::{Bound, Case, Cost};
use smbench_core::config::Preset;
use smbench_core::confinement::{Grants, Protection};
use smbench_core::history::{self, History};
use smbench_core::message::{AccountReport, Allocations, CheckReport, Counters, Peak, ReceiptInfo, Switches};
use smbench_core::outcome::{ErrorStats, Outcome};
use smbench_core::plan::Plan;
use smbench_core::run::{Account, CaseLaunch, Check, Git, Machine, Run, State};
use smbench_core::samples::{Environment, Launch, Mode, Series};
use smbench_core::study::Study;

mod diagnosis;
mod inspection;
mod models;
pub use diagnosis::{diagnosis, undiagnosed};
pub use inspection::{flawed, flawless};
pub use models::{models, nasty_models, two_model_runs};

const LAUNCHES: u32 = 12;
const ROUNDS: u32 = 6;

/// One run, three backends, of which `acme` is trouble.
pub fn study() -> Study {
    Study::of(vec![run("20261123-081502-3fa2", 1.0, &backends())])
}

/// One run of one backend.
pub fn alone() -> Study {
    Study::of(vec![run("20261123-081502-3fa2", 1.0, &backends()[1..2])])
}

/// One run of `naive` and its twin, the same file under another name, which takes so many times as long.
pub fn twins(factor: impl Fn(&Case) -> f64) -> Run {
    let naive = backends().remove(0);
    let twin = Backend { spec: "twin".parse().unwrap(), ..naive.clone() };
    let mut run = run("20261123-081502-3fa2", 1.0, &[naive, twin]);
    for CaseLaunch { case, launch, .. } in &mut run.launches {
        let factor = factor(&run.plan.cases[*case]);
        let Some(mut twin) = launch.of(0).cloned() else { continue };
        twin.ns.iter_mut().for_each(|ns| *ns = (*ns as f64 * factor) as u64);
        launch.series.iter_mut().filter(|(backend, _)| *backend == 1).for_each(|(_, series)| *series = twin.clone());
    }
    run
}

/// One run of which little can be told: `pooled` is slower at one case, undecided at one, unsteady at one, and disturbed
/// at another.
pub fn doubtful() -> Study {
    let mut run = run("20261123-081502-3fa2", 1.0, &backends()[..2]);
    for CaseLaunch { case, number, launch } in &mut run.launches {
        let factor = match (*case, *number) {
            (0, _) => 12.0,
            (2, 6..) => 1.9,
            (3, number) => [0.98, 1.05][number as usize % 2],
            _ => 1.0,
        };
        let pooled = launch.series.iter_mut().filter(|(backend, _)| *backend == 1);
        pooled.flat_map(|(_, series)| &mut series.ns).for_each(|ns| *ns = (*ns as f64 * factor) as u64);
        let wait = if *case == 6 { 41_000 } else { 700 };
        launch.environment = Environment { wall_ns: 100_000, runqueue_wait_ns: Some(wait), ..Environment::default() };
    }
    Study::of(vec![run])
}

/// One run of two cases: one measured by two backends, one that `acme` fails at.
pub fn small() -> Study {
    let run = run("20261123-081502-3fa2", 1.0, &[backends().remove(0), backends().remove(2)]);
    Study::of(vec![keeping(run, &[0, 8])])
}

/// The run with these cases only.
fn keeping(mut run: Run, kept: &[usize]) -> Run {
    let place = |case: usize| kept.iter().position(|&kept| kept == case);
    run.plan.cases = kept.iter().map(|&case| run.plan.cases[case].clone()).collect();
    run.checks = run.checks.into_iter().filter_map(|c| Some(Check { case: place(c.case)?, ..c })).collect();
    run.launches = run.launches.into_iter().filter_map(|l| Some(CaseLaunch { case: place(l.case)?, ..l })).collect();
    run.accounts = run.accounts.into_iter().filter_map(|a| Some(Account { case: place(a.case)?, ..a })).collect();
    run
}

/// Two runs, the second with a change, a case less and a case defined otherwise.
pub fn two_runs() -> Study {
    let mut before = run("20261123-081502-3fa2", 1.0, &backends()[..2]);
    before.label = Some("main".to_owned());
    let mut now = run("20261124-093011-77c0", 1.09, &backends()[..2]);
    now.created = "2026-11-24T09:30:11Z".to_owned();
    now.plan.cases[3].definition = "changed".to_owned();
    let last = now.plan.cases.len() - 1;
    now.plan.cases.truncate(last);
    now.checks.retain(|check| check.case < last);
    now.launches.retain(|launch| launch.case < last);
    now.accounts.retain(|account| account.case < last);
    Study::of(vec![before, now])
}

/// Seven days: another machine on the first, another definition of `add` on the first two, changes that no commit holds
/// on the fourth, a label, a rebuilt plugin on the last two, and a last run that was interrupted.
pub fn history(wanted: &dyn Fn(&Case, &str) -> bool) -> History {
    let speeds = [1.3, 1.04, 1.02, 0.99, 1.01, 0.8, 0.81];
    let entries = speeds.iter().enumerate().map(|(day, &speed)| history::Entry::of(&on_day(day, speed), wanted));
    History { entries: entries.collect(), older: 3 }
}

fn on_day(day: usize, speed: f64) -> Run {
    let mut backends = backends();
    if day >= 5 {
        backends[1].sha256 = "77c0ffee1234".repeat(5) + "0000";
    }
    let mut run = run(&format!("202611{}-081502-3fa2", 17 + day), speed, &backends[..if day == 2 { 3 } else { 2 }]);
    run.created = format!("2026-11-{}T08:15:02Z", 17 + day);
    match day {
        0 => run.machine.fingerprint = "0ld".to_owned(),
        4 => run.label = Some("v0.2".to_owned()),
        6 => (run.state, run.launches) = (State::Interrupted, run.launches.split_off(7 * run.plan.cases.len())),
        _ => {}
    }
    if day < 2 {
        run.plan.cases[2].definition = "before".to_owned();
    }
    run.git.iter_mut().for_each(|git| git.dirty = day == 3);
    run
}

const NASTY: &str = "a|b`c<script>alert(1)</script>\x1b[31m\u{202e}\r\n# x";

/// A plugin whose every name is an attack.
pub fn nasty() -> Study {
    let mut backends = backends();
    backends[1].spec.alias = NASTY.to_owned();
    backends[1].plugin.name = NASTY.to_owned();
    backends[1].plugin.vendor = NASTY.to_owned();
    let mut run = run("20261123-081502-3fa2", 1.0, &backends);
    run.label = Some(NASTY.to_owned());
    run.plan.cases[0].id = format!("simd/{NASTY}/1/f32");
    let [alias, reason, get] = [NASTY; 3].map(str::to_owned);
    run.plan.skipped = vec![Skipped { alias, reason, get }];
    for account in &mut run.accounts {
        account.report.receipt.iter_mut().for_each(|receipt| receipt.implementation = NASTY.to_owned());
    }
    for check in run.checks.iter_mut().filter(|check| check.backend == 2) {
        check.report.outcome = Outcome::Failed(NASTY.repeat(if check.case == 0 { 1 } else { 4 }));
    }
    Study::of(vec![run])
}

fn backends() -> Vec<Backend> {
    vec![
        backend("naive", "smbench", "f9c1d2a47b60"),
        backend("pooled", "smbench", "0b77e5a81c3d"),
        backend("acme", "Acme Kernels", "5ad0c0ffee99"),
    ]
}

fn backend(alias: &str, vendor: &str, hash: &str) -> Backend {
    Backend {
        spec: alias.parse().unwrap(),
        path: format!("/plugins/libsmbench_{alias}.so"),
        sha256: hash.repeat(5) + "0000",
        libraries_sha256: String::new(),
        grants: Grants { read: vec!["/plugins".into()], exec: false },
        plugin: PluginInfo {
            name: alias.to_owned(),
            version: "0.1.0".to_owned(),
            vendor: vendor.to_owned(),
            tiers: vec!["avx512".to_owned(), "portable".to_owned()],
            ops: vec!["matmul/1".to_owned(), "gelu/1".to_owned()],
            extensions: vec!["receipt/1".to_owned()],
            doors: vec!["rust".to_owned(), "c".to_owned()],
            abi_major: 1,
            table_bytes: 96,
            compiler: (alias != "acme").then(|| "rustc 1.95.0".to_owned()),
            optimised: (alias != "acme").then_some(true),
            threads_variable: None,
            prefers_split: false,
            libraries: vec![],
            protection: Some(Protection::Kernel { landlock: Some(7), seccomp: true }),
            refused: None,
        },
    }
}

type Entry = (&'static str, u32, [u64; 3], [f64; 3]);

/// Id, threads; flops, bytes and elements; and nanoseconds of one call for naive, pooled and acme.
const CASES: [Entry; 9] = [
    ("simd/matmul/64x64x64/f32", 1, [524_288, 49_152, 4096], [22_800.0, 2410.0, 2395.0]),
    ("simd/matmul/512x512x512/f32", 1, [268_435_456, 3_145_728, 262_144], [11_670_000.0, 1_192_000.0, 1_193_000.0]),
    ("simd/add/10000/f32", 1, [10_000, 120_000, 10_000], [2_130.0, 1_020.0, 1_100.0]),
    ("simd/add/1000000/f32", 1, [1_000_000, 12_000_000, 1_000_000], [391_000.0, 391_100.0, 390_400.0]),
    ("simd/matmul/512x512x512/f32", 2, [268_435_456, 3_145_728, 262_144], [11_700_000.0, 690_000.0, 811_000.0]),
    ("activations/gelu_tanh/1000/f32", 1, [14_000, 8_000, 1000], [25_100.0, 231.0, 240.0]),
    ("activations/gelu_tanh/10000/f32", 1, [140_000, 80_000, 10_000], [251_000.0, 2_190.0, 2_200.0]),
    ("activations/gelu_tanh/1000000/f32", 1, [14_000_000, 8_000_000, 1_000_000], [25_200_000.0, 221_000.0, 232_000.0]),
    ("activations/softmax/32x512/f32", 1, [98_304, 131_072, 16_384], [63_400.0, 4_210.0, 4_900.0]),
];

fn run(id: &str, speed: f64, backends: &[Backend]) -> Run {
    let cases: Vec<Case> = CASES.iter().map(case).collect();
    let all = || (0..cases.len()).flat_map(|case| (0..backends.len()).map(move |backend| (case, backend)));
    let checks: Vec<Check> = all().map(|(case, backend)| check(case, backend, &backends[backend])).collect();
    let measured = |case: usize, backend: usize| {
        checks.iter().any(|c| (c.case, c.backend) == (case, backend) && c.report.outcome.is_measured())
    };
    let launches = (0..LAUNCHES).flat_map(|number| (0..cases.len()).map(move |case| (number, case)));
    let launches = launches.map(|(number, case)| {
        let who: Vec<usize> = (0..backends.len()).filter(|&backend| measured(case, backend)).collect();
        launch(number, case, &who, backends.len(), |backend| {
            time_of(case, &backends[backend]) * if backend > 0 { speed } else { 1.0 }
        })
    });
    let accounts = all().filter(|&(case, backend)| measured(case, backend));
    Run {
        id: id.to_owned(),
        label: None,
        created: "2026-11-23T08:15:02Z".to_owned(),
        command: "smbench run configs/full.ron --backend naive,pooled,acme".to_owned(),
        smbench: "0.1.0".to_owned(),
        state: State::Finished,
        git: Some(Git { commit: "8158a91c".repeat(5), branch: Some("main".to_owned()), dirty: false }),
        machine: machine(),
        peak: Some(Peak { gflops: 231.4, read_gbs: 34.1 }),
        launches: launches.collect(),
        accounts: accounts.map(|(case, backend)| account(case, backend, &backends[backend])).collect(),
        checks,
        blames: Vec::new(),
        notes: Vec::new(),
        imported: None,
        plan: plan(cases, backends),
    }
}

fn plan(cases: Vec<Case>, backends: &[Backend]) -> Plan {
    Plan {
        config: "full".to_owned(),
        preset: Preset::Quick,
        seed: 1,
        cases,
        backends: backends.to_vec(),
        launches: LAUNCHES,
        ..Plan::default()
    }
}

fn case(&(id, threads, [flops, bytes, elements], _): &Entry) -> Case {
    let cost = Cost { flops, bytes, elements, passes: 1 };
    let part = |index| id.split('/').nth(index).unwrap_or_default();
    Case {
        id: id.to_owned(),
        suite: part(0).to_owned(),
        workload: format!("{} {}", part(1), part(2)),
        params: BTreeMap::from([("op".to_owned(), part(1).into()), ("size".to_owned(), part(2).into())]),
        threads,
        cost,
        bound: Bound::of(cost),
        tokens: None,
        definition: format!("{id}-{threads}"),
        oracle: None,
    }
}

fn machine() -> Machine {
    Machine {
        fingerprint: "c4f7".to_owned(),
        host: "bench".to_owned(),
        arch: "x86_64".to_owned(),
        os: "Linux 6.18.44".to_owned(),
        cpu: "AMD EPYC 9B45".to_owned(),
        cores: 2,
        cache_bytes: vec![48 << 10, 1 << 20, 8 << 20],
        simd: vec!["sse4.2".to_owned(), "avx2".to_owned(), "avx512f".to_owned()],
        memory_bytes: 8 << 30,
        hypervisor: Some("KVM".to_owned()),
        libc: "glibc 2.41".to_owned(),
    }
}

fn time_of(case: usize, backend: &Backend) -> f64 {
    let place = ["naive", "pooled", "acme"].iter().position(|name| backend.path.contains(name));
    CASES[case].3[place.unwrap_or(0)]
}

fn check(case: usize, backend: usize, of: &Backend) -> Check {
    let acme = of.path.contains("acme");
    let outcome = match case {
        4 if of.path.contains("naive") => Outcome::Unsupported("one thread only".to_owned()),
        5 if acme => Outcome::Rejected(
            "element 17 of 1000 is 0.84134 where f64 says 0.84119 (allowed: 2.0e-6); seed 7, input 1.0".to_owned(),
        ),
        7 if acme => {
            Outcome::Unsupported("too slow at this size: one call takes 61.3 ms, max_call is 50 ms".to_owned())
        }
        8 if acme => Outcome::Failed("signal 11".to_owned()),
        _ => Outcome::Measured,
    };
    let error = outcome.is_measured().then_some(ErrorStats { max_abs: 3.1e-7, max_rel: 4.4e-6, nmse: 1.2e-14 });
    Check { case, backend, report: CheckReport { outcome, error, extremes: None, call_ns: 1000, receipt: None } }
}

fn account(case: usize, backend: usize, of: &Backend) -> Account {
    let naive = of.path.contains("naive");
    let matmul = CASES[case].0.contains("matmul");
    let implementation = match (naive, matmul) {
        (true, true) => "i-k-j loops",
        (true, false) => "one loop",
        (false, true) => "packed panels, 12x32 tile",
        (false, false) => "fused row kernels",
    };
    let (count, bytes) = if naive && matmul { (1.0, 16_384.0) } else { (0.0, 0.0) };
    let counted = !of.path.contains("acme");
    Account {
        case,
        backend,
        report: AccountReport {
            allocations: counted.then_some(Allocations {
                count,
                bytes,
                peak_bytes: Some(bytes as u64),
                kept_bytes: 0.0,
            }),
            allocations_missing: (!counted).then(|| "acme links an allocator of its own".to_owned()),
            page_faults: Some(0.0),
            switches: Some(Switches { voluntary: 0.0, involuntary: 0.25 }),
            counters: naive.then(|| processor(case)),
            counters_missing: (!naive).then(|| "not available here: the virtual machine has none (ENOENT)".to_owned()),
            peak_rss_bytes: Some(9 << 20),
            receipt: Some(ReceiptInfo {
                implementation: implementation.to_owned(),
                tier: if naive { "portable" } else { "avx512" }.to_owned(),
                threads: CASES[case].1,
                pool_hits: 0,
                pool_misses: 0,
            }),
            spans: None,
            tensors: None,
        },
    }
}

/// A processor that counts no branches.
fn processor(case: usize) -> Counters {
    let cycles = CASES[case].3[0] * 3.0;
    Counters { instructions: Some(cycles * 1.5), cycles: Some(cycles), cache_misses: Some(0.0), branch_misses: None }
}

/// Times a little apart in each launch, and a little more in each sample; the first launch of `add` has a tail.
fn launch(number: u32, case: usize, who: &[usize], control: usize, time: impl Fn(usize) -> f64) -> CaseLaunch {
    let mut noise = Noise(u64::from(number) * 1009 + case as u64 * 31 + 1);
    // The A/A control is the reference again, in one launch of four.
    let control = (who.contains(&0) && number.is_multiple_of(4)).then_some(control);
    let series = who.iter().copied().chain(control).map(|backend| {
        let base = time(if Some(backend) == control { 0 } else { backend }) * (1.0 + 0.004 * noise.next());
        let calls = (200_000.0 / base).max(1.0) as u64;
        let mut series = Series { cold_ns: (base * 3.0) as u64, ..Series::default() };
        for round in 0..ROUNDS {
            let late = if case == 2 && backend == 1 && round == 0 { 4.0 } else { 1.0 };
            let ns = base * late * (1.0 + 0.01 * noise.next()) * calls as f64;
            series.push(round, backend as u32, calls, ns as u64);
        }
        (backend, series)
    });
    let launch = Launch {
        mode: Mode::Shared,
        order: who.to_vec(),
        environment: Environment::default(),
        series: series.collect(),
        late: Vec::new(),
        flags: Vec::new(),
    };
    CaseLaunch { case, number, launch }
}

/// SplitMix64, as numbers from -1 to 1.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}
