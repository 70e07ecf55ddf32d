//! `smbench ab` in a stranger's repository: an edit, one command, the answer; and the recipes for CI.

use std::fs;

use crate::support::{Acme, Lab, Ran, release, root};

const CASE: [&str; 3] = ["--case", "scale/1_000", "--quick"];

/// One test of many steps: the repository's builds share what cargo compiled.
#[test]
fn the_edit_compare_loop() {
    let acme = Acme::new();
    let ran = acme.ab(&[]).expect(0);
    ran.says("and the working tree hold the same files").says("nothing to compare");

    acme.slow_down();
    let before = state(&acme);
    let ran = judged(&acme, &[], ["acme-HEAD", "acme-work"], "regressed");
    assert_eq!(state(&acme), before, "{}", ran.stderr);
    let git = &ran.report().0["run"]["git"];
    assert_eq!((git["dirty"].as_bool(), git["branch"].as_str()), (Some(true), Some("main")));

    acme.git(&["checkout", "--quiet", "-b", "feature/slow"]);
    acme.commit("slow");
    judged(&acme, &["origin/main", "feature/slow"], ["acme-origin-main", "acme-feature-slow"], "regressed");
    let ran = judged(&acme, &["HEAD", "main"], ["acme-HEAD", "acme-main"], "improved");
    let git = ran.report().0["run"]["git"].clone();
    assert_eq!(git["commit"].as_str().unwrap(), acme.git(&["rev-parse", "main"]).trim());
    assert!(git["branch"].is_null() && git["dirty"] == false, "what was measured, not what is checked out: {git}");

    recipes(&acme);

    acme.replace("// element by element", "// one by one");
    // The same bytes, or but for names of symbols that no one loads, which rustc may derive from the text.
    acme.ab(&CASE).expect(0).says("acme: the same ").says("nothing to compare");
    let ran = acme.ab(&[&CASE[..], &["--format", "json", "--fail-on", "regression"]].concat()).expect(0);
    assert!(ran.says("judged 0 of 0").report().0["run"].is_null());
    acme.replace("args.factor", "args.faktor");
    let ran = acme.ab(&CASE).expect(2);
    ran.says("cannot build `acme` of the working tree").says("no field `faktor`").says("cargo build --release failed");
}

/// What of a repository would be seen to have changed.
fn state(acme: &Acme) -> [String; 4] {
    let commands: [&[&str]; 4] = [&["status", "--porcelain"], &["diff"], &["for-each-ref"], &["stash", "list"]];
    commands.map(|command| acme.git(command))
}

/// The one comparison has these names and this verdict; or none, should the machine be too busy to tell.
#[track_caller]
fn judged(acme: &Acme, revisions: &[&str], [old, new]: [&str; 2], want: &str) -> Ran {
    let ran = acme.ab(&[revisions, &CASE, &["--format", "json"]].concat()).expect(0);
    let report = ran.report();
    let [comparison] = report.comparisons() else { panic!("{:#}", report.0) };
    assert_eq!((&comparison["reference"], &comparison["backend"]), (&old.into(), &new.into()));
    assert!([want, "unreliable"].contains(&comparison["verdict"].as_str().unwrap()), "{comparison:#}");
    let ratio = comparison["ratio"].as_f64().unwrap();
    assert!((ratio > 2.0) == (want == "regressed") && (ratio < 0.5) == (want == "improved"), "{comparison:#}");
    ran
}

/// Each recipe's steps in a clone that is on the slow branch: the comment is made, and the gate fails with 3.
fn recipes(acme: &Acme) {
    for (name, steps) in [("github.yml", github as fn(&str) -> Vec<String>), ("gitlab.yml", gitlab)] {
        let text = fs::read_to_string(root().join("examples/ci").join(name)).unwrap();
        let steps = steps(&text);
        let [install, others @ .., last] = steps.as_slice() else { panic!("{steps:?}") };
        assert!(install.starts_with("cargo install --locked"), "{install}");
        let mut codes = Vec::new();
        for step in others {
            codes.push(shell(acme, step).code);
        }
        assert!(last.contains("comment.md"), "{last}");
        let comment = fs::read_to_string(acme.lab.path("acme/comment.md")).unwrap();
        fs::remove_file(acme.lab.path("acme/comment.md")).unwrap();
        let is_slower = comment.starts_with("### smbench: 1 slower · geomean");
        assert!(is_slower || comment.starts_with("### smbench: 1 unreliable"), "{comment}");
        assert!(comment.contains("`acme-HEAD`") && comment.contains("<details>"), "{comment}");
        assert_eq!(codes.last().unwrap(), &Some(if is_slower { 3 } else { 0 }), "{name}: {comment}");
        assert!(codes.iter().rev().skip(1).all(|code| *code == Some(0)), "{codes:?}");
    }
}

/// As both systems run a step; `smbench` is found, and measures one case.
fn shell(acme: &Acme, step: &str) -> Ran {
    let mut bash = acme.lab.bare("bash".as_ref(), &["-e", "-c", step]);
    let path = std::env::var("PATH").unwrap();
    bash.env("PATH", format!("{}:{path}", release().display()));
    for (name, value) in [("SMBENCH_CASE", "scale/1_000"), ("SMBENCH_PRESET", "quick")] {
        bash.env(name, value);
    }
    bash.env("SMBENCH_STORE", acme.lab.path("store"));
    acme.end(bash)
}

/// The values of `run:`.
fn github(text: &str) -> Vec<String> {
    let run = |line: &str| line.trim_start().trim_start_matches("- ").strip_prefix("run: ").map(scalar);
    text.lines().filter_map(run).collect()
}

/// The items of `script:` and `after_script:`.
fn gitlab(text: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut inside = false;
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        match line.trim_start().strip_prefix("- ") {
            Some(step) if inside => steps.push(scalar(step)),
            _ => inside = line.trim_end().ends_with("script:"),
        }
    }
    steps
}

/// A plain YAML scalar ends where a comment begins, and holds no `: `.
fn scalar(text: &str) -> String {
    let text = text.split(" #").next().unwrap().trim();
    assert!(!text.contains(": ") && !text.starts_with(['"', '\'', '&', '*', '!', '|', '>', '%', '@', '`']), "{text}");
    text.to_owned()
}

#[test]
fn what_cannot_be_compared_is_explained() {
    let lab = Lab::new();
    lab.run(&["ab"]).expect(2).says("no revisions to compare here").says("not a git repository");
    let acme = Acme::new();
    #[track_caller]
    fn check(acme: &Acme, arguments: &[&str], want: &[&str]) {
        let ran = acme.ab(arguments).expect(2);
        for want in want {
            ran.says(want);
        }
    }
    check(&acme, &["mian"], &["`mian` is neither a revision nor a config", "`git fetch`"]);
    check(&acme, &["main", "maim"], &["`maim` is neither a revision nor a config"]);
    check(&acme, &["maim", "main"], &["`maim` is neither", "no such commit"]);
    check(&acme, &["main", "HEAD", "quik"], &["there is no config or suite `quik`"]);
    check(&acme, &["-b", "acmee"], &["no plugin crate `acmee`", "did you mean `acme`?"]);
    check(&acme, &["-b", "./src"], &["`./src` builds no plugin"]);
    check(&acme, &["-b", "./gone"], &["there is no such folder"]);
    check(&acme, &["-b", "./libacme.so"], &["a library has no revisions"]);
    check(&acme, &["-b", "../origin.git"], &["could not find `Cargo.toml`"]);
    check(&acme, &["--reference", "acme"], &["`ab` takes no --reference"]);
    assert!(!acme.lab.path("store").exists(), "nothing is stored");
    acme.git(&["update-ref", "-d", "HEAD"]);
    check(&acme, &[], &["the repository has no commit"]);
}
