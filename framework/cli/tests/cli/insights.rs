//! Runs whose cause is known, measured for real: the chart names it. Of the same code twice it names none.

use crate::support::{Lab, compile, compile_as};

const ADD: &str = "add/1000,add/3000,add/10000,add/30000";

/// Section 9 of the chart of a quick run.
#[track_caller]
fn why(lab: &Lab, cases: &str, backends: &str) -> String {
    // Of a margin that a busy machine does not reach.
    lab.run(&["run", "--case", cases, "-b", backends, "--quick", "--margin", "10"]).expect(0);
    let chart = lab.run(&["chart", "-o", "chart.md"]).expect(0);
    chart.says("wrote chart.md");
    let page = std::fs::read_to_string(lab.path("chart.md")).unwrap();
    let begin = page.find("## Deeper analysis").expect("section 9");
    page[begin..].split("\n## ").next().unwrap_or_default().to_owned()
}

fn lab() -> Lab {
    let lab = Lab::new();
    compile_as(&lab, "repeats", "right", &["-DTIMES=1"]);
    lab
}

#[track_caller]
fn names(found: &str, parts: &[&str]) {
    assert!(parts.iter().all(|part| found.contains(part)), "{found}");
}

#[test]
fn an_allocation_in_the_inner_loop_is_named() {
    let lab = lab();
    compile(&lab, "allocates_in_loop");
    let found = why(&lab, ADD, "./libright.so,./liballocates_in_loop.so");
    names(
        &found,
        &[
            "### Allocations",
            "is slower where it allocates",
            "a call asks for ",
            "and of `right` for 0 ",
            "perf record",
        ],
    );
}

#[test]
fn a_size_from_which_a_plugin_is_slow_is_named() {
    let lab = lab();
    compile(&lab, "slow_above");
    let found = why(&lab, ADD, "./libright.so,./libslow_above.so");
    names(&found, &["### Size", "turns between 3000 and 10000", "smbench run --case add/5477 -b "]);
    assert!(!found.contains("### Allocations"), "{found}");
}

#[test]
fn a_lost_tier_is_named() {
    if !std::arch::is_x86_feature_detected!("avx512f") {
        return; // pooled has no tier to lose
    }
    let found = why(&lab(), "matmul/256x256x256,gelu_tanh/10_000", "pooled,pooled@avx2");
    names(
        &found,
        &["### Another implementation", "runs tier `avx2` where `pooled` runs tier `avx512`", "(**measured**)"],
    );
}

#[test]
fn the_same_code_twice_has_no_reason() {
    let lab = lab();
    compile_as(&lab, "repeats", "again", &["-DTIMES=1"]);
    let found = why(&lab, ADD, "./libright.so,./libagain.so");
    names(&found, &["No rule has figures for a reason"]);
}
