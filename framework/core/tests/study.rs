//! From stored samples to rows and comparisons, on runs made by hand.

use std::collections::BTreeMap;

use smbench_core::backend::{Backend, PluginInfo};
use smbench_core::case::{Bound, Case, Cost};
use smbench_core::config::Preset;
use smbench_core::message::{CheckReport, Peak};
use smbench_core::outcome::{ErrorStats, Outcome};
use smbench_core::plan::Plan;
use smbench_core::run::{CaseLaunch, Check, Machine, Run, State};
use smbench_core::samples::{Environment, Launch, Mode, Series};
use smbench_core::study::{Comparison, Study};
use smbench_core::verdict::{Evidence, Verdict};

const LAUNCHES: u32 = 12;

/// Two backends at one case; `per_call` gives a backend's time in a launch.
fn run(id: &str, per_call: impl Fn(usize, u32) -> f64) -> Run {
    let launches = (0..LAUNCHES).map(|number| CaseLaunch { case: 0, number, launch: launch(number, &per_call) });
    let check = |backend| Check { case: 0, backend, report: right() };
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
        plan: plan(),
        checks: vec![check(0), check(1)],
        launches: launches.collect(),
        accounts: vec![],
        blames: vec![],
        notes: vec![],
    }
}

fn right() -> CheckReport {
    CheckReport { error: Some(ErrorStats::default()), ..CheckReport::ended(Outcome::Measured) }
}

fn plan() -> Plan {
    let cost = Cost { flops: 1_000_000, bytes: 100_000, elements: 1000, passes: 1 };
    let case = Case {
        id: "simd/matmul/64x64x64/f32".to_owned(),
        suite: "simd".to_owned(),
        workload: String::new(),
        params: Default::default(),
        threads: 1,
        cost,
        bound: Bound::of(cost),
        tokens: None,
        definition: "d".to_owned(),
    };
    let backend = |alias: &str| Backend {
        spec: alias.parse().unwrap(),
        path: String::new(),
        sha256: String::new(),
        libraries_sha256: String::new(),
        plugin: PluginInfo::default(),
    };
    Plan {
        config: "test".to_owned(),
        preset: Preset::Quick,
        seed: 1,
        cases: vec![case],
        backends: vec![backend("old"), backend("new")],
        reference: 0,
        against: BTreeMap::new(),
        controlled: None,
        replayed: false,
        launches: LAUNCHES,
        until_decided: false,
        margin: None,
        max_call_ns: 50_000_000,
        timeout_ms: 1000,
        isolate: false,
        allow_debug: false,
    }
}

fn launch(number: u32, per_call: &impl Fn(usize, u32) -> f64) -> Launch {
    let series = |backend| {
        let mut series = Series { cold_ns: 99_999, ..Series::default() };
        // A busy machine slows both down alike: every round has its own factor.
        let round = |round: u32| 1.0 + f64::from(round % 5);
        (0..20).for_each(|r| series.push(r, 0, 10, (10.0 * per_call(backend, number) * round(r)) as u64));
        (backend, series)
    };
    Launch {
        mode: Mode::Shared,
        order: vec![0, 1],
        environment: Environment::default(),
        series: vec![series(0), series(1)],
        late: vec![],
        flags: vec![],
    }
}

/// 1000 ns against 1100 ns, however the launches differ.
fn ten_percent_slower(backend: usize, launch: u32) -> f64 {
    let base = 1000.0 * (1.0 + f64::from(launch) / 10.0);
    if backend == 0 { base } else { base * 1.1 }
}

#[test]
fn a_ratio_is_taken_within_rounds_and_noise_that_hits_both_cancels() {
    let study = Study::of(vec![run("a", ten_percent_slower)]);
    let [comparison] = study.comparisons.as_slice() else { panic!("one comparison: {:?}", study.comparisons) };
    assert!((comparison.ratio - 1.1).abs() < 1e-3, "{}", comparison.ratio);
    judged(comparison, Verdict::Regressed, "+10.0 %, beyond the margin of 1 %, q 0.00049");
    assert_eq!(comparison.d_launch.len(), LAUNCHES as usize);
    assert!((comparison.p.unwrap() - 2.0 / 4096.0).abs() < 1e-12, "all twelve launches agree: {:?}", comparison.p);
    assert_eq!(comparison.p, comparison.q, "one comparison needs no adjusting");
    assert_eq!((comparison.detectable_pct, comparison.launches_needed), (Some(1.0), None));
}

#[track_caller]
fn judged(comparison: &Comparison, verdict: Verdict, reason: &str) {
    let judged = comparison.judged.as_ref().unwrap();
    assert_eq!((judged.verdict, judged.reason.as_str()), (verdict, reason), "{comparison:?}");
}

/// A time that scatters by up to 0.4 % from launch to launch, each backend's in its own way.
fn scattered(backend: usize, launch: u32) -> f64 {
    let place = fastrand::Rng::with_seed(u64::from(launch) << 8 | backend as u64).f64();
    100_000.0 * (1.0 + 0.004 * (place - 0.5))
}

#[track_caller]
fn check(time: impl Fn(usize, u32) -> f64, verdict: Verdict, reason: &str) {
    judged(&Study::of(vec![run("a", time)]).comparisons[0], verdict, reason);
}

#[test]
fn verdicts_on_planted_differences() {
    let times =
        |factor: f64| move |backend, launch| scattered(backend, launch) * if backend == 1 { factor } else { 1.0 };
    check(times(1.0), Verdict::Equivalent, "the 90 % interval lies inside ±1 %");
    check(times(1.005), Verdict::Equivalent, "the 90 % interval lies inside ±1 %");
    check(times(1.05), Verdict::Regressed, "+5.0 %, beyond the margin of 1 %, q 0.00049");
    check(times(0.95), Verdict::Improved, "-5.0 %, beyond the margin of 1 %, q 0.00049");
    let to_and_fro = |backend, launch| times(if launch % 2 == 0 { 1.03 } else { 0.98 })(backend, launch);
    check(to_and_fro, Verdict::Inconclusive, "about 281 more launches would decide");
    let half_way = |backend, launch| times(if launch < 6 { 1.0 } else { 1.05 })(backend, launch);
    let reason = "not steady: +5.1 % from the first half of the launches to the second";
    check(half_way, Verdict::Unreliable, reason);
}

#[test]
fn less_than_two_per_mille_is_never_a_difference() {
    let mut run = run("a", |backend, _| 100_000.0 * if backend == 0 { 1.0 } else { 1.001 });
    let comparison = Study::of(vec![run.clone()]).comparisons.remove(0);
    assert!(comparison.interval.unwrap().low > 1.0, "it is seen");
    judged(&comparison, Verdict::Equivalent, "the 90 % interval lies inside ±1 %");
    run.launches.truncate(5);
    let comparison = Study::of(vec![run]).comparisons.remove(0);
    judged(&comparison, Verdict::Unreliable, "launches measured: 5, of at least 6");
    assert_eq!((comparison.interval, comparison.detectable_pct), (None, None));
}

#[test]
fn what_disturbed_the_launches_is_no_verdict() {
    let mut busy = run("a", scattered);
    for launch in &mut busy.launches {
        launch.launch.environment = Environment { wall_ns: 100, runqueue_wait_ns: Some(31), ..Environment::default() };
    }
    let comparison = Study::of(vec![busy]).comparisons.remove(0);
    judged(
        &comparison,
        Verdict::Unreliable,
        "threads waited for a core for 31 % of the launches' time, more than 30 %",
    );
}

#[test]
fn a_launch_needs_its_rounds() {
    let shortened = |ns: f64, rounds: usize| {
        let mut run = run("a", |_, _| ns);
        for (_, series) in &mut run.launches[3].launch.series {
            let Series { calls, ns, round, position, .. } = series;
            [calls, ns].into_iter().for_each(|values| values.truncate(rounds));
            [round, position].into_iter().for_each(|values| values.truncate(rounds));
        }
        Study::of(vec![run]).comparisons.remove(0)
    };
    judged(&shortened(1e5, 4), Verdict::Unreliable, "rounds in the shortest launch: 4, of at least 5");
    judged(&shortened(1e5, 5), Verdict::Equivalent, "the 90 % interval lies inside ±1 %");
    judged(&shortened(1e8, 3), Verdict::Equivalent, "the 90 % interval lies inside ±1 %");
    judged(&shortened(1e8, 2), Verdict::Unreliable, "rounds in the shortest launch: 2, of at least 3");
}

#[test]
fn roles_swapped_give_mirrored_figures() {
    let times = |backend: usize, launch| scattered(backend, launch) * if backend == 1 { 1.03 } else { 1.0 };
    let mut swapped = run("a", times);
    swapped.plan.reference = 1;
    let [here, there] = [run("a", times), swapped].map(|run| Study::of(vec![run]).comparisons.remove(0));
    let near = |a: f64, b: f64| assert!((a * b - 1.0).abs() < 1e-12, "{a} {b}");
    near(here.ratio, there.ratio);
    for (here, there) in [(here.interval, there.interval), (here.interval_90, there.interval_90)] {
        let (here, there) = (here.unwrap(), there.unwrap());
        near(here.low, there.high);
        near(here.high, there.low);
    }
    assert_eq!((here.verdict(), there.verdict()), (Some(Verdict::Regressed), Some(Verdict::Improved)));
    assert_eq!((here.p, here.q), (there.p, there.q));
}

#[test]
fn rows_have_times_rates_and_percentages() {
    let study = Study::of(vec![run("a", |_, _| 20_000.0)]);
    let row = &study.rows[0];
    let (time, rates) = (row.time_ns.unwrap(), row.rates.unwrap());
    assert_eq!((row.launches, row.samples), (12, 240));
    assert_eq!(time.median, 60_000.0, "median of the rounds' factors 1 to 5 is 3");
    assert!((rates.gflops - 1e6 / 6e4).abs() < 1e-9);
    assert!((rates.peak_pct.unwrap() - 100.0 * rates.gflops / 100.0).abs() < 1e-9);
    assert_eq!(row.cold_ns, Some(99_999.0));
}

#[test]
fn what_turned_out_wrong_has_no_time_and_no_comparison() {
    let mut wrong = run("a", ten_percent_slower);
    wrong.launches[7].launch.late.push((1, "element 3 is 1".to_owned()));
    let study = Study::of(vec![wrong]);
    assert!(matches!(&study.rows[1].outcome, Outcome::Rejected(why) if why.contains("element 3")));
    assert_eq!((study.rows[1].time_ns, study.rows[1].rates), (None, None));
    assert!(study.comparisons.is_empty());
    assert!(study.rows[0].time_ns.is_some(), "the other one keeps its time");
}

#[test]
fn two_runs_are_put_side_by_side_without_an_interval() {
    let study = Study::of(vec![run("a", |_, _| 1000.0), run("b", |_, _| 2000.0)]);
    let across: Vec<_> = study.across(1).collect();
    assert_eq!(across.len(), 2);
    for comparison in across {
        assert_eq!((comparison.evidence, comparison.ratio, comparison.interval), (Evidence::Raw, 2.0, None));
        assert_eq!((comparison.p, comparison.interval_90, &comparison.judged), (None, None, &None));
    }
}

#[test]
fn runs_of_another_machine_or_definition_are_told_apart() {
    let mut elsewhere = run("b", |_, _| 1000.0);
    elsewhere.machine.fingerprint = "that".to_owned();
    let study = Study::of(vec![run("a", |_, _| 1000.0), elsewhere]);
    assert!(study.across(1).all(|comparison| comparison.evidence == Evidence::Imported));
    let mut redefined = run("b", |_, _| 1000.0);
    redefined.plan.cases[0].definition = "e".to_owned();
    let study = Study::of(vec![run("a", |_, _| 1000.0), redefined]);
    assert_eq!(study.across(1).count(), 0);
}
