//! Runs whose cause is known, measured for real: the chart names it. Of the same code twice it names none.

use crate::support::{Lab, compile, compile_as};

const ADD: &str = "add/1000,add/3000,add/10000,add/30000";

/// Section 9 of the chart of a quick run.
#[track_caller]
fn why(lab: &Lab, cases: &str, backends: &str) -> String {
    // Of a margin that a busy machine does not reach.
    lab.run(&["run", "--case", cases, "-b", backends, "--quick", "--margin", "10"]).expect(0);
    lab.run(&["chart", "-o", "chart.md"]).expect(0).says("wrote chart.md");
    let page = std::fs::read_to_string(lab.path("chart.md")).unwrap();
    let begin = page.find("## Deeper analysis").expect("section 9");
    page[begin..].split("\n## ").next().unwrap_or_default().to_owned()
}

/// It says all of this. Where others take the cores nothing is judged, so there are three tries.
#[track_caller]
fn names(lab: &Lab, cases: &str, backends: &str, parts: &[&str]) {
    let found: Vec<String> = (0..3)
        .map_while(|_| Some(why(lab, cases, backends)).filter(|found| !parts.iter().all(|part| found.contains(part))))
        .collect();
    assert!(found.len() < 3, "{}", found.join("\n"));
}

fn lab() -> Lab {
    let lab = Lab::new();
    compile_as(&lab, "repeats", "right", &["-DTIMES=1"]);
    lab
}

#[test]
fn an_allocation_in_the_inner_loop_is_named() {
    let lab = lab();
    compile(&lab, "allocates_in_loop");
    names(
        &lab,
        ADD,
        "./libright.so,./liballocates_in_loop.so",
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
    names(
        &lab,
        ADD,
        "./libright.so,./libslow_above.so",
        &["### Size", "turns between 3000 and 10000", "smbench run --case add/5477 -b "],
    );
}

#[test]
fn a_lost_tier_is_named() {
    if !std::arch::is_x86_feature_detected!("avx512f") {
        return; // pooled has no tier to lose
    }
    names(
        &lab(),
        "matmul/256x256x256,gelu_tanh/10_000",
        "pooled,pooled@avx2",
        &["### Another implementation", "runs tier `avx2` where `pooled` runs tier `avx512`", "(**measured**)"],
    );
}

#[test]
fn the_same_code_twice_has_no_reason() {
    let lab = lab();
    compile_as(&lab, "repeats", "again", &["-DTIMES=1"]);
    let found = why(&lab, ADD, "./libright.so,./libagain.so");
    assert!(found.contains("No rule has figures for a reason"), "{found}");
}
