//! `--until-decided`: what is decided at a look ends there, through an interruption, too.

use std::collections::BTreeMap;

use libc::SIGINT;
use serde_json::Value;

use crate::gates::swinging;
use crate::store::{launches, stored, wait_for_launches};
use crate::support::Lab;

#[test]
fn a_decided_case_ends_at_its_look_and_resume_keeps_to_that() {
    let lab = Lab::new();
    let running = lab.start(&[&swinging(&lab)[..], &["--until-decided"]].concat());
    wait_for_launches(&lab, 27);
    running.signal(SIGINT);
    running.end("smbench run, interrupted").expect(130);
    let before = by_case(&stored(&lab));
    assert!(before[&1] > before[&0], "the undecided one goes on: {before:?}");

    let resumed = lab.run(&["run", "--resume", "--fail-on", "regression", "--format", "json"]).expect(3);
    resumed.says("after 12 launches: 1 of 2 cases open").says("after 24 launches: 1 of 2 cases open");
    let run = stored(&lab);
    assert_eq!(run["state"], "finished");
    assert_eq!(by_case(&run), BTreeMap::from([(0, 12), (1, 48)]));
    let report = resumed.report();
    assert_eq!((&report.0["run"]["until_decided"], &report.0["run"]["launches"]), (&true.into(), &48.into()));
    assert_eq!(report.comparisons()[0]["verdict"], "regressed");
    assert_ne!(report.comparisons()[1]["verdict"], "regressed");
    lab.run(&["run", "--resume"]).expect(2).says("every stored run is finished");
}

/// Launches of each case.
fn by_case(run: &Value) -> BTreeMap<u64, usize> {
    let mut by_case = BTreeMap::new();
    launches(run).iter().for_each(|launch| *by_case.entry(launch["case"].as_u64().unwrap()).or_default() += 1);
    by_case
}

#[test]
fn with_one_backend_nothing_is_decided() {
    let lab = Lab::new();
    lab.run(&["run", "--case", "add/1000", "-b", "naive", "--until-decided"])
        .expect(2)
        .says("with one backend there is nothing to decide");
}
