//! Where a run stands with its goals.

use smbench_core::goal::{self, Goal, Judged, Reached};
use smbench_core::message::AccountReport;
use smbench_core::message::Allocations;
use smbench_core::run::{Account, Run};
use smbench_core::study::Study;

use crate::made::{measured, plan, scattered};

/// A call of `old` takes 100 µs, which is 10 GFLOPS of 100, and scatters by 0.2 %; `new` takes 4 % more.
fn run() -> Run {
    let mut run = measured("a", plan(2, &["old", "new"]), |_, backend, launch| {
        scattered(backend, launch) * if backend == 1 { 1.04 } else { 1.0 }
    });
    let allocations = Some(Allocations { count: 2.0, ..Allocations::default() });
    run.accounts =
        vec![Account { case: 0, backend: 1, report: AccountReport { allocations, ..AccountReport::default() } }];
    run
}

fn goal(text: &str) -> Result<Goal, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Patterns are parts of ids here: what a pattern is, is the caller's affair.
fn judged(study: &Study, goals: &[Goal]) -> Vec<Judged> {
    goal::judge(goals, study, &|number, id| id.contains(&goals[number].case))
}

#[test]
fn a_goal_has_one_limit_on_the_side_that_makes_sense() {
    #[track_caller]
    fn check(rest: &str, want: Result<&str, &str>) {
        let goal = goal(&format!("{{\"case\": \"matmul\", {rest}}}"));
        match (goal, want) {
            (Ok(goal), Ok(want)) => assert_eq!(goal.to_string(), want),
            (Err(error), Err(want)) => assert!(error.starts_with(want), "{error}"),
            (goal, want) => panic!("{goal:?} is not {want:?}"),
        }
    }
    check(r#""metric": "peak_pct", "at_least": 60"#, Ok("at least 60 % of peak"));
    check(r#""metric": "time_ns", "at_most": 1500"#, Ok("at most 1.50 µs"));
    check(r#""metric": "allocations", "at_most": 0"#, Ok("at most 0 allocations"));
    check(r#""metric": "tokens_per_s", "at_least": 23000"#, Ok("at least 23.0k tok/s"));
    check(r#""metric": "gflops", "at_least": 1, "at_most": 2"#, Err("a goal has one limit: only `at_least`"));
    check(r#""metric": "gb_per_s""#, Err("a goal needs a limit: `at_least: …`"));
    check(r#""metric": "peak_pct", "at_most": 60"#, Err("the limit of peak_pct is `at_least`, not `at_most`"));
    let speed = "the limit of ratio is `at_most`, not `at_least`: time over the reference's, below 1 is faster";
    check(r#""metric": "ratio", "at_least": 1.3"#, Err(speed));
    check(r#""metric": "ratio", "at_most": -1"#, Err("the limit of ratio is a number from 0, not -1"));
    check(r#""metric": "speed", "at_most": 1"#, Err("unknown variant `speed`"));
    check(r#""metric": "ratio", "at_most": 1, "thread": 1"#, Err("unknown field `thread`"));
}

#[test]
fn met_and_missed_are_on_one_side_of_the_whole_interval() {
    #[track_caller]
    fn check(rest: &str, want: &[(&str, Reached)]) {
        let study = Study::of(vec![run()]);
        let goal = goal(&format!("{{\"case\": \"64x64x64\", {rest}}}")).unwrap();
        let judged = judged(&study, std::slice::from_ref(&goal));
        let rows = judged[0].rows.iter().map(|standing| (study.rows[standing.row].alias.as_str(), standing.reached));
        assert_eq!(rows.collect::<Vec<_>>(), want, "{rest}: {judged:#?}");
    }
    use Reached::{Inconclusive, Met, Missed, NotMeasured};
    check(r#""metric": "time_ns", "at_most": 1e5, "threads": 2"#, &[]);
    check(r#""metric": "time_ns", "at_most": 1e6, "threads": 1"#, &[("old", Met), ("new", Met)]);
    check(r#""metric": "gflops", "at_least": 1"#, &[("old", Met), ("new", Met)]);
    check(r#""metric": "gflops", "at_least": 20"#, &[("old", Missed), ("new", Missed)]);
    check(r#""metric": "peak_pct", "at_least": 20, "backend": "old""#, &[("old", Missed)]);
    check(r#""metric": "peak_pct", "at_least": 1, "backend": "new""#, &[("new", Met)]);
    check(r#""metric": "gb_per_s", "at_least": 0.1, "backend": "nobody""#, &[]);
    check(r#""metric": "ratio", "at_most": 1.1"#, &[("new", Met)]);
    check(r#""metric": "ratio", "at_most": 1.0"#, &[("new", Missed)]);
    check(r#""metric": "ratio", "at_most": 1.0405"#, &[("new", Inconclusive)]);
    check(r#""metric": "ratio", "at_most": 1.0, "backend": "old""#, &[("old", NotMeasured)]);
    check(r#""metric": "allocations", "at_most": 2"#, &[("old", NotMeasured), ("new", Met)]);
    check(r#""metric": "allocations", "at_most": 1, "backend": "new""#, &[("new", Missed)]);
    check(r#""metric": "tokens_per_s", "at_least": 1, "backend": "new""#, &[("new", NotMeasured)]);
}

#[test]
fn too_few_launches_allow_no_answer_and_wrong_results_have_no_figure() {
    let mut short = run();
    short.launches.retain(|launch| launch.number < 5);
    short.launches.iter_mut().find(|launch| launch.case == 1).unwrap().launch.late.push((1, "wrong".to_owned()));
    let study = Study::of(vec![short]);
    let goals = [
        goal(r#"{"case": "", "metric": "ratio", "at_most": 9}"#).unwrap(),
        goal(r#"{"case": "64x64x64", "metric": "gflops", "at_least": 1, "backend": "old"}"#).unwrap(),
        goal(r#"{"case": "softmax", "metric": "gflops", "at_least": 1}"#).unwrap(),
    ];
    let judged = judged(&study, &goals);
    assert_eq!(goal::tally(&judged), "2 inconclusive, 1 not measured, 1 without a case");
    assert_eq!(goal::unmatched(&judged).map(Goal::scope).collect::<Vec<_>>(), ["softmax"]);
    let reasons: Vec<&str> = judged.iter().flat_map(|of| &of.rows).filter_map(|of| of.reason.as_deref()).collect();
    assert_eq!(reasons[1..], ["rejected: right in its check, wrong in a launch: wrong", "fewer than 6 launches"]);
}

#[test]
fn goals_are_about_the_newest_run_and_blockers_come_first() {
    let mut older = run();
    older.plan.backends[0].spec.alias = "older".to_owned();
    let study = Study::of(vec![older, run()]);
    let goals = [
        goal(r#"{"case": "64x64x64", "metric": "peak_pct", "at_least": 20}"#).unwrap(),
        goal(r#"{"case": "64x64x65", "metric": "ratio", "at_most": 1, "blocker": true}"#).unwrap(),
        goal(r#"{"case": "", "metric": "ratio", "at_most": 2, "backend": "older"}"#).unwrap(),
    ];
    let judged = judged(&study, &goals);
    assert_eq!(goal::tally(&judged), "3 missed, 1 without a case");
    let missed = goal::all(&judged, Reached::Missed);
    assert!(missed.iter().all(|(_, standing)| study.rows[standing.row].run == 1));
    let told = missed[0].0.told(missed[0].1);
    assert!(
        missed[0].0.blocker && told.starts_with("1.04x (") && told.ends_with("and the goal is at most 1.00x"),
        "{told}"
    );
}
