//! `smbench new`, followed literally in an empty folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Lab, Ran, as_stranger, release, root};

#[test]
fn a_new_crate_conforms_passes_and_is_measured() {
    let lab = Lab::new();
    let told = lab.run(&["new", "acme-avx2"]).expect(0);
    insta::assert_snapshot!("new_rust", told.stdout);
    pin(&lab, "acme-avx2");
    let mut test = lab.bare(Path::new("cargo"), &["test"]);
    lab.end(as_stranger(&mut test).current_dir(lab.path("acme-avx2"))).expect(0).says("test tests::conforms ... ok");
    lab.end(as_stranger(&mut lab.command(&["check", "."])).current_dir(lab.path("acme-avx2")))
        .expect(0)
        .says("acme-avx2 0.1.0 by acme-avx2")
        .says("pass: 1 right, 0 unsupported");
    let run = ["run", "--case", "relu/1_000", "-b", "naive,./acme-avx2", "--quick", "--format", "json"];
    lab.end(as_stranger(&mut lab.command(&run))).expect(0).report().expect_measured("acme-avx2");
}

#[test]
fn a_new_c_plugin_passes_and_is_measured() {
    let lab = Lab::new();
    let told = lab.run(&["new", "acme-c", "somewhere/else", "--lang", "c"]).expect(0);
    insta::assert_snapshot!("new_c", told.stdout);
    let header = fs::read(lab.path("somewhere/else/smbench.h")).unwrap();
    assert_eq!(header, fs::read(root().join("framework/abi/include/smbench.h")).unwrap(), "word for word");
    let make = |goal: &str| -> Ran {
        let path = format!("{}:{}", release().display(), std::env::var("PATH").unwrap());
        let mut make = lab.bare(Path::new("make"), &["CFLAGS=-O3 -Werror", goal]);
        lab.end(make.current_dir(lab.path("somewhere/else")).env("PATH", path))
    };
    make("check").expect(0).says("acme-c 0.1.0 by acme-c").says("pass: 1 right, 0 unsupported");
    make("run").expect(0).says("acme_c");
}

#[test]
fn what_cannot_be_written_is_said() {
    let lab = Lab::new();
    lab.write("full/notes.txt", "mine");
    lab.write("file", "mine");
    let commands: [&[&str]; 7] = [
        &["Acme"],
        &["match"],
        &["../acme"],
        &["acme", "full"],
        &["acme", "file"],
        &["acme", "file/acme"],
        &["acme", "--sdk", "full"],
    ];
    let mut text = String::new();
    for arguments in commands {
        let ran = lab.run(&[&["new"], arguments].concat()).expect(2);
        text += &format!("$ smbench new {}\n{}\n", arguments.join(" "), ran.stderr);
    }
    insta::assert_snapshot!("new_refused", text);
    assert_eq!(fs::read_dir(lab.path("full")).unwrap().count(), 1);
    assert!(!lab.path("acme").exists(), "nothing is left of what was refused");
}

#[test]
fn a_crate_without_its_sdk_says_so_and_ci_can_give_another() {
    let lab = Lab::new();
    lab.run(&["new", "acme"]).expect(0);
    pin(&lab, "acme");
    let manifest = fs::read_to_string(lab.path("acme/Cargo.toml")).unwrap();
    let sdk = fs::canonicalize(root().join("framework/sdk")).unwrap();
    assert!(manifest.contains(&format!("path = \"{}\"", sdk.display())), "{manifest}");
    lab.write("acme/Cargo.toml", manifest.replace(sdk.to_str().unwrap(), "/nowhere/sdk"));
    let metadata = || -> Command {
        let mut command = lab.bare(Path::new("cargo"), &["metadata", "--format-version", "1"]);
        as_stranger(&mut command).current_dir(lab.path("acme"));
        command
    };
    lab.end(&mut metadata()).expect(101).says("/nowhere/sdk");
    // As .github/workflows/ci.yml has it.
    lab.write("acme/.cargo/config.toml", format!("patch.crates-io.smbench-sdk.path = '{}'\n", sdk.display()));
    lab.end(&mut metadata()).expect(0);
}

/// What a stranger's cargo would download is here already; the versions must be the same.
fn pin(lab: &Lab, project: &str) {
    lab.write(&format!("{project}/Cargo.lock"), fs::read(root().join("Cargo.lock")).unwrap());
}
