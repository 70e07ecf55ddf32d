//! What ships with the binary works in any folder, and says what it is.

use std::path::PathBuf;

use crate::support::{Lab, release};

#[test]
fn smoke_works_in_an_empty_folder() {
    let lab = Lab::new();
    let ran = lab.end(&mut lab.bare(&smbench(), &["run", "smoke"])).expect(0);
    ran.says("matmul/64x64x64").says("softmax/4x256").says("12 measured");
    assert!(lab.path(".smbench/store.sqlite").exists() && lab.path(".smbench/.gitignore").exists());
}

#[test]
fn lists() {
    insta::assert_snapshot!("list_ops", printed(&["list", "ops"]));
    insta::assert_snapshot!("list_suites", printed(&["list", "suites"]));
    insta::assert_snapshot!("list_configs", printed(&["list", "configs"]));
    insta::assert_snapshot!("list_cases_full", printed(&["list", "cases", "full", "--threads", "1"]));
    insta::assert_snapshot!("list_cases_quick", printed(&["list", "cases", "quick", "--threads", "1"]));
    let backends = printed(&["list", "backends"]);
    for name in ["faer", "naive", "pooled"] {
        assert!(backends.lines().any(|line| line.starts_with(name) && line.ends_with(".so")), "{backends}");
    }
    // The lab's subject lies beside them, under a name with an underscore.
    assert!(smbench().with_file_name("lib_smbench_lab.so").exists() && !backends.contains("lab.so"), "{backends}");
}

const COMMANDS: [&str; 15] = [
    "run",
    "ab",
    "show",
    "compare",
    "chart",
    "history",
    "list",
    "new",
    "check",
    "doctor",
    "loop",
    "export",
    "note",
    "gc",
    "completions",
];

#[test]
fn help() {
    insta::assert_snapshot!("help", printed(&["--help"]));
    for command in COMMANDS {
        insta::assert_snapshot!(format!("help_{command}"), printed(&[command, "--help"]));
    }
    assert_eq!(printed(&["--version"]), format!("smbench {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions() {
    for (shell, mark) in [("bash", "complete -F"), ("zsh", "#compdef smbench"), ("fish", "complete -c smbench")] {
        Lab::new().run(&["completions", shell]).expect(0).says(mark);
    }
}

#[test]
fn a_case_can_be_looped_for_a_profiler() {
    let lab = Lab::new();
    lab.run(&["loop", "matmul/64x64x64", "-b", "pooled", "--seconds", "0.2"]).expect(0).says("calls in 0.2 s");
}

/// What a command prints where the environment says nothing.
#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let lab = Lab::new();
    lab.end(&mut lab.bare(&smbench(), arguments)).expect(0).stdout
}

fn smbench() -> PathBuf {
    release().join("smbench")
}
