//! What the A/A control makes of verdicts, and when it takes part.

use smbench_core::case::Class;
use smbench_core::control::takes_part;
use smbench_core::plan::Plan;
use smbench_core::study::Study;
use smbench_core::verdict::Verdict;

use crate::made::{controlled, judged, plan, scattered};

/// Three backends: `new` 5 % slower, the control (behind them) off by this factor.
fn study(off: f64, set: impl Fn(&mut Plan)) -> Study {
    let mut plan = plan(2, &["old", "new", "same"]);
    set(&mut plan);
    Study::of(vec![controlled("a", plan, move |_, backend, launch| {
        scattered(backend, launch) * [1.0, 1.05, 1.0, off][backend]
    })])
}

const OFF: &str = "the reference was +2.0 % from a copy of its own file";

#[test]
fn where_identical_code_is_told_apart_there_are_no_verdicts() {
    let study = study(1.02, |_| ());
    study.comparisons.iter().for_each(|comparison| judged(comparison, Verdict::Unreliable, OFF));
    let [control] = study.controls[0].as_slice() else { panic!("{:?}", study.controls) };
    assert_eq!((control.class, control.cases, control.launches), (Class::Compute, 2, 24));
    assert!((control.ratio - 1.02).abs() < 1e-3 && (study.noise_floor(0).unwrap() - 0.02).abs() < 2e-3);
}

#[test]
fn where_it_is_not_they_stand() {
    for (off, set) in [(1.001, None), (0.999, None), (1.02, Some(0.05))] {
        let study = study(off, |plan| plan.margin = set);
        let off = study.comparisons.iter().find(|comparison| comparison.verdict() == Some(Verdict::Unreliable));
        assert!(off.is_none(), "{off:?}");
    }
}

#[test]
fn a_class_is_judged_by_its_own_control() {
    let study = Study::of(vec![{
        let mut plan = plan(2, &["old", "new"]);
        plan.cases[1].threads = 2;
        controlled("a", plan, |case, backend, launch| {
            scattered(backend, launch) * if backend == 2 && case == 1 { 1.04 } else { 1.0 }
        })
    }]);
    let verdicts: Vec<_> = study.comparisons.iter().map(|comparison| comparison.verdict().unwrap()).collect();
    assert_eq!(verdicts, [Verdict::Equivalent, Verdict::Unreliable], "4 % is beyond half of 5 %");
    let classes: Vec<Class> = study.controls[0].iter().map(|control| control.class).collect();
    assert_eq!(classes, [Class::Compute, Class::Threads]);
}

#[test]
fn the_control_takes_no_part_in_rows_or_comparisons() {
    let study = study(1.0, |_| ());
    assert_eq!((study.rows.len(), study.comparisons.len()), (6, 4));
    assert!(study.rows.iter().all(|row| row.backend < 3));
}

#[test]
fn a_pair_keeps_the_control_of_the_reference_there_was() {
    let plan = plan(2, &["old", "new", "same"]);
    let times = |off: f64| move |_, backend, launch| scattered(backend, launch) * [1.0, 1.05, 1.0, off][backend];
    let quiet = Study::pair(controlled("a", plan.clone(), times(1.0)), 1, 2);
    assert!((quiet.controls[0][0].ratio - 1.0).abs() < 1e-3, "not beside new, which is 5 % slower");
    assert_eq!(quiet.comparisons[0].verdict(), Some(Verdict::Improved));
    let off = Study::pair(controlled("a", plan, times(1.02)), 1, 2);
    judged(&off.comparisons[0], Verdict::Unreliable, OFF);
}

#[test]
fn a_pair_has_the_figures_of_a_run_with_that_reference() {
    let times = |_, backend: usize, launch| scattered(backend, launch) * [1.0, 1.05, 1.1, 1.0][backend];
    let plan = plan(2, &["old", "new", "same"]);
    let pair = Study::pair(controlled("a", plan.clone(), times), 2, 1);
    let whole = Study::of(vec![controlled("a", Plan { reference: 2, controlled: Some(0), ..plan }, times)]);
    let whole: Vec<_> = whole.comparisons.iter().filter(|of| whole.rows[of.row].alias == "new").collect();
    assert_eq!((pair.rows.len(), pair.comparisons.len(), whole.len()), (4, 2, 2));
    for (pair, whole) in pair.comparisons.iter().zip(whole) {
        let figures = |of: &smbench_core::study::Comparison| (of.ratio, of.interval, of.p, of.q, of.judged.clone());
        assert_eq!(figures(pair), figures(whole), "q is over all comparisons of the run");
    }
    let aliases: Vec<&str> = pair.comparisons.iter().map(|of| pair.rows[of.reference].alias.as_str()).collect();
    assert_eq!(aliases, ["same", "same"]);
}

#[test]
fn it_takes_part_in_a_quarter_of_the_launches_of_many_cases_and_in_more_of_few() {
    #[track_caller]
    fn check(cases: usize, launches: u32, until_decided: bool, of_a_case: usize) {
        let plan = Plan { launches, until_decided, ..plan(cases, &["old", "new"]) };
        for case in 0..cases {
            let taken = (0..launches).filter(|&launch| takes_part(&plan, launch, case)).count();
            assert_eq!(taken, of_a_case, "case {case} of {cases}, {launches} launches");
        }
        let spread = (0..cases).filter(|&case| takes_part(&plan, 0, case)).count();
        assert_eq!(spread, cases.div_ceil(launches as usize / of_a_case), "not all in the same sweep");
    }
    check(1, 12, false, 12);
    check(2, 12, false, 6);
    check(3, 12, false, 4);
    check(4, 12, false, 3);
    check(60, 12, false, 3);
    check(1, 48, false, 12);
    check(60, 20, false, 5);
    check(1, 48, true, 48);
    check(2, 48, true, 24);
    check(60, 48, true, 12);
}
