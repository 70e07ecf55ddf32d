//! Plugins of other versions of the contract: those of 1.0, kept as they were, load for ever; so do newer ones with what
//! this host does not know; another major or layout is refused in one line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Lab, Ran, compile, compile_in, root};

fn frozen() -> PathBuf {
    root().join("framework/abi/tests/frozen/1.0")
}

/// Compiles a plugin in C of 1.0 against the header of 1.0.
#[track_caller]
fn of_1_0(lab: &Lab, name: &str) -> PathBuf {
    compile_in(lab, &frozen().join("c"), &frozen().join("c"), name, name, &[])
}

#[track_caller]
fn run(lab: &Lab, library: &Path, what: &[&str]) -> Ran {
    let run = ["run", "--quick", "--format", "json", "-b", "naive", "-b", library.to_str().unwrap()];
    lab.run(&[&run[..], what].concat())
}

const SUITE: &str = r#"(
    name: "tiny",
    about: "what 1.0 had besides ops",
    models: [(
        vocabulary: 50, context: 24, width: 24, layers: 2, heads: 3, hidden: 60,
        cases: [decode(prompt: 4, tokens: 8)],
    )],
    acquire: [(sizes: ["2KiB"])],
)"#;

#[test]
fn an_allocator_and_a_decoder_of_1_0_are_loaded() {
    let lab = Lab::new();
    let [memory, whole] = ["memory_right", "whole"].map(|name| of_1_0(&lab, name).display().to_string());
    lab.write("tiny.ron", SUITE);
    let run = ["run", "tiny.ron", "--quick", "--format", "json", "-b", &format!("{memory},{whole}")];
    let report = lab.run(&run).expect(0).report();
    let outcome = |case: &str, backend: &str| report.row(case, backend)["outcome"].clone();
    assert_eq!(outcome("tiny/acquire", "memory_right"), "measured");
    assert_eq!(outcome("tiny/decode", "whole"), "measured");
}

#[test]
fn an_op_of_its_own_of_1_0_is_loaded() {
    let lab = Lab::new();
    let library = of_1_0(&lab, "topk");
    lab.run(&["check", library.to_str().unwrap()]).says("acme.topk/1");
}

/// Builds the plugin in Rust of 1.0 with the crate of 1.0, as `edits` of their files make them.
#[track_caller]
fn in_rust(lab: &Lab, edits: &[(&str, &str, &str)]) -> PathBuf {
    let folder = lab.path("rust");
    copy(&frozen().join("rust"), &folder);
    for (file, from, to) in edits {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(folder.join(file), text.replace(from, to)).unwrap();
    }
    let target = lab.path("target");
    // What does not change is built once for all of these tests.
    let shared = root().join("target/frozen");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", &shared)
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    fs::create_dir(&target).unwrap();
    let library = target.join("libfrozen.so");
    fs::copy(shared.join("release/libfrozen.so"), &library).unwrap();
    library
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

const VERSION: &str = "version = \"1.0.0\"\nedition = \"2024\"\n\n[features]";

/// One after the other, because they build into one folder.
#[test]
fn plugins_in_rust_of_other_versions() {
    let loads = |edits: &[(&str, &str, &str)]| {
        let lab = Lab::new();
        let library = in_rust(&lab, edits);
        let report = run(&lab, &library, &["--case", "add/1000"]).expect(0).report();
        report.expect_measured("frozen");
    };
    let is_refused = |edits: &[(&str, &str, &str)], want: &str| {
        let lab = Lab::new();
        let library = in_rust(&lab, edits);
        let report = run(&lab, &library, &["--case", "add/1000"]).expect(6).report();
        report.expect_measured("naive").expect_outcome("frozen", "failed", want);
    };
    loads(&[]);
    let newer = VERSION.replace("1.0.0", "1.7.0");
    loads(&[
        ("abi/Cargo.toml", VERSION, &newer),
        (
            "abi/src/api.rs",
            "    pub custom_ops: *const *const c_char,\n",
            "    pub custom_ops: *const *const c_char,\n    pub more: u64,\n",
        ),
        ("abi/src/api.rs", "custom_ops: core::ptr::null(),\n", "custom_ops: core::ptr::null(),\n        more: 1,\n"),
        ("abi/src/lib.rs", "ABI_MINOR: u32 = 0", "ABI_MINOR: u32 = 7"),
    ]);
    let other = VERSION.replace("1.0.0", "2.0.0");
    is_refused(
        &[("abi/Cargo.toml", VERSION, &other), ("abi/src/lib.rs", "ABI_MAJOR: u32 = 1", "ABI_MAJOR: u32 = 2")],
        "was built for smbench-abi 2, this host speaks 1",
    );
    is_refused(
        &[
            ("abi/src/tensor.rs", "MAX_RANK: usize = 4", "MAX_RANK: usize = 5"),
            ("abi/src/rust_door.rs", "[u64; 4]", "[u64; 5]"),
            ("abi/src/rust_door.rs", "[i64; 4]", "[i64; 5]"),
            ("abi/src/rust_door.rs", "dims: [1; 4], strides: [0; 4]", "dims: [1; 5], strides: [0; 5]"),
        ],
        "was built against another layout of smbench-abi",
    );
}

#[test]
fn a_plugin_in_c_of_a_later_minor_is_loaded() {
    let lab = Lab::new();
    let library = compile(&lab, "later_minor");
    let report = run(&lab, &library, &["--case", "add/1000"]).expect(0).report();
    report.expect_measured("later_minor");
}

#[test]
fn a_plugin_in_c_of_another_major_is_refused() {
    let lab = Lab::new();
    let library = compile(&lab, "other_major");
    let report = run(&lab, &library, &["--case", "add/1000"]).expect(6).report();
    report.expect_measured("naive").expect_outcome("other_major", "failed", "does not speak smbench-abi 1.0");
}
