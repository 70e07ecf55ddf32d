//! What a user gets wrong: said with what, why and what next; exit 2, and nothing is stored.

use crate::support::{Lab, compile, release};

macro_rules! refuses {
    ($name:literal, $lab:expr, $($argument:expr),+) => {
        insta::assert_snapshot!($name, refusal(&$lab, &["run", $($argument),+]))
    };
}

#[test]
fn configs() {
    let lab = Lab::new();
    lab.write(
        "field.ron",
        "(\n    about: \"mine\",\n    suites: [\"smoke\"],\n    backend: [(source: \"naive\")],\n)\n",
    );
    lab.write(
        "bracket.ron",
        "(\n    about: \"mine\",\n    suites: [\"smoke\",\n    backends: [(source: \"naive\")],\n)\n",
    );
    lab.write("type.ron", "(\n    about: \"mine\",\n    suites: \"smoke\",\n    backends: [(source: \"naive\")],\n)\n");
    lab.write("suite.ron", "(about: \"mine\", suites: [\"smok\"], backends: [(source: \"naive\")])\n");
    lab.write("preset.ron", "(about: \"mine\", suites: [\"smoke\"], backends: [(source: \"naive\")], preset: quik)\n");
    lab.write("empty.ron", "// nothing yet\n");
    refuses!("unknown field", lab, "field.ron");
    refuses!("unclosed bracket", lab, "bracket.ron");
    refuses!("wrong type", lab, "type.ron");
    refuses!("unknown suite in a config", lab, "suite.ron");
    refuses!("unknown preset in a config", lab, "preset.ron");
    refuses!("empty config", lab, "empty.ron");
    refuses!("absent config", lab, "./absent.ron");
    refuses!("unknown config", lab, "quik");
}

#[test]
fn suites() {
    let lab = Lab::new();
    let suite =
        |ops: &str| format!("(\n    name: \"mine\",\n    about: \"mine\",\n    ops: [\n        {ops},\n    ],\n)\n");
    lab.write("op.ron", suite("(op: \"matmull\", sizes: [\"64x64x64\"])"));
    lab.write("zero.ron", suite("(op: \"matmul\", sizes: [\"64x0x64\"])"));
    lab.write("dims.ron", suite("(op: \"matmul\", sizes: [\"64x64\"])"));
    lab.write("output.ron", suite("(op: \"matmul\", sizes: [\"8x8x8\"], output: in_place)"));
    refuses!("unknown op", lab, "op.ron");
    refuses!("zero size", lab, "zero.ron");
    refuses!("too few dimensions", lab, "dims.ron");
    refuses!("matmul in place", lab, "output.ron");
}

#[test]
fn selections() {
    let lab = Lab::new();
    refuses!("no such suite", lab, "smoke", "-s", "sim");
    refuses!("bad filter", lab, "smoke", "-f", "add(");
    refuses!("bad exclude", lab, "smoke", "--exclude", "[");
    refuses!("case without size", lab, "--case", "add");
    refuses!("case of zero size", lab, "--case", "add/0");
    refuses!("case of unknown op", lab, "--case", "adds/10");
    refuses!("bad label", lab, "smoke", "-f", "add", "--label", "a/b");
    refuses!("label with a control character", lab, "smoke", "-f", "add", "--label", "a\x1b[2J");
    refuses!("bad threads", lab, "smoke", "--threads", "0");
    refuses!("bad timeout", lab, "smoke", "--timeout", "2");
    refuses!("unknown flag", lab, "smoke", "--refernce", "faer");
    refuses!("resume of nothing", lab, "--resume");
}

#[test]
fn backends() {
    let lab = Lab::new();
    compile(&lab, "other_op");
    refuses!("absent plugin", lab, "smoke", "-b", "naiv");
    refuses!("absent library", lab, "smoke", "-b", "./libabsent.so");
    refuses!("two of one name", lab, "smoke", "-b", "naive", "-b", "naive");
    refuses!("two of one name by path", lab, "smoke", "-b", "other_op=naive", "-b", "./libother_op.so");
    refuses!("no backend's form", lab, "smoke", "-b", "=naive");
    refuses!("unknown reference", lab, "smoke", "-b", "naive,faer", "--reference", "fear");
}

#[test]
fn other_commands() {
    let lab = Lab::new();
    insta::assert_snapshot!("show of nothing", refusal(&lab, &["show"]));
    insta::assert_snapshot!("compare of one", refusal(&lab, &["compare", "latest"]));
    insta::assert_snapshot!("check of an unknown op", refusal(&lab, &["check", "naive", "--op", "matmull"]));
    insta::assert_snapshot!("check of nothing", refusal(&lab, &["check", "./absent.so"]));
    insta::assert_snapshot!("loop of no case", refusal(&lab, &["loop", "matmul", "-b", "naive"]));
    insta::assert_snapshot!("chart to an unknown format", refusal(&lab, &["chart", "-o", "chart.pdf"]));
}

#[test]
fn nothing_selected_is_a_code_of_its_own() {
    let lab = Lab::new();
    let ran = lab.run(&["run", "smoke", "-f", "nothing"]).expect(4);
    insta::assert_snapshot!("nothing selected", ran.stderr);
    assert!(!lab.path("store").exists());
}

/// What a command that is refused says, places of this machine left out.
#[track_caller]
fn refusal(lab: &Lab, arguments: &[&str]) -> String {
    let ran = lab.run(arguments).expect(2);
    assert_eq!(ran.stdout, "", "errors go to standard error");
    assert!(!lab.path("store").exists(), "nothing is stored");
    let places = [
        (lab.path("").canonicalize().unwrap(), "LAB"),
        (release(), "RELEASE"),
        (release().with_file_name("lib"), "LIB"),
    ];
    places.iter().fold(ran.stderr, |text, (place, name)| text.replace(place.to_str().unwrap(), name))
}
