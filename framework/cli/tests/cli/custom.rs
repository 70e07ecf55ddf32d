//! Ops of a vendor's own, declared by a suite and checked against another backend.

use crate::support::{Lab, Ran, compile_as};

const SUITE: &str = r#"(
    name: "acme",
    about: "ops of our own",
    custom: [(
        op: "acme.topk/1",
        dims: ["rows", "cols", "k"],
        sizes: ["8x1000x5"],
        check: ["1x1x1", "3x17x4"],
        inputs: [(name: "x", shape: ["rows", "cols"])],
        outputs: [(name: "values", shape: ["rows", "k"])],
        attributes: {"k": "k"},
        flops: "rows * cols",
        tolerance: (abs: 0, rel: 0),
        oracle: "plain",
    )],
)"#;

#[track_caller]
fn run(lab: &Lab, backends: &[(&str, &[&str])], more: &[&str]) -> Ran {
    lab.write("acme.ron", SUITE);
    let libraries = backends.iter().map(|(alias, macros)| {
        let library = compile_as(lab, "topk", alias, macros);
        format!("--backend={alias}={}", library.display())
    });
    let libraries: Vec<String> = libraries.collect();
    let run = ["run", "acme.ron", "--quick", "--format", "json"].into_iter();
    lab.run(&run.chain(libraries.iter().map(String::as_str)).chain(more.iter().copied()).collect::<Vec<_>>())
}

#[test]
fn an_op_of_ones_own_is_checked_against_another_backend_and_measured() {
    let lab = Lab::new();
    let backends: [(&str, &[&str]); 3] = [("plain", &[]), ("fast", &["-O3"]), ("wrong", &["-DWRONG=1"])];
    let ran = run(&lab, &backends, &[]).expect(5);
    let report = ran.report();
    report.expect_measured("plain").expect_measured("fast");
    report.expect_outcome("wrong", "rejected", "values[");
    let row = report.row_of("fast");
    assert_eq!(row["case"], "acme/acme.topk/8x1000x5/f32");
    assert_eq!((&row["params"]["cols"], &row["params"]["oracle"]), (&1000.into(), &"plain".into()));
    assert_eq!(row["error"]["max_abs"], 0.0);
    let [comparison] = report.comparisons() else { panic!("{:?}", report.comparisons()) };
    assert_eq!((&comparison["reference"], &comparison["launches"]), (&"plain".into(), &12.into()));
}

#[test]
fn split_launches_compare_with_the_oracle_too() {
    let lab = Lab::new();
    let backends: [(&str, &[&str]); 2] = [("plain", &[]), ("fast", &["-O3"])];
    let report = run(&lab, &backends, &["--isolate"]).expect(0).report();
    assert_eq!(report.expect_measured("fast").row_of("fast")["mode"], "split");
}

#[test]
fn without_its_oracle_an_op_is_not_measured() {
    let lab = Lab::new();
    run(&lab, &[("fast", &[])], &[])
        .expect(2)
        .says("names `plain` as the oracle, and no backend of this run is called so");
    let naive: [(&str, &[&str]); 1] = [("fast", &[])];
    let ran = run(&lab, &naive, &["-b", "plain=naive"]).expect(0);
    ran.report().expect_outcome("fast", "unsupported", "its oracle `plain`: the plugin has no `acme.topk`");
}

#[test]
fn what_is_declared_wrong_is_told() {
    let lab = Lab::new();
    let check = |from: &str, to: &str, want: &str| {
        lab.write("wrong.ron", SUITE.replace(from, to));
        lab.run(&["run", "wrong.ron", "--list", "-b", "plain=naive"]).expect(2).says(want);
    };
    check("\"acme.topk/1\"", "\"topk/1\"", "`topk/1` is no op of a vendor's own");
    check("\"8x1000x5\"", "\"8x1000\"", "size `8x1000` does not fit `acme.topk/1`, whose dims are rows×cols×k");
    check("rows * cols\"", "rows * cosl\"", "`rows * cosl` has `cosl`, which is no dim: they are rows, cols, k");
    check("[\"rows\", \"k\"]", "[\"rows\", \"k - 5\"]", "`values` at size `1x1x1`: `k - 5` is -4 there");
    check("[\"rows\", \"k\"]", "[]", "`values` of `acme.topk/1` has 0 dimensions");
    check("flops: \"rows", "flops: \"rows *", "is no formula");
}
