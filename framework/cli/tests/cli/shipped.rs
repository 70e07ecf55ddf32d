//! What ships with the binary works in any folder, and says what it is.

use crate::support::{Lab, release};

#[test]
fn smoke_works_in_an_empty_folder() {
    let lab = Lab::new();
    let ran = lab.end(&mut lab.bare(&release().join("smbench"), &["run", "smoke"])).expect(0);
    ran.says("matmul/64x64x64").says("softmax/4x256").says("12 measured");
    assert!(lab.path(".smbench/store.sqlite").exists() && lab.path(".smbench/.gitignore").exists());
}

#[test]
fn lists() {
    let lab = Lab::new();
    let list = |arguments: &[&str]| lab.run(arguments).expect(0).stdout;
    insta::assert_snapshot!("list ops", list(&["list", "ops"]));
    insta::assert_snapshot!("list suites", list(&["list", "suites"]));
    insta::assert_snapshot!("list configs", list(&["list", "configs"]));
    insta::assert_snapshot!("list cases", list(&["list", "cases", "full", "--threads", "1"]));
    let backends = list(&["list", "backends"]);
    for name in ["faer", "naive", "pooled"] {
        assert!(backends.lines().any(|line| line.starts_with(name) && line.ends_with(".so")), "{backends}");
    }
}

#[test]
fn help() {
    let lab = Lab::new();
    let help = |arguments: &[&str]| lab.run(arguments).expect(0).stdout;
    insta::assert_snapshot!("help", help(&["--help"]));
    for command in ["run", "show", "compare", "chart", "list", "check", "loop", "export", "completions"] {
        insta::assert_snapshot!(format!("help {command}"), help(&[command, "--help"]));
    }
    assert_eq!(help(&["--version"]), format!("smbench {}\n", env!("CARGO_PKG_VERSION")));
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
