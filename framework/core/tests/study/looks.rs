//! Looking three times, and whom a backend is compared with.

use std::collections::{BTreeMap, BTreeSet};

use smbench_core::plan::Plan;
use smbench_core::study::Study;
use smbench_core::verdict::Verdict;

use crate::made::{judged, measured, plan, scattered};

#[test]
fn a_look_spends_a_third_of_the_errors() {
    let once = plan(10, &["old", "new", "same"]);
    let looks = Plan { until_decided: true, ..once.clone() };
    assert_eq!((once.alpha(), looks.alpha()), (0.05, 0.05 / 3.0));
    assert_eq!((once.launches_needed(), looks.launches_needed()), (10, 12), "1 + log2(20 / alpha)");

    let times = |factor: f64| move |_, backend, launch| scattered(backend, launch) * [1.0, factor][backend];
    let one = |until_decided, factor| {
        let plan = Plan { until_decided, ..plan(1, &["old", "new"]) };
        Study::of(vec![measured("a", plan, times(factor))]).comparisons.remove(0)
    };
    judged(&one(false, 1.0), Verdict::Equivalent, "the 90 % interval lies inside ±1 %");
    judged(&one(true, 1.0), Verdict::Equivalent, "the 96.7 % interval lies inside ±1 %");
    judged(&one(true, 1.05), Verdict::Regressed, "+5.0 %, beyond the margin of 1 %, q 0.00049");
    assert_eq!(one(true, 1.05).interval, one(false, 1.05).interval, "what is shown is 95 % in any case");
}

/// Six launches of seven point one way: p is 0.031, enough at 5 %, not at a third of that.
#[test]
fn what_would_do_once_does_not_do_at_a_look() {
    let times = |_, backend: usize, launch: u32| match (backend, launch) {
        (1, 0) => 99_000.0,
        (1, launch) => 103_000.0 + f64::from(launch),
        _ => 100_000.0,
    };
    let verdict = |until_decided| {
        let plan = Plan { until_decided, launches: 7, ..plan(1, &["old", "new"]) };
        Study::of(vec![measured("a", plan, times)]).comparisons.remove(0)
    };
    assert_eq!(verdict(false).p, Some(0.03125));
    assert_eq!(verdict(false).verdict(), Some(Verdict::Regressed));
    assert_eq!(verdict(true).verdict(), Some(Verdict::Inconclusive));
}

#[test]
fn open_is_what_is_undecided_or_unreliable() {
    let open = |times: &dyn Fn(usize, usize, u32) -> f64, launches: u32| {
        let mut run = measured("a", plan(3, &["old", "new"]), times);
        run.launches.retain(|launch| launch.number < launches);
        Study::of(vec![run]).open_cases()
    };
    let swinging = |case, backend, launch| {
        let swings = if launch % 2 == 0 { 1.03 } else { 0.98 };
        scattered(backend, launch) * if (case, backend) == (1, 1) { swings } else { 1.0 }
    };
    assert_eq!(open(&swinging, 12), BTreeSet::from([1]));
    assert_eq!(open(&swinging, 5), BTreeSet::from([0, 1, 2]), "too few launches for a verdict");
    assert!(open(&|_, backend, launch| scattered(backend, launch), 12).is_empty());
    assert!(Study::of(vec![]).open_cases().is_empty());
}

#[test]
fn nobody_is_compared_with_what_others_are_compared_with() {
    #[track_caller]
    fn check(reference: usize, against: &[(usize, usize)], want: [Option<usize>; 4]) {
        let against = BTreeMap::from_iter(against.iter().copied());
        let plan = Plan { reference, against, ..plan(3, &["a", "b", "c", "d"]) };
        assert_eq!([0, 1, 2, 3].map(|backend| plan.reference_of(backend)), want);
        assert_eq!(plan.comparisons(), 3 * want.iter().flatten().count());
    }
    check(0, &[], [None, Some(0), Some(0), Some(0)]);
    check(2, &[], [Some(2), Some(2), None, Some(2)]);
    check(0, &[(0, 2), (1, 3)], [Some(2), Some(3), None, None]);
    check(0, &[(1, 3)], [None, Some(3), Some(0), None]);
    check(0, &[(1, 0), (3, 2)], [None, Some(0), None, Some(2)]);
}

#[test]
fn who_plays_knows_the_place_of_its_own_reference() {
    let pairs = Plan { against: BTreeMap::from([(1, 0), (3, 2)]), ..plan(1, &["a-old", "a", "b-old", "b"]) };
    assert_eq!(pairs.references(&[0, 1, 2, 3]), [0, 0, 2, 2]);
    assert_eq!(pairs.references(&[1, 2, 3]), [0, 1, 1], "the first, where its own is not there");
    assert_eq!(pairs.references(&[0, 1, 2, 3, 0]), [0, 0, 2, 2, 0], "and of the A/A control");
    let one = Plan { reference: 1, ..plan(1, &["a", "b", "c"]) };
    assert_eq!(one.references(&[0, 1, 2]), [1, 1, 1]);
    assert_eq!(one.references(&[0, 2]), [0, 0]);
}

#[test]
fn each_build_is_compared_with_its_own_predecessor() {
    let plan = Plan { against: BTreeMap::from([(0, 2), (1, 3)]), ..plan(1, &["a", "b", "a-old", "b-old"]) };
    let study = Study::of(vec![measured("a", plan.clone(), |_, backend, _| [1000.0, 3000.0, 2000.0, 2000.0][backend])]);
    let of = |of: &smbench_core::study::Comparison| (study.rows[of.row].alias.clone(), of.ratio);
    let compared: Vec<_> = study.comparisons.iter().map(of).collect();
    assert_eq!(compared.len(), 2);
    for ((alias, ratio), (want, factor)) in compared.iter().zip([("a", 0.5), ("b", 1.5)]) {
        assert!(alias == want && (ratio - factor).abs() < 1e-9, "{compared:?}");
    }
    let json: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert_eq!(json, plan, "the store keeps it");
}
