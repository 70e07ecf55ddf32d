//! What every store must do. A new one joins by a line in [`STORES`].

use std::fs;
use std::path::PathBuf;

use smbench_core::case::Case;
use smbench_core::confinement::Grants;
use smbench_core::history::Entry;
use smbench_core::imported::Copied;
use smbench_core::message::CheckReport;
use smbench_core::outcome::Outcome;
use smbench_core::run::{Check, Git, Machine, Note, Run, State};
use smbench_host::hash;
use smbench_host::store::sqlite::SqliteStore;
use smbench_host::store::{CheckKey, Outline, Store, Swept};

use crate::sample;

/// The stores under test, each empty.
const STORES: &[fn() -> Box<dyn Store>] = &[|| Box::new(SqliteStore::in_memory().unwrap())];

/// What a store must do, in words and in deed.
type Duty = (&'static str, fn(&mut dyn Store));

const DUTIES: &[Duty] = &[
    ("a run comes back whole", comes_back),
    ("a run comes back whole step by step", comes_back_in_steps),
    ("an unlabelled run without git or peak comes back", comes_back_bare),
    ("what is not finite comes back as NaN", not_finite),
    ("a later check replaces an earlier one", replaces),
    ("a launch is stored once", once),
    ("a run is stored once", run_once),
    ("a failed import leaves nothing", all_or_nothing),
    ("the list is newest first, with progress", list),
    ("a reused label moves", label_moves),
    ("runs are resumed and finished", resume),
    ("plugins are kept once", plugins),
    ("a plugin that changed is refused", changed_plugin),
    ("checks are cached by all that decides them", cache),
    ("a history is of what is wanted, and as the samples have it", entries),
    ("all runs say what they were about", outlines),
    ("a run is removed with all that was measured", removes),
    ("what no run refers to is swept away", sweeps),
    ("room is given back", compacts),
    ("an imported run is found by its content, and under its other names", content),
    ("an unknown run is an error", unknown),
];

#[test]
fn every_store_does_its_duty() {
    for store in STORES {
        for (duty, perform) in DUTIES {
            println!("{duty}"); // shown when the next line fails
            perform(store().as_mut());
        }
    }
}

fn comes_back(store: &mut dyn Store) {
    let run = sample::run("a");
    store.import(&run).unwrap();
    assert_eq!(store.load("a").unwrap(), run);
}

fn comes_back_in_steps(store: &mut dyn Store) {
    let run = sample::run("a");
    store.create(&sample::begun("a"), &[]).unwrap();
    assert_eq!(store.load("a").unwrap(), sample::begun("a"));
    store.save_peak("a", &run.peak.unwrap()).unwrap();
    run.checks.iter().for_each(|check| store.save_check("a", check).unwrap());
    run.launches.iter().for_each(|launch| store.save_launch("a", launch).unwrap());
    run.accounts.iter().for_each(|account| store.save_account("a", account).unwrap());
    run.blames.iter().for_each(|blame| store.save_blame("a", blame).unwrap());
    run.notes.iter().for_each(|note| store.note("a", note).unwrap());
    store.finish("a", State::Finished).unwrap();
    assert_eq!(store.load("a").unwrap(), run);
}

fn comes_back_bare(store: &mut dyn Store) {
    let run = Run { label: None, git: None, ..sample::begun("a") };
    store.create(&run, &[]).unwrap();
    assert_eq!(store.load("a").unwrap(), run);
}

fn not_finite(store: &mut dyn Store) {
    store.create(&sample::begun("a"), &[]).unwrap();
    let mut report = sample::report();
    report.error.as_mut().unwrap().max_abs = f64::NAN;
    report.error.as_mut().unwrap().max_rel = f64::INFINITY;
    store.save_check("a", &Check { case: 0, backend: 0, report }).unwrap();
    let error = store.load("a").unwrap().check(0, 0).unwrap().error.unwrap();
    assert!(error.max_abs.is_nan() && error.max_rel.is_infinite());
}

fn replaces(store: &mut dyn Store) {
    store.import(&sample::run("a")).unwrap();
    let report = CheckReport { outcome: Outcome::Failed("later".to_owned()), ..sample::report() };
    store.save_check("a", &Check { case: 1, backend: 0, report: report.clone() }).unwrap();
    let account = sample::run("a").accounts[0].clone();
    store.save_account("a", &account).unwrap();
    let run = store.load("a").unwrap();
    assert_eq!((run.check(1, 0), run.account(1, 1)), (Some(&report), Some(&account.report)));
    assert_eq!((run.checks.len(), run.accounts.len()), (4, 3));
}

fn once(store: &mut dyn Store) {
    store.create(&sample::begun("a"), &[]).unwrap();
    store.save_launch("a", &sample::launch(0, 0)).unwrap();
    assert!(store.save_launch("a", &sample::launch(0, 0)).is_err());
    assert!(store.save_launch("a", &sample::launch(7, 0)).is_err(), "case 7 is not in the plan");
    assert_eq!(store.load("a").unwrap().launches, [sample::launch(0, 0)]);
}

fn run_once(store: &mut dyn Store) {
    store.import(&sample::run("a")).unwrap();
    let error = store.import(&sample::run("a")).unwrap_err().to_string();
    assert!(error.contains("stored already") && error.contains("smbench show a"), "{error}");
}

fn all_or_nothing(store: &mut dyn Store) {
    let mut run = sample::run("a");
    run.launches.push(run.launches[0].clone());
    assert!(store.import(&run).is_err());
    assert!(store.list().unwrap().is_empty());
}

fn list(store: &mut dyn Store) {
    store.import(&sample::run("a")).unwrap();
    store.create(&Run { label: None, ..sample::begun("b") }, &[]).unwrap();
    let list = store.list().unwrap();
    assert_eq!(list.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(list[1].backends, ["naive", "pooled@avx2"]);
    assert_eq!((list[1].cases, list[1].launches_stored, list[1].launches_planned), (2, 3, 24));
    assert_eq!((list[0].state, list[0].launches_stored), (State::Running, 0));
    assert_eq!((list[0].config.as_str(), list[0].preset.as_str()), ("quick", "quick"));
}

fn label_moves(store: &mut dyn Store) {
    store.import(&sample::run("a")).unwrap();
    store.import(&sample::run("b")).unwrap();
    assert_eq!(store.load("a").unwrap().label, None);
    assert_eq!(store.resolve("before").unwrap(), "b");
    assert_eq!(store.resolve("latest~1").unwrap(), "a");
}

fn resume(store: &mut dyn Store) {
    assert_eq!(store.last_resumable().unwrap(), None);
    store.create(&sample::begun("a"), &[]).unwrap();
    store.finish("a", State::Interrupted).unwrap();
    store.import(&sample::run("b")).unwrap();
    assert_eq!(store.last_resumable().unwrap().as_deref(), Some("a"));
    store.resume("a", "2026-11-24T00:00:00Z", "smbench run --resume").unwrap();
    assert_eq!(store.load("a").unwrap().state, State::Running);
    store.finish("a", State::Finished).unwrap();
    assert_eq!(store.last_resumable().unwrap(), None);
}

fn plugins(store: &mut dyn Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("liba.so");
    fs::write(&path, "bytes").unwrap();
    let sha256 = hash::bytes(b"bytes");
    store.create(&sample::begun("a"), &[(sha256.clone(), path.clone())]).unwrap();
    assert_eq!(store.plugin_bytes(&sha256).unwrap().unwrap(), b"bytes");
    fs::remove_file(&path).unwrap();
    store.create(&sample::begun("b"), &[(sha256.clone(), path)]).unwrap();
    assert_eq!(store.plugin_bytes(&sha256).unwrap().unwrap(), b"bytes");
    assert_eq!(store.plugin_bytes("none").unwrap(), None);
}

fn changed_plugin(store: &mut dyn Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("liba.so");
    fs::write(&path, "other").unwrap();
    let refused = |plugins: &[(String, PathBuf)], store: &mut dyn Store| {
        assert!(store.create(&sample::begun("a"), plugins).is_err());
        assert!(store.list().unwrap().is_empty());
    };
    refused(&[(hash::bytes(b"bytes"), path)], store);
    refused(&[(hash::bytes(b"bytes"), folder.path().join("gone.so"))], store);
}

fn key(plugin: String) -> CheckKey {
    CheckKey {
        plugin,
        definition: "d".to_owned(),
        tier: None,
        threads: 1,
        options: vec![],
        logit_tolerance: None,
        grants: Some(Grants::default()),
        machine: "m".to_owned(),
        checker: "0.1.0".to_owned(),
    }
}

fn cache(store: &mut dyn Store) {
    let key = key("p".to_owned());
    assert_eq!(store.cached_check(&key).unwrap(), None);
    store.cache_check(&key, &sample::report()).unwrap();
    assert_eq!(store.cached_check(&key).unwrap(), Some(sample::report()));
    let others = [
        CheckKey { plugin: "q".to_owned(), ..key.clone() },
        CheckKey { definition: "e".to_owned(), ..key.clone() },
        CheckKey { tier: Some(String::new()), ..key.clone() },
        CheckKey { threads: 2, ..key.clone() },
        CheckKey { options: vec![("a".to_owned(), "b".to_owned())], ..key.clone() },
        CheckKey { logit_tolerance: "5e-3".parse().ok(), ..key.clone() },
        CheckKey { grants: None, ..key.clone() },
        CheckKey { grants: Some(Grants { exec: true, ..Grants::default() }), ..key.clone() },
        CheckKey { machine: "n".to_owned(), ..key.clone() },
        CheckKey { checker: "0.2.0".to_owned(), ..key.clone() },
    ];
    for other in others {
        assert_eq!(store.cached_check(&other).unwrap(), None, "{other:?}");
    }
    let later = CheckReport { call_ns: 1, ..sample::report() };
    store.cache_check(&key, &later).unwrap();
    assert_eq!(store.cached_check(&key).unwrap(), Some(later));
}

fn entries(store: &mut dyn Store) {
    let run = sample::run("a");
    store.import(&run).unwrap();
    let all = |_: &Case, _: &str| true;
    let of_two = |case: &Case, alias: &str| case.threads == 2 && alias == "naive";
    for _ in ["from what was kept", "again"] {
        assert_eq!(store.entry("a", &all).unwrap(), Entry::of(&run, &all));
        assert_eq!(store.entry("a", &of_two).unwrap(), Entry::of(&run, &of_two));
    }
    store.resume("a", "2026-11-25T08:15:02Z", "smbench run --resume").unwrap();
    store.save_launch("a", &sample::launch(0, 5)).unwrap();
    let more = store.load("a").unwrap();
    assert_eq!(store.entry("a", &all).unwrap(), Entry::of(&more, &all), "what goes on is read anew");
    store.finish("a", State::Finished).unwrap();
    let Entry { points, .. } = store.entry("a", &all).unwrap();
    assert_eq!(points, Entry::of(&more, &all).points);
    assert_ne!(points, Entry::of(&run, &all).points, "what was kept before is not");
}

fn outlines(store: &mut dyn Store) {
    assert_eq!(store.outlines().unwrap(), []);
    let git = Git { branch: Some("main".to_owned()), ..sample::run("a").git.unwrap() };
    store.import(&Run { git: Some(git), ..sample::run("a") }).unwrap();
    store.create(&Run { git: None, ..sample::begun("b") }, &[]).unwrap();
    let id = "simd/matmul/64x64x64/f32";
    let outline = |run: &str, branch: Option<&str>| Outline {
        run: run.to_owned(),
        branch: branch.map(str::to_owned),
        backends: vec!["naive".to_owned(), "pooled@avx2".to_owned()],
        cases: vec![(id.to_owned(), 1), (id.to_owned(), 2)],
    };
    assert_eq!(store.outlines().unwrap(), [outline("b", None), outline("a", Some("main"))]);
}

fn removes(store: &mut dyn Store) {
    let kept = Run { label: None, ..sample::run("b") };
    store.import(&sample::run("a")).unwrap();
    store.import(&kept).unwrap();
    assert!(store.remove("a").unwrap() && !store.remove("a").unwrap());
    assert!(store.load("a").is_err());
    assert_eq!(store.load("b").unwrap(), kept);
    store.import(&sample::run("a")).unwrap();
    assert_eq!(store.load("a").unwrap(), sample::run("a"), "nothing of it was left");
}

fn sweeps(store: &mut dyn Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("liba.so");
    fs::write(&path, "bytes").unwrap();
    let sha256 = hash::bytes(b"bytes");
    let mut run = sample::begun("a");
    run.plan.backends[0].sha256 = sha256.clone();
    store.create(&run, &[(sha256.clone(), path)]).unwrap();
    store.import(&Run { machine: Machine { host: "other".to_owned(), ..run.machine }, ..sample::run("b") }).unwrap();
    let [mine, others] = [sha256.clone(), sample::run("b").plan.backends[0].sha256.clone()].map(key);
    // A plugin that brings libraries along is named by their hash, too.
    let keys = [CheckKey { plugin: sha256.clone() + "libraries", ..mine.clone() }, mine, others];
    keys.iter().for_each(|key| store.cache_check(key, &sample::report()).unwrap());

    assert_eq!(store.sweep().unwrap(), Swept::default(), "all of it is needed");
    assert!(store.plugin_bytes(&sha256).unwrap().is_some());
    store.remove("a").unwrap();
    assert_eq!(store.sweep().unwrap(), Swept { plugins: 1, checks: 2, machines: 1 });
    assert_eq!(store.plugin_bytes(&sha256).unwrap(), None);
    let left = keys.map(|key| store.cached_check(&key).unwrap().is_some());
    assert_eq!(left, [false, false, true]);
    assert_eq!(store.load("b").unwrap().machine.host, "other");
}

fn compacts(store: &mut dyn Store) {
    let long: Vec<_> = (0..200).map(|number| sample::launch(1, number)).collect();
    store.import(&Run { launches: long, ..sample::run("a") }).unwrap();
    store.import(&sample::run("b")).unwrap();
    store.remove("a").unwrap();
    assert!(store.compact().unwrap() > 10_000);
    assert_eq!(store.compact().unwrap(), 0);
    assert_eq!(store.load("b").unwrap(), sample::run("b"));
}

fn content(store: &mut dyn Store) {
    let run = sample::run("a");
    store.import(&run).unwrap();
    let content = run.imported.as_ref().unwrap().content.clone();
    assert_eq!(store.find_content(&content).unwrap().as_deref(), Some("a"));
    assert_eq!(store.find_content("another").unwrap(), None);
    assert_eq!(store.resolve("stale").unwrap(), "a");
    store.import(&Run { label: Some("later".to_owned()), imported: None, ..sample::run("b") }).unwrap();
    let copy = Copied { label: "later".to_owned(), created: "2026-11-25T08:15:02Z".to_owned() };
    store.save_copy("a", &copy).unwrap();
    assert_eq!(store.resolve("later").unwrap(), "a", "a label that is used again moves");
    assert_eq!(store.load("a").unwrap().imported.unwrap().copies[1], copy);
    assert!(store.save_copy("b", &copy).is_err() && store.save_copy("c", &copy).is_err());
}

fn unknown(store: &mut dyn Store) {
    assert!(store.entry("a", &|_, _| true).is_err());
    let note = Note { created: String::new(), text: String::new() };
    assert!(store.load("a").unwrap_err().to_string().contains("no run `a`"));
    assert!(store.finish("a", State::Finished).is_err() && store.note("a", &note).is_err());
    assert!(store.resolve("latest").unwrap_err().to_string().contains("smbench run quick"));
}
