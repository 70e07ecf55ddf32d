//! Decoders: a stranger's shapes, a cache that changes nothing, tokens that allocate nothing, and engines with a flaw that
//! the figures show.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Lab, Report, compile};

/// Nobody ships this one.
const TINY: &str = r#"(
    name: "tiny",
    about: "a stranger's",
    models: [(
        vocabulary: 50, context: 24, width: 24, layers: 2, heads: 3, hidden: 60,
        cases: [creation, prefill(tokens: 5), inference(prompt: 4, tokens: 9), decode(prompt: 4, tokens: 8)],
    )],
)"#;

#[test]
fn a_strangers_model_has_all_its_figures() {
    let report = tiny(TINY, "naive,pooled,faer", &[]);
    assert_eq!(report.rows().len(), 12);
    for backend in ["naive", "pooled", "faer"] {
        report.expect_measured(backend);
        let row = |case: &str| report.row(case, backend);
        assert_eq!(row("tiny/creation")["tokens_per_s"], Value::Null);
        for case in ["tiny/prefill", "tiny/inference", "tiny/decode"] {
            let rate = row(case)["tokens_per_s"].as_f64().unwrap();
            let time = row(case)["time_ns"]["median"].as_f64().unwrap();
            let tokens = if case == "tiny/prefill" {
                5.0
            } else if case == "tiny/decode" {
                8.0
            } else {
                9.0
            };
            assert!((rate * time / 1e9 - tokens).abs() < 1e-6, "{case}: {rate} tokens/s");
        }
        assert!(row("tiny/prefill")["ttft_ns"]["p50"].as_f64().unwrap() > 0.0);
        assert!(row("tiny/inference")["ttft_ns"]["p50"].as_f64().unwrap() > 0.0);
        assert_eq!(row("tiny/decode")["ttft_ns"]["p50"], Value::Null, "its prompt is outside the clock");
        assert!(row("tiny/decode")["per_token"]["time_ns"]["p50"].as_f64().unwrap() > 0.0);
        assert_eq!(row("tiny/decode")["per_token"]["kv_bytes"], 2 * 2 * 24 * 4);
        assert_eq!(row("tiny/inference")["per_token"]["kv_bytes"], Value::Null);
    }
}

#[test]
fn naive_allocates_for_every_token_and_the_others_for_none() {
    for threads in ["1", "2"] {
        let report = tiny(TINY, "naive,pooled,faer", &["--threads", threads]);
        for case in ["tiny/prefill", "tiny/inference", "tiny/decode"] {
            let blocks = |backend: &str| report.row(case, backend)["per_token"]["allocations"].as_f64().unwrap();
            assert!(blocks("naive") >= 2.0, "{case}");
            assert_eq!((blocks("pooled"), blocks("faer")), (0.0, 0.0), "{case}, {threads} threads");
            let tensors = |backend: &str| report.row(case, backend)["tensors"].clone();
            assert_eq!(tensors("pooled")["acquired"], tensors("pooled")["reused"]);
            assert_eq!(tensors("naive")["reused"], 0.0);
        }
    }
}

#[test]
fn other_kinds_of_blocks_run_too() {
    for kind in ["normalisation: rmsnorm, activation: silu", "activation: gelu_erf"] {
        let suite = TINY.replace("hidden: 60,", &format!("hidden: 60, {kind},"));
        let report = tiny(&suite, "naive,pooled", &["-f", "decode"]);
        report.expect_measured("naive").expect_measured("pooled");
    }
}

/// Sequence and prompt are the same, so that row `i` of a decode is row `prompt + i` of the whole context computed again.
#[test]
fn a_cache_changes_no_logit() {
    let lab = Lab::new();
    let logits = |case: &str| {
        let ran = lab.run(&["check", "pooled", "--case", case, "--values"]).expect(0);
        let rows = ran.stdout.lines().filter_map(|line| line.split_once("\tlogits\t")).map(|(_, row)| numbers(row));
        rows.collect::<Vec<_>>()
    };
    let (whole, cached) = (logits("model_small/inference/10+25/f32"), logits("model_small/decode/10+24/f32"));
    assert_eq!((whole.len(), cached.len(), cached[0].len()), (34, 24, 256));
    for (step, row) in cached.iter().enumerate() {
        let furthest = row.iter().zip(&whole[10 + step]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(furthest < 1e-5, "step {step}: {furthest}");
    }
}

#[test]
fn spans_are_shares_of_a_call() {
    let report = tiny(TINY, "pooled", &["-f", "decode|inference"]);
    for case in ["tiny/inference", "tiny/decode"] {
        let spans = spans(&report, case, "pooled");
        assert!((spans.values().sum::<f64>() - 1.0).abs() < 1e-9, "{spans:?}");
        for op in ["matmul qkv", "attention", "matmul out", "add_layernorm", "matmul up", "gelu_tanh", "matmul down"] {
            assert!(spans[op] > 0.0, "{op}: {spans:?}");
        }
        assert!(spans.contains_key("outside ops") && spans.contains_key("acquire and release"));
    }
}

/// Four engines in C, in which nothing is fused and which have no memory of their own.
#[test]
fn what_is_wrong_with_an_engine_is_seen_where_it_happens() {
    let lab = Lab::new();
    let names = ["engine", "leaks", "allocates_in_matmul", "slow_softmax"];
    let libraries: Vec<String> = names.map(|name| compile(&lab, name).to_str().unwrap().to_owned()).to_vec();
    lab.write("tiny.ron", TINY);
    let ran = lab.run(&["run", "tiny.ron", "-b", &libraries.join(","), "-f", "decode", "--quick", "--format", "json"]);
    let report = ran.expect(0).report();
    names.iter().for_each(|name| _ = report.expect_measured(name));
    let row = |backend: &str| report.row("tiny/decode", backend);
    let count = |backend: &str| row(backend)["allocations"]["count"].as_f64().unwrap();

    let creation = lab.run(&["run", "tiny.ron", "-b", &libraries[0], "-f", "creation", "--quick", "--format", "json"]);
    let created = creation.expect(0).report().row("creation", "engine")["allocations"].clone();
    assert_eq!(created["count"], 0.0, "the host's own lists are no allocations of the engine's: {created}");

    // 8 tokens; of each 2 sums for the position and the two halves of both blocks, 1000 bytes kept by each.
    assert_eq!(row("engine")["allocations"]["kept_bytes"], 0.0);
    assert!(row("leaks")["allocations"]["kept_bytes"].as_f64().unwrap() >= 5.0 * 8.0 * 1000.0);
    assert!(row("leaks")["flags"].to_string().contains("leak"), "{}", row("leaks")["flags"]);
    // Of each token 4 products a block, one for the head, and two for each of 3 heads of 2 blocks.
    assert_eq!(count("allocates_in_matmul") - count("engine"), 8.0 * (2.0 * 4.0 + 1.0 + 2.0 * 3.0 * 2.0));
    let (plain, slow) = (spans(&report, "tiny/decode", "engine"), spans(&report, "tiny/decode", "slow_softmax"));
    // Every row 300 times: nothing else comes near it, whatever else the machine does.
    assert!(slow["softmax"] > 0.5 && slow["softmax"] > plain["softmax"], "{plain:?} {slow:?}");
    assert!(!plain.contains_key("attention"), "it has no such op");
}

/// A plugin in C that has no ops, and the same with a flaw.
#[test]
fn a_backend_may_run_the_whole_model() {
    let lab = Lab::new();
    let libraries: Vec<String> =
        ["whole", "whole_forgets"].map(|name| compile(&lab, name).to_str().unwrap().to_owned()).to_vec();
    lab.write("tiny.ron", TINY);
    let backends = format!("naive,whole={},forgets={}", libraries[0], libraries[1]);
    let ran = lab.run(&["run", "tiny.ron", "-b", &backends, "--quick", "--format", "json"]);
    let report = ran.expect(5).report();
    report.expect_measured("whole");
    for (case, engine) in [("tiny/prefill", "model"), ("tiny/creation", "build model")] {
        let spans = spans(&report, case, "whole");
        assert!(spans[engine] > 0.0 && !spans.contains_key("matmul qkv"), "{spans:?}");
    }
    let row = |case: &str, backend: &str| report.row(case, backend).clone();
    assert_eq!(
        row("tiny/decode", "whole")["per_token"]["allocations"],
        0.0,
        "all it needs is there since it was built"
    );
    assert!(row("tiny/creation", "whole")["allocations"]["count"].as_f64().unwrap() >= 6.0);
    assert_eq!(row("tiny/decode", "forgets")["outcome"], "rejected");
    assert_eq!(row("tiny/inference", "forgets")["outcome"], "measured", "nothing to remember");

    lab.write("other.ron", TINY.replace("hidden: 60,", "hidden: 60, activation: silu,"));
    let ran = lab.run(&["run", "other.ron", "-b", &libraries[0], "-f", "decode", "--quick", "--format", "json"]);
    let row = ran.expect(0).report().row("tiny/decode", "whole").clone();
    assert!(row.to_string().contains("a model needs ops that the plugin lacks: matmul"), "{row}");
}

/// Keys and values in f16 are far beyond what roundings of f32 come to. A config may allow that for one backend, which is
/// then said beside its error; it lets no wrong weight pass.
#[test]
fn an_engine_may_state_how_far_its_logits_are_off() {
    let lab = Lab::new();
    for name in ["whole", "whole_halves", "whole_one_weight"] {
        compile(&lab, name);
    }
    lab.write("tiny.ron", TINY);
    let backend = |alias: &str, library: &str, tolerance: &str| {
        format!("(source: \"./lib{library}.so\", alias: \"{alias}\"{tolerance})")
    };
    let stated = ", logit_tolerance: 5e-3";
    let backends = [
        backend("exact", "whole", ""),
        backend("silent", "whole_halves", ""),
        backend("stated", "whole_halves", stated),
        backend("wrong", "whole_one_weight", stated),
    ];
    let config = |backends: &str| format!("(about: \"\", suites: [\"./tiny.ron\"], backends: [{backends}])");
    lab.write("engines.ron", config(&backends.join(", ")));
    let ran = lab.run(&["run", "engines.ron", "-f", "decode", "--quick"]);
    ran.expect(5).says(" of 5.0e-3");
    let report = lab.run(&["show", "--format", "json"]).expect(0).report();
    let row = |backend: &str| report.row("tiny/decode", backend);
    assert_eq!((&row("silent")["outcome"], &row("wrong")["outcome"]), (&"rejected".into(), &"rejected".into()));
    assert_eq!((&row("exact")["logit_tolerance"], &row("stated")["logit_tolerance"]), (&Value::Null, &5e-3.into()));
    let error = |backend: &str| row(backend)["error"]["max_abs"].as_f64().unwrap();
    assert!(error("exact") < 1e-5 && (1e-5..5e-3).contains(&error("stated")), "{}", report.0);

    let alone = ["run", "engines.ron", "-b", "stated", "-f", "decode", "--quick", "--format", "json"];
    lab.run(&alone).expect(0).report().expect_measured("stated");
    let check = ["check", "./libwhole_halves.so", "--case", "tiny.ron:decode"];
    lab.run(&check).expect(5);
    lab.run(&[&check[..], &["--logit-tolerance", "5e-3"]].concat()).expect(0);
    lab.write("loose.ron", config(&backend("loose", "whole", ", logit_tolerance: 2.0")));
    lab.run(&["run", "loose.ron"]).expect(2).says("2 is not a tolerance of logits");
}

#[test]
fn operands_go_to_a_file_and_one_case_at_a_time() {
    let lab = Lab::new();
    lab.run(&["check", "naive", "--case", "model_small", "--dump", "x.safetensors"]).expect(2).says("takes one case");
    lab.write("tiny.ron", TINY);
    lab.run(&["check", "naive", "--case", "tiny.ron:prefill", "--dump", "x.safetensors"])
        .expect(0)
        .says("pass: 1 right");
    let bytes = std::fs::read(lab.path("x.safetensors")).unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + header]).unwrap();
    assert_eq!(header["layer.1.qkv.weight"]["shape"], serde_json::json!([24, 72]));
    assert_eq!((&header["prompt"]["dtype"], &header["logits"]["shape"]), (&"U32".into(), &serde_json::json!([1, 50])));
}

#[test]
fn what_is_no_model_is_told() {
    let lab = Lab::new();
    let refused = |change: (&str, &str), says: &str| {
        lab.write("bad.ron", TINY.replace(change.0, change.1));
        lab.run(&["run", "bad.ron", "--list"]).expect(2).says(says);
    };
    refused(("heads: 3", "heads: 5"), "a width of 24 cannot be shared by 5 heads");
    refused(("tokens: 8", "tokens: 80"), "has 84 positions, which a context of 24 does not hold");
    refused(("prefill(tokens", "prefil(tokens"), "did you mean `prefill`?");
    refused(("decode(prompt", "decode(promt"), "did you mean `prompt`?");
}

fn tiny(suite: &str, backends: &str, more: &[&str]) -> Report {
    let lab = Lab::new();
    lab.write("tiny.ron", suite);
    let arguments = [&["run", "tiny.ron", "-b", backends, "--quick", "--format", "json"], more].concat();
    lab.run(&arguments).expect(0).report()
}

fn spans(report: &Report, case: &str, backend: &str) -> BTreeMap<String, f64> {
    let spans = report.row(case, backend)["spans"].as_array().cloned().unwrap_or_default();
    spans.iter().map(|span| (span["op"].as_str().unwrap().to_owned(), span["share"].as_f64().unwrap())).collect()
}

/// The number of the row, then its values.
fn numbers(row: &str) -> Vec<f64> {
    row.split('\t').skip(1).map(|value| value.parse().unwrap()).collect()
}
