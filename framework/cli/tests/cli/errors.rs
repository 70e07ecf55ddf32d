//! What a user gets wrong: said with what, why and what next; exit 2, and nothing is stored. What is said is kept in
//! transcripts, one for each kind of mistake.

use crate::support::{Lab, Ran, compile, release};

#[test]
fn configs() {
    let lab = Lab::new();
    lab.write("field.ron", config("suites: [\"smoke\"],\n    backend: [(source: \"naive\")],"));
    lab.write("bracket.ron", config("suites: [\"smoke\",\n    backends: [(source: \"naive\")],"));
    lab.write("type.ron", config("suites: \"smoke\",\n    backends: [(source: \"naive\")],"));
    lab.write("missing.ron", config("suites: [\"smoke\"],"));
    lab.write("suite.ron", config("suites: [\"smok\"],\n    backends: [(source: \"naive\")],"));
    lab.write("preset.ron", config("suites: [\"smoke\"],\n    backends: [(source: \"naive\")],\n    preset: quik,"));
    lab.write("empty.ron", "// nothing yet\n");
    let files = ["field", "bracket", "type", "missing", "suite", "preset", "empty", "absent"];
    let files = files.map(|name| format!("{name}.ron"));
    let commands = files.iter().map(|file| ["run", file]).chain([["run", "quik"]]);
    insta::assert_snapshot!("configs", transcript(&lab, commands));
}

#[test]
fn suites() {
    let lab = Lab::new();
    lab.write("op.ron", suite("(op: \"matmull\", sizes: [\"64x64x64\"])"));
    lab.write("zero.ron", suite("(op: \"matmul\", sizes: [\"64x0x64\"])"));
    lab.write("dims.ron", suite("(op: \"matmul\", sizes: [\"64x64\"])"));
    lab.write("number.ron", suite("(op: \"matmul\", sizes: [64])"));
    lab.write("in_place.ron", suite("(op: \"matmul\", sizes: [\"8x8x8\"], output: in_place)"));
    lab.write("cold.ron", suite("(op: \"add\", sizes: [\"8\"], output: backend, cache: \"cold\")"));
    lab.write("none.ron", suite(""));
    let files = ["op", "zero", "dims", "number", "in_place", "cold", "none"].map(|name| format!("{name}.ron"));
    insta::assert_snapshot!("suites", transcript(&lab, files.iter().map(|file| ["run", file])));
}

#[test]
fn selections() {
    let flags: [&[&str]; 15] = [
        &["-s", "sim"],
        &["-f", "add("],
        &["--exclude", "["],
        &["--case", "add"],
        &["--case", "add/0"],
        &["--case", "adds/10"],
        &["--label", "a/b"],
        &["--label", "a\x1b[2J"],
        &["--threads", "0"],
        &["--cache", "warm"],
        &["--case", "model_small:creation", "--cache", "cold"],
        &["--case", "add/10/in_place/cold"],
        &["--timeout", "2"],
        &["--refernce", "faer"],
        &["--resume"],
    ];
    let commands = flags.iter().map(|flags| [&["run", "smoke"], *flags].concat());
    insta::assert_snapshot!("selections", transcript(&Lab::new(), commands));
}

#[test]
fn backends() {
    let lab = Lab::new();
    compile(&lab, "other_op");
    let flags: [&[&str]; 6] = [
        &["naiv"],
        &["./libabsent.so"],
        &["naive", "-b", "naive"],
        &["other_op=naive,./libother_op.so"],
        &["=naive"],
        &["naive,faer", "--reference", "fear"],
    ];
    let commands = flags.iter().map(|flags| [&["run", "smoke", "-b"], *flags].concat());
    insta::assert_snapshot!("backends", transcript(&lab, commands));
}

#[test]
fn other_commands() {
    let commands: [&[&str]; 15] = [
        &["show"],
        &["compare", "latest"],
        &["export", "latest", "xml"],
        &["chart", "-o", "chart.pdf"],
        &["check", "naive", "--op", "matmull"],
        &["check", "./absent.so"],
        &["loop", "matmul", "-b", "naive"],
        &["note"],
        &["note", "latest", "fast"],
        &["note", "latest", "a\x1b[2J"],
        &["note", "latest", " "],
        &["note", "./run.json", "fast"],
        &["gc"],
        &["gc", "--keep", "3"],
        &["history", "--last", "0"],
    ];
    insta::assert_snapshot!("other_commands", transcript(&Lab::new(), commands));
}

#[test]
fn nothing_selected_is_a_code_of_its_own() {
    let lab = Lab::new();
    lab.run(&["run", "smoke", "-f", "nothing"]).expect(4).says("the flags leave no case of `smoke`");
    assert!(!lab.path("store").exists());
}

fn config(rest: &str) -> String {
    format!("(\n    about: \"mine\",\n    {rest}\n)\n")
}

fn suite(ops: &str) -> String {
    format!("(\n    name: \"mine\",\n    about: \"mine\",\n    ops: [\n        {ops}\n    ],\n)\n")
}

/// Commands that are refused, and what each says.
#[track_caller]
fn transcript<'a, C: AsRef<[&'a str]>>(lab: &Lab, commands: impl IntoIterator<Item = C>) -> String {
    let entry = |command: C| {
        let ran = lab.run(command.as_ref()).expect(2);
        assert_eq!(ran.stdout, "", "errors go to standard error");
        assert!(!lab.path("store").exists(), "nothing is stored");
        format!("$ smbench {}\n{}", command.as_ref().join(" ").escape_debug(), without_places(lab, &ran))
    };
    commands.into_iter().map(entry).collect::<Vec<_>>().join("\n")
}

/// Standard error, with names for the folders of this machine.
fn without_places(lab: &Lab, ran: &Ran) -> String {
    let release = release();
    let places = [(lab.path("."), "LAB"), (release.with_file_name("lib"), "LIB"), (release, "RELEASE")];
    let absolute = places.map(|(place, name)| (place.canonicalize().unwrap_or(place), name));
    absolute.iter().fold(ran.stderr.clone(), |text, (place, name)| text.replace(place.to_str().unwrap(), name))
}
