//! Tensors by themselves, and fused ops against what they are composed of.

use crate::support::{Lab, Report, compile};

const SUITE: &str = r#"(
    name: "mem",
    about: "tensors",
    acquire: [
        (sizes: ["2KiB", "1MiB"]),
        (sizes: ["1MiB"], zeroed: true),
        (sizes: ["1MiB"], trimmed: true),
    ],
)"#;

#[test]
fn a_pool_reuses_its_tensors_and_gives_them_back_when_asked() {
    let report = run(&Lab::new(), SUITE, "naive,pooled", &[]);
    report.expect_measured("naive").expect_measured("pooled");
    let blocks = |case: &str, backend: &str| report.row(case, backend)["allocations"]["count"].as_f64().unwrap();
    for case in ["mem/acquire/2KiB/f32", "mem/acquire/1MiB/f32/zeroed"] {
        assert_eq!((blocks(case, "naive"), blocks(case, "pooled")), (1.0, 0.0), "{case}");
    }
    assert!(blocks("1MiB/f32/trimmed", "pooled") >= 1.0, "without what it holds, a pool asks the system, too");
    let row = report.row("mem/acquire/2KiB/f32", "pooled");
    assert_eq!((&row["gflops"], &row["gb_per_s"], &row["tokens_per_s"]), (&().into(), &().into(), &().into()));
    assert_eq!(row["tensors"]["acquired"], row["tensors"]["reused"]);
}

#[test]
fn allocators_with_a_flaw_are_found() {
    let lab = Lab::new();
    let names = ["memory_right", "same_block", "forgets_zeros", "no_trim"];
    let libraries: Vec<String> = names.map(|name| compile(&lab, name).to_str().unwrap().to_owned()).to_vec();
    lab.write("mem.ron", SUITE);
    let ran = lab.run(&["run", "mem.ron", "-b", &libraries.join(","), "--quick", "--format", "json"]);
    let report = ran.expect(5).report();
    let outcome = |case: &str, backend: &str| report.row(case, backend)["outcome"].clone();
    report.expect_measured("memory_right");
    for case in ["2KiB/f32", "1MiB/f32/trimmed"] {
        assert_eq!(outcome(case, "same_block"), "rejected", "{case}: one block for both");
        assert_eq!(outcome(case, "forgets_zeros"), "measured", "{case}");
    }
    assert_eq!(outcome("zeroed", "forgets_zeros"), "rejected");
    assert_eq!(
        (outcome("trimmed", "no_trim"), outcome("zeroed", "no_trim")),
        ("unsupported".into(), "measured".into())
    );
    assert!(report.row("trimmed", "no_trim")["reason"].to_string().contains("no `trim`"));
}

#[test]
fn more_than_there_is_is_not_touched() {
    let lab = Lab::new();
    let suite = SUITE.replace("\"2KiB\", \"1MiB\"", "\"64GiB\"");
    let report = run(&lab, &suite, "naive", &["-f", "64GiB"]);
    report.expect_outcome("naive", "unsupported", "of memory");
    let matrix = "(name: \"mem\", about: \"\", ops: [(op: \"add\", sizes: [\"90_000_000_000\"])])";
    run(&lab, matrix, "naive", &[]).expect_outcome("naive", "unsupported", "of memory");
}

#[test]
fn parts_add_up_to_the_fused_op() {
    let ops = [("add_layernorm", "32x512"), ("attention", "2x5x9x3x8"), ("attention_full", "1x4x3x2x5")];
    let entry = |(op, size): &(&str, &str)| {
        format!(
            "(op: \"{op}\", sizes: [\"{size}\"], output: composed), (op: \"{op}\", sizes: [\"{size}\"], output: backend)"
        )
    };
    let entries: Vec<String> = ops.iter().map(entry).collect();
    let suite = format!("(name: \"mem\", about: \"\", ops: [{}])", entries.join(", "));
    let report = run(&Lab::new(), &suite, "naive,pooled", &[]);
    report.expect_measured("naive").expect_measured("pooled");
    let spans = |case: &str| report.row(case, "pooled")["spans"].to_string();
    assert!(spans("attention/2x5x9x3x8/f32/composed").contains("softmax"));
    assert!(spans("attention/2x5x9x3x8/f32/backend").contains("attention"));
    assert_eq!(report.row("add_layernorm/32x512/f32/composed", "pooled")["allocations"]["count"], 0.0);
}

fn run(lab: &Lab, suite: &str, backends: &str, more: &[&str]) -> Report {
    lab.write("mem.ron", suite);
    let arguments = [&["run", "mem.ron", "-b", backends, "--quick", "--format", "json"], more].concat();
    lab.run(&arguments).expect(0).report()
}
