//! What is removed goes with all that only it needed; a label and a run that goes on are safe.

use std::fs;

use crate::store::{CASES, stored, wait_for_launches};
use crate::support::{Lab, built};

const RUN: [&str; 7] = ["run", "--case", "add/1000", "-b", "./libone.so", "--preset", "quick"];

#[test]
fn old_runs_go_with_all_that_only_they_needed() {
    let lab = Lab::new();
    fs::copy(built("naive"), lab.path("libone.so")).unwrap();
    let mine = lab.run(&RUN).expect(0);
    fs::copy(built("pooled"), lab.path("libone.so")).unwrap();
    lab.run(&[&RUN[..], &["--label", "kept"]].concat()).expect(0);
    lab.run(&RUN).expect(0);
    let before = size(&lab);

    lab.run(&["gc", "--keep", "1", "--dry-run"])
        .expect(0)
        .says("would remove 1 run")
        .says("kept: 1 newest, 1 labelled");
    assert_eq!(size(&lab), before);
    lab.run(&["show", "latest~2"]).expect(0).says(mine.stdout.lines().nth(3).unwrap());

    let said = lab.run(&["gc", "--keep", "1"]).expect(0);
    said.says("removed 1 run, 1 plugin, 1 cached check; ").says(" freed\nkept: 1 newest, 1 labelled\n");
    assert!(size(&lab) < before / 2 + before / 4, "{} of {before} bytes are left", size(&lab));
    lab.run(&["show", "latest~2"]).expect(2).says("2 run(s) are stored");
    lab.run(&["show", "kept"]).expect(0);

    lab.run(&["gc", "--keep", "1"]).expect(0).says("removed nothing; 0 B freed");
    lab.run(&["gc", "--keep", "0"]).expect(0).says("removed 1 run; ").says("kept: 1 labelled");
    lab.run(&["show"]).expect(0);
}

#[test]
fn a_run_that_goes_on_is_kept_and_a_killed_one_is_not() {
    let lab = Lab::new();
    let measure = ["run", "--case", CASES, "-b", "naive,pooled", "--preset", "quick"];
    let running = lab.start(&measure);
    wait_for_launches(&lab, 2);
    let gc = lab.command(&["gc", "--keep", "0"]).output().unwrap();
    let said = String::from_utf8(gc.stdout).unwrap();
    assert!(said.starts_with("removed nothing; no space is given back while run 2"), "{said}");
    assert!(said.ends_with("kept: 1 going on\n"), "{said}");
    running.end("smbench run").expect(0);
    assert_eq!(stored(&lab)["state"], "finished");
    lab.run(&["gc", "--keep", "0"]).expect(0).says("removed 1 run, 2 plugins, 4 cached checks, 1 machine; ");

    let running = lab.start(&measure);
    wait_for_launches(&lab, 2);
    running.signal(libc::SIGKILL);
    running.end("smbench run, killed");
    lab.expect_nobody();
    lab.run(&["gc", "--keep", "0"])
        .expect(0)
        .says("removed 1 run, 2 plugins, 4 cached checks, 1 machine; ")
        .says("kept no run");
    lab.run(&["list", "runs"]).expect(0);
    let left = fs::read_dir(lab.path("store")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert!(left.into_iter().all(|name| !name.ends_with(".lock")), "the lock of the killed run goes with it");
}

/// Bytes of the database, write-ahead log and all.
fn size(lab: &Lab) -> u64 {
    let files = fs::read_dir(lab.path("store")).unwrap();
    files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
}
