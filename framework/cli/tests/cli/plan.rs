//! The shipped configs promise how long they take.

use std::time::Duration;

use crate::support::{Lab, root};

#[test]
fn full_takes_six_minutes_at_most() {
    takes_at_most("configs/full.ron", Duration::from_secs(360));
}

#[test]
fn quick_takes_a_hundred_seconds_at_most() {
    takes_at_most("configs/quick.ron", Duration::from_secs(100));
}

#[test]
fn a_plan_is_only_printed() {
    let lab = Lab::new();
    lab.run(&["run", "smoke", "--list"]).expect(0).says("smoke/matmul/64x64x64/f32");
    assert!(!lab.path("store").exists());
}

#[track_caller]
fn takes_at_most(config: &str, limit: Duration) {
    let config = root().join(config);
    let ran = Lab::new().run(&["run", config.to_str().unwrap(), "-b", "naive,pooled,faer", "--list"]).expect(0);
    let (_, time) = ran.stdout.lines().find_map(|line| line.split_once(", about ")).expect("a predicted time");
    let predicted = humantime::parse_duration(time).unwrap();
    assert!(predicted <= limit, "{}: predicted {time}", config.display());
}
