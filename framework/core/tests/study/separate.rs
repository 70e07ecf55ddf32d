//! Two runs that were not measured together.

use smbench_core::history::Entry;
use smbench_core::plan::Plan;
use smbench_core::run::Run;
use smbench_core::samples::Environment;
use smbench_core::separate::{Claim, Drift};
use smbench_core::study::{Comparison, Study};
use smbench_core::verdict::Evidence;

use crate::made::{measured, plan, run, scattered};

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

/// What is claimed of the first row that both runs have.
fn first(runs: Vec<Run>, drift: Drift) -> Comparison {
    let study = Study::apart(runs, drift);
    let comparison = study.across(1).next().expect("something in common");
    comparison.clone()
}

#[track_caller]
fn claims(comparison: &Comparison, evidence: Evidence, claim: Claim, reason: &str) {
    let claimed = comparison.claimed.as_ref().unwrap();
    assert_eq!((comparison.evidence, claimed.claim, claimed.reason.as_str()), (evidence, claim, reason));
    assert_eq!((&comparison.judged, comparison.p, comparison.q), (&None, None, None), "no verdict, ever");
}

#[test]
fn raw_times_claim_what_is_beyond_the_drift() {
    #[track_caller]
    fn check(factor: f64, drift: Drift, claim: Claim, reason: &str) {
        let runs = vec![run("a", |_, _| 1e5), run("b", |_, _| 1e5 * factor)];
        claims(&first(runs, drift), Evidence::Raw, claim, reason);
    }
    let assumed = "that runs of one build lie apart, assumed until a build has 8 runs here";
    for within in [1.0, 1.5, 1.0 / 1.5] {
        check(within, Drift::default(), Claim::NoEvidence, &format!("within the 53 % {assumed}"));
    }
    check(1.54, Drift::default(), Claim::ChangedSlower, &format!("beyond the 53 % {assumed}"));
    check(1.0 / 1.54, Drift::default(), Claim::ChangedFaster, &format!("beyond the 53 % {assumed}"));
    let known = Drift { deviation: 0.01, runs: 9 };
    let rests = "that runs of one build lie apart, from up to 9 runs of one build";
    check(1.02, known, Claim::NoEvidence, &format!("within the 4.3 % {rests}"));
    check(1.05, known, Claim::ChangedSlower, &format!("beyond the 4.3 % {rests}"));
}

#[test]
fn disturbed_runs_are_no_evidence() {
    #[track_caller]
    fn check(disturbed: usize, environment: Environment, reason: &str) {
        let mut runs = vec![run("a", |_, _| 1e5), run("b", |_, _| 1e6)];
        for launch in &mut runs[disturbed].launches {
            launch.launch.environment = Environment { wall_ns: 1000, ..environment.clone() };
        }
        let comparison = first(runs, Drift::default());
        match reason {
            "" => assert_eq!(comparison.claimed.unwrap().claim, Claim::ChangedSlower),
            _ => claims(&comparison, Evidence::Raw, Claim::NoEvidence, reason),
        }
    }
    let waiting = |ns| Environment { runqueue_wait_ns: Some(ns), ..Environment::default() };
    let busy = |ns| Environment { others_busy_ns: Some(ns), ..Environment::default() };
    check(0, waiting(30), "in a threads waited for a core for 3.0 % of the time");
    check(1, waiting(30), "in b threads waited for a core for 3.0 % of the time");
    check(1, busy(500), "in b other processes used 50 % of a core");
    check(1, waiting(20), "");
    check(0, busy(100), "");
}

#[test]
fn two_machines_claim_nothing() {
    let mut elsewhere = run("b", |_, _| 1e6);
    elsewhere.machine.fingerprint = "that".to_owned();
    let comparison = first(vec![run("a", |_, _| 1e5), elsewhere], Drift::default());
    claims(&comparison, Evidence::Imported, Claim::NoEvidence, "two machines");
    assert_eq!(comparison.ratio, 10.0, "it is shown");
}

/// `acme` beside an anchor; in the second run another build of it, `factor` slower, on a machine twice as slow.
fn anchored(factor: f64, times: impl Fn(usize, u32) -> f64 + Copy) -> Vec<Run> {
    let mut newer = plan(1, &["acme", "anchor"]);
    newer.backends[0].sha256 = "newer".to_owned();
    let slower = move |_, backend, launch| times(backend, launch) * 2.0 * [factor, 1.0][backend];
    vec![
        measured("a", plan(1, &["acme", "anchor"]), move |_, backend, launch| times(backend, launch)),
        measured("b", newer, slower),
    ]
}

#[test]
fn beside_the_same_build_a_difference_is_likely() {
    #[track_caller]
    fn check(factor: f64, claim: Claim, reason: &str) {
        claims(&first(anchored(factor, scattered), Drift::default()), Evidence::Anchored, claim, reason);
    }
    check(1.10, Claim::LikelySlower, "1.10x beside `anchor`, the same build in both runs");
    check(0.90, Claim::LikelyFaster, "0.900x beside `anchor`, the same build in both runs");
    check(1.02, Claim::NoEvidence, "+2.0 % beside `anchor`, the same build in both runs, within 3.0 %");
    check(1.00, Claim::NoEvidence, "+0.0 % beside `anchor`, the same build in both runs, within 3.0 %");
}

#[test]
fn a_wide_ratio_needs_two_standard_errors() {
    let wide = |backend: usize, launch| {
        scattered(backend, launch) * if (backend + launch as usize) % 3 == 1 { 1.3 } else { 1.0 }
    };
    let claimed = |factor| first(anchored(factor, wide), Drift::default()).claimed.unwrap();
    let [narrow, beyond] = [1.10, 1.60].map(claimed);
    assert!(narrow.claim == Claim::NoEvidence && !narrow.reason.ends_with("within 3.0 %"), "{narrow:?}");
    assert_eq!(beyond.claim, Claim::LikelySlower, "{beyond:?}");
}

#[test]
fn a_build_is_not_anchored_on_itself() {
    let same = |id| measured(id, plan(1, &["acme", "anchor"]), |_, backend, launch| scattered(backend, launch));
    let comparison = first(vec![same("a"), same("b")], Drift::default());
    assert_eq!(comparison.evidence, Evidence::Raw, "the runs are all that differs");
    let mut tier = anchored(1.1, scattered);
    tier[1].plan.backends[1].spec.tier = Some("avx2".to_owned());
    assert_eq!(first(tier, Drift::default()).evidence, Evidence::Raw, "another tier of the anchor is another build");
}

#[test]
fn an_anchored_side_that_is_no_evidence_says_why() {
    let mut runs = anchored(1.5, scattered);
    runs[0].launches.truncate(5);
    let reason = "launches measured: 5, of at least 6";
    claims(&first(runs, Drift::default()), Evidence::Anchored, Claim::NoEvidence, reason);
}

/// Runs of one build whose ln(time) are so many steps of 1 % apart.
fn drifting(steps: &[f64], plan: &Plan) -> Vec<Run> {
    steps.iter().map(|step| measured("r", plan.clone(), |_, _, _| 1e7 * (0.01 * step).exp())).collect()
}

#[test]
fn drift_is_assumed_until_a_build_has_eight_runs_here() {
    let acme = plan(1, &["acme"]);
    let of = |runs: &[Run]| {
        let entries: Vec<Entry> = runs.iter().map(|run| Entry::of(run, &|_, _| true)).collect();
        Drift::of(entries.iter(), "this")
    };
    assert_eq!(of(&[]), Drift { deviation: 0.15, runs: 0 });
    let steps = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0];
    let runs = drifting(&steps, &acme);
    assert_eq!(of(&runs[..7]), Drift::default(), "seven are too few");
    let eight = of(&runs);
    // Of four 0 and four 1: sqrt(8 · 0.25 / 7) of a step.
    assert!((eight.deviation - 0.01 * (2.0f64 / 7.0).sqrt()).abs() < 1e-6 && eight.runs == 8, "{eight:?}");

    let mut rebuilt = acme.clone();
    rebuilt.backends[0].sha256 = "another".to_owned();
    let others = [&runs[..7], &drifting(&[99.0], &rebuilt)].concat();
    assert_eq!(of(&others), Drift::default(), "another build is not one more run");
    let both = [&runs[..], &drifting(&steps.map(|step| 3.0 * step), &rebuilt)].concat();
    assert!(
        (of(&both).deviation / eight.deviation - 2.8).abs() < 1e-6,
        "nine tenths of the way to the one that scatters more"
    );
    let mut elsewhere = drifting(&[99.0], &acme);
    elsewhere[0].machine.fingerprint = "that".to_owned();
    assert_eq!(of(&[&runs[..7], &elsewhere].concat()), Drift::default(), "nor is another machine");
    assert_eq!(of(&[&runs[..], &elsewhere].concat()), eight);
}
