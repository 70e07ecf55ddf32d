//! What `--fail-on` finds.

use smbench_core::gate::{Gate, Ruling};
use smbench_core::message::CheckReport;
use smbench_core::outcome::Outcome;
use smbench_core::run::Run;
use smbench_core::study::Study;

use crate::made::{measured, plan, scattered};

/// Two cases; `new` is slower than `old` by 4 % at the first and by 10 % at the second, `same` at neither.
fn slower(id: &str) -> Run {
    let factors = [[1.0, 1.04, 1.0], [1.0, 1.10, 1.0]];
    measured(id, plan(2, &["old", "new", "same"]), move |case, backend, launch| {
        scattered(backend, launch) * factors[case][backend]
    })
}

fn ruled(runs: Vec<Run>, gates: &str, accept_raw: bool) -> (Study, Ruling) {
    let study = Study::of(runs);
    let gates: Vec<Gate> = gates.split(',').map(|gate| gate.parse().unwrap()).collect();
    let ruling = Ruling::of(&study, &gates, vec![], accept_raw);
    (study, ruling)
}

/// The comparisons as `backend k`, where k is the case's last size.
fn named(study: &Study, comparisons: &[usize]) -> Vec<String> {
    let row = |&index: &usize| &study.rows[study.comparisons[index].row];
    let k = |id: &str| id.split(['x', '/']).nth(4).unwrap().to_owned();
    comparisons.iter().map(row).map(|row| format!("{} {}", row.alias, k(&row.case.id))).collect()
}

#[test]
fn a_regression_is_a_verdict_and_at_least_so_much() {
    #[track_caller]
    fn check(gates: &str, want: &[&str]) {
        let (study, ruling) = ruled(vec![slower("a")], gates, false);
        assert_eq!(named(&study, &ruling.regressed), want, "{gates}");
        assert_eq!((ruling.judged, ruling.planned, ruling.incomparable), (4, 4, None));
        assert!(ruling.undecided.is_empty());
    }
    check("regression", &["new 65", "new 64"]);
    check("regression=0%", &["new 65", "new 64"]);
    check("regression=5%", &["new 65"]);
    check("regression=20%", &[]);
    check("regression=20%,regression=5%", &["new 65"]);
    check("undecided", &[]);
}

#[test]
fn what_is_faster_is_no_regression() {
    let mut faster = slower("a");
    faster.plan.reference = 1;
    let (study, ruling) = ruled(vec![faster], "regression", false);
    assert!(study.comparisons.iter().all(|comparison| comparison.ratio < 1.0));
    assert_eq!((ruling.regressed.len(), ruling.judged), (0, 4));
}

#[test]
fn what_has_no_figure_is_planned_and_not_judged() {
    let mut run = slower("a");
    run.launches.iter_mut().find(|launch| launch.case == 1).unwrap().launch.late.push((1, "wrong".to_owned()));
    let (study, ruling) = ruled(vec![run], "regression,undecided", false);
    assert_eq!((ruling.judged, ruling.planned), (3, 4));
    assert_eq!(named(&study, &ruling.regressed), ["new 64"]);
}

/// `new` does not get beyond its check at the second case.
fn lost(outcome: Outcome, call_ns: u64) -> Run {
    let mut run = slower("a");
    let check = run.checks.iter_mut().find(|check| (check.case, check.backend) == (1, 1)).unwrap();
    check.report = CheckReport { call_ns, ..CheckReport::ended(outcome) };
    run.launches.iter_mut().filter(|launch| launch.case == 1).for_each(|launch| {
        launch.launch.series.retain(|&(backend, _)| backend != 1);
    });
    run
}

#[test]
fn what_is_no_longer_measured_does_not_pass() {
    #[track_caller]
    fn check(run: Run, gates: &str, too_slow: usize, unmeasured: usize) {
        let (study, ruling) = ruled(vec![run], gates, false);
        assert_eq!((ruling.too_slow.len(), ruling.unmeasured.len()), (too_slow, unmeasured), "{gates}");
        let rows = ruling.too_slow.iter().chain(&ruling.unmeasured).map(|&row| &study.rows[row]);
        assert!(rows.into_iter().all(|row| row.alias == "new" && row.case == study.runs[0].plan.cases[1]));
        assert_eq!((ruling.judged, ruling.planned), (3, 4));
    }
    let unsupported = || Outcome::Unsupported("why".to_owned());
    // The reference takes 0.3 ms, max_call is 50 ms.
    for (gates, too_slow, unmeasured) in
        [("regression", 1, 0), ("regression=5%", 1, 0), ("undecided", 0, 1), ("regression,undecided", 1, 0)]
    {
        check(lost(unsupported(), 60_000_000), gates, too_slow, unmeasured);
    }
    check(lost(unsupported(), 60_000_000), "regression=100000%", 0, 0);
    check(lost(unsupported(), 60_000_000), "regression=100000%,undecided", 0, 1);
    check(lost(unsupported(), 0), "regression", 0, 0);
    check(lost(unsupported(), 0), "regression,undecided", 0, 1);
    check(lost(Outcome::Failed("why".to_owned()), 0), "undecided", 0, 1);
    let mut at_the_limit = lost(unsupported(), 302_000);
    at_the_limit.plan.max_call_ns = 301_900;
    check(at_the_limit.clone(), "regression", 0, 0);
    at_the_limit.plan.margin = Some(0.005);
    check(at_the_limit, "regression", 1, 0);
}

#[test]
fn what_the_reference_could_not_do_either_is_not_asked_for() {
    let mut run = lost(Outcome::Unsupported("why".to_owned()), 60_000_000);
    let checks = run.checks.iter_mut().filter(|check| check.case == 1);
    checks.for_each(|check| check.report = CheckReport::ended(Outcome::Unsupported("why".to_owned())));
    let (_, ruling) = ruled(vec![run], "regression,undecided", false);
    assert_eq!((ruling.too_slow, ruling.unmeasured, ruling.planned), (vec![], vec![], 4));
}

#[test]
fn undecided_is_told_where_it_is_asked_for() {
    let to_and_fro = || {
        measured("a", plan(1, &["old", "new"]), |_, backend, launch| {
            let swings = if launch % 2 == 0 { 1.03 } else { 0.98 };
            scattered(backend, launch) * if backend == 1 { swings } else { 1.0 }
        })
    };
    let (study, ruling) = ruled(vec![to_and_fro()], "undecided", false);
    assert_eq!((named(&study, &ruling.undecided), ruling.judged), (vec!["new 64".to_owned()], 0));
    let (_, ruling) = ruled(vec![to_and_fro()], "regression", false);
    assert_eq!((ruling.undecided, ruling.regressed, ruling.planned), (vec![], vec![], 1));
    let mut short = slower("a");
    short.launches.retain(|launch| launch.number < 5);
    let (_, ruling) = ruled(vec![short], "undecided", false);
    assert_eq!((ruling.undecided.len(), ruling.judged), (4, 0), "unreliable is not decided");
}

#[test]
fn a_pair_is_ruled_by_itself() {
    let gates = [Gate::Regression(None)];
    let study = Study::pair(slower("a"), 1, 2);
    let ruling = Ruling::of(&study, &gates, vec![], false);
    assert_eq!((ruling.judged, ruling.planned, ruling.regressed.len()), (2, 2, 0), "same is faster than new");
    let study = Study::pair(slower("a"), 2, 1);
    let ruling = Ruling::of(&study, &gates, vec![], false);
    assert_eq!(named(&study, &ruling.regressed), ["new 65", "new 64"]);
}

#[test]
fn two_runs_are_judged_by_nothing_but_claims() {
    let twice_as_slow =
        || measured("b", plan(2, &["old", "new", "same"]), |_, backend, launch| 2.0 * scattered(backend, launch));
    let both = || vec![slower("a"), twice_as_slow()];
    let (_, ruling) = ruled(both(), "regression", false);
    assert_eq!(ruling.incomparable.as_deref(), Some("the runs were not measured together (evidence raw)"));
    assert_eq!((ruling.judged, ruling.planned, ruling.regressed.len()), (0, 6, 0));

    let (study, ruling) = ruled(both(), "regression", true);
    assert_eq!((ruling.incomparable, ruling.regressed.len()), (None, 6));
    assert!(ruling.regressed.iter().all(|&index| study.comparisons[index].is_claimed_slower()));
    let (_, ruling) = ruled(both(), "regression=95%", true);
    assert_eq!(ruling.regressed.len(), 4, "new was slower before, too");
    let (_, ruling) = ruled(vec![twice_as_slow(), slower("a")], "regression", true);
    assert_eq!((ruling.incomparable, ruling.regressed.len()), (None, 0), "faster");
    let (_, ruling) = ruled(both(), "undecided", true);
    assert_eq!(ruling.undecided.len(), 6, "a claim is no verdict");
}

#[test]
fn runs_without_anything_in_common_do_not_pass() {
    let mut elsewhere = slower("b");
    elsewhere.machine.fingerprint = "that".to_owned();
    let (_, ruling) = ruled(vec![slower("a"), elsewhere.clone()], "regression", false);
    assert_eq!(ruling.incomparable.as_deref(), Some("the runs come from two machines"));
    let (_, ruling) = ruled(vec![slower("a"), elsewhere], "regression", true);
    assert_eq!((ruling.incomparable, ruling.regressed), (None, vec![]), "nothing is claimed of two machines");

    let others = measured("b", plan(1, &["others"]), |_, _, _| 1000.0);
    for accept_raw in [false, true] {
        let (_, ruling) = ruled(vec![slower("a"), others.clone()], "regression", accept_raw);
        let why = "no case was measured by the same backend in both runs";
        assert_eq!((ruling.incomparable.as_deref(), ruling.planned), (Some(why), 0));
    }
}
