//! Figures and verdicts within one run.

use smbench_core::outcome::Outcome;
use smbench_core::samples::{Environment, Series};
use smbench_core::study::Study;
use smbench_core::verdict::Verdict;

use crate::made::{LAUNCHES, judged, run, scattered};

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
