//! What a store has taken survives `kill -9`.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use smbench_host::store::location::Location;
use smbench_host::store::{Store, find_run};

use crate::sample;

const FOLDER: &str = "SMBENCH_TEST_KILLED";

/// Not a test of its own: the victim of the one below, which stores launches until it is killed.
#[test]
fn victim() {
    let Some(folder) = env::var_os(FOLDER) else { return };
    let mut store = Location::find(folder.as_ref()).open_or_create().unwrap();
    store.create(&sample::begun("a"), &[]).unwrap();
    (0..u32::MAX).for_each(|number| store.save_launch("a", &sample::launch(0, number)).unwrap());
}

#[test]
fn finished_launches_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::find(folder.path());
    let mut victim = Command::new(env::current_exe().unwrap());
    let mut victim =
        victim.args(["--exact", "killed::victim"]).env(FOLDER, folder.path()).stdout(Stdio::null()).spawn().unwrap();
    let stored = || location.open().and_then(|store| Ok(store.list()?.first().map_or(0, |run| run.launches_stored)));
    let begin = Instant::now();
    while stored().unwrap_or(0) < 20 && begin.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(5));
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    let run = find_run("latest", || Ok(Box::new(location.open()?))).unwrap();
    assert!(run.launches.len() >= 20);
    for (number, launch) in run.launches.iter().enumerate() {
        assert_eq!(*launch, sample::launch(0, number as u32));
    }
    assert_eq!(location.open().unwrap().last_resumable().unwrap().as_deref(), Some("a"));
}
