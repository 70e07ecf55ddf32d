//! Reports of other tools, stored, charted, and exported again.

use serde_json::Value;

use crate::support::Lab;

/// A report of codeprofiler, made up; `slower` stretches the products.
fn report(date: &str, slower: f64, megabytes: f64) -> String {
    let [product, model] = [80.0 * slower, 1000.0 + 400.0 * slower];
    format!(
        "# Profile\n\n**Generated:** {date}\n\n- **Total Runtime:** 2,{:06.2} ms\n- **Total Allocations:** {:.2} MB\n\n\
         | Rank | Method | Time (ms) | Calls | Avg (ms) | Alloc (MB) |\n|---|---|---|---|---|---|\n\
         | 1 | `Model_Tiny_Inference` | {model:.2} | 1 | {model:.3} | {megabytes:.2} |\n\
         | 2 | `Model_Tiny_GenerateToken` | {model:.2} | 20 | {:.3} | {megabytes:.2} |\n\
         | 3 | `MatMul_256x256` | {product:.2} | 1 | {product:.3} | 0.00 |\n\
         | 4 | `MatMul_64x64` | broken | 1 | 1.000 | 0.00 |\n",
        100.0 * slower,
        2.0 * megabytes,
        model / 20.0,
    )
}

#[test]
fn profiles_are_imported_charted_and_refuted() {
    let lab = Lab::new();
    lab.write("one.md", report("2026-03-01 10:00:00", 1.0, 500.0));
    lab.write("two.md", report("2026-03-01 11:00:00", 4.0, 50.0));
    lab.write("three.md", report("2026-03-01 12:00:00", 0.9, 50.0));
    lab.write("stale.md", report("2026-03-02 10:00:00", 1.0, 500.0));
    let ran = lab.run(&["import", "codeprofiler", "one.md", "two.md", "three.md", "stale.md"]).expect(0);
    ran.says("warning: one.md:13: `broken` is no number: the row is left out");
    ran.says("`stale` holds the same content as 20260301-100000-");
    let ids: Vec<&str> = ran.stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(ids.len() == 4 && ids[0] == ids[3] && ids[1].starts_with("20260301-110000-"), "{ids:?}");
    assert_eq!(lab.run(&["list", "runs"]).expect(0).stdout.lines().count(), 3);

    let chart = lab.run(&["chart", "one", "two", "three"]).expect(0);
    chart.says("2,400.00 +14.3 %").says("1.68 GFLOPS").says("14.3 tok/s").says("not in this report");
    chart.says("two against one: sparing memory costs time (ruled out)");
    chart.says("stale (2026-03-02T10:00:00Z)");
    let compared = lab.run(&["compare", "one", "two", "--fail-on", "regression", "--format", "json"]).expect(8);
    let comparisons = compared.report();
    assert!(comparisons.comparisons().iter().all(|of| of["evidence"] == "imported" && of["verdict"].is_null()));
    lab.run(&["show", "stale"]).expect(0).says("matmul/256x256x256");
    lab.run(&["history"]).expect(0).says("model_tiny/inference/20/f32");
    lab.run(&["compare", "one", "two", "--replay"]).expect(2);
    lab.run(&["import", "codeprofiler", "missing.md"]).expect(2).says("cannot read `missing.md`");
}

#[test]
fn runs_come_back_and_other_formats_go_out() {
    let lab = Lab::new();
    lab.write(
        "out.json",
        r#"{"results": [{"command": "sleep 0", "times": [0.5, 0.25, 0.5], "exit_codes": [0, 0, 0]}]}"#,
    );
    lab.run(&["import", "hyperfine", "out.json", "--label", "here"]).expect(0).says("  here\n");
    lab.run(&["export", "here", "run", "-o", "run.json"]).expect(0);
    lab.run(&["import", "run", "run.json"]).expect(0).says("holds the same content as");
    lab.run(&["import", "run", "run.json", "--store", "other"]).expect(0);
    lab.run(&["show", "here", "--store", "other"]).expect(0).says("500 ms");
    let text = std::fs::read_to_string(lab.path("run.json")).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    file["run"]["id"] = "../../tmp/x".into();
    lab.write("hostile.json", file.to_string());
    lab.run(&["import", "run", "hostile.json"]).expect(2).says("is no id of a run");

    let export = |format: &str| lab.run(&["export", "here", format]).expect(0).stdout;
    assert!(export("csv").contains(",hyperfine/sleep 0,1,hyperfine,measured,,500000000,"));
    assert!(export("junit").contains("<testcase name=\"hyperfine/sleep 0 [hyperfine]\""));
    let bencher: Value = serde_json::from_str(&export("bencher")).unwrap();
    assert_eq!(bencher["hyperfine/sleep 0 [hyperfine]"]["latency"]["value"], 5e8);
    let action: Value = serde_json::from_str(&export("github-action-benchmark")).unwrap();
    assert_eq!(action[0]["unit"], "ns");
}
