//! What `--format json` says: of the form promised, and the figures those that its own `d_launch` give.

use std::fs;

use serde_json::Value;

use crate::support::{Lab, Report, root};

#[test]
fn a_run_of_quick_keeps_what_the_schema_and_the_statistics_promise() {
    let lab = Lab::new();
    let quick = root().join("configs/quick.ron");
    let filter = "matmul/256x256x256|add/10000|softmax/256|gelu_tanh/1000/";
    let run = ["run", quick.to_str().unwrap(), "-b", "naive,pooled,faer", "--reference", "naive", "-f", filter];
    let ran = lab.run(&[&run[..], &["--format", "json"]].concat());
    let report = ran.expect(0).report();

    follows_the_schema(&report);
    for backend in ["naive", "pooled", "faer"] {
        report.expect_measured(backend);
    }
    assert_eq!(report.comparisons().len(), 2 * report.rows().len() / 3);
    report.rows().iter().for_each(counted_or_said_why_not);
    report.comparisons().iter().for_each(figures_follow_from_launches);
    q_follows_from_p(report.comparisons());
    report.comparisons().iter().for_each(|comparison| the_verdict_follows_from_launches(comparison, 0.05));
    faer_is_five_times_naive(&report);

    let again = lab.run(&["export", "latest", "json"]).expect(0).report();
    assert_eq!(again.0, report.0, "an export says the same");
}

#[test]
fn whoever_looks_three_times_is_judged_by_a_third() {
    let lab = Lab::new();
    let cases = ["--case", "matmul/256x256x256", "-b", "naive,faer"]; // the first look decides
    let report = lab.run(&[&["run"][..], &cases, &["--until-decided", "--format", "json"]].concat()).expect(0).report();
    let alpha = report.0["run"]["alpha"].as_f64().unwrap();
    assert_eq!(alpha, 0.05 / 3.0);
    let [comparison] = report.comparisons() else { panic!("one comparison: {:?}", report.comparisons()) };
    assert_eq!(comparison["launches"], 12);
    the_verdict_follows_from_launches(comparison, alpha);
}

#[test]
fn what_was_not_measured_is_null_and_the_schema_holds() {
    let lab = Lab::new();
    let report = lab.run(&["run", "smoke", "-f", "add", "--verify-only", "--format", "json"]).expect(0).report();
    follows_the_schema(&report);
    for row in report.rows() {
        for figure in ["time_ns", "cold_ns", "gflops", "gb_per_s", "allocations", "ttft_ns"] {
            assert!(row[figure].is_null(), "{figure}: {row:#}");
        }
    }
}

#[track_caller]
pub fn follows_the_schema(report: &Report) {
    let schema = fs::read_to_string(root().join("docs/run.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let faults: Vec<String> =
        schema.iter_errors(&report.0).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Virtual machines have no counters, and ordinary users may not read them everywhere.
#[track_caller]
fn counted_or_said_why_not(row: &Value) {
    assert!(row["context_switches"]["voluntary"].is_number(), "{row:#}");
    match (&row["counters"], row["counters_missing"].as_str()) {
        (Value::Null, Some(why)) => assert!(why.starts_with("not a"), "{why}"), // available, or allowed
        (counters, None) => assert!(counters["instructions"].as_f64().is_none_or(|count| count > 0.0), "{row:#}"),
        _ => panic!("counted, and not: {row:#}"),
    }
}

/// The one speed that is asserted: the worst of a textbook against the best there is.
#[track_caller]
fn faer_is_five_times_naive(report: &Report) {
    let is = |c: &&Value| {
        c["backend"] == "faer" && c["threads"] == 1 && c["case"].as_str().unwrap().contains("matmul/256x256x256")
    };
    let comparison = report.comparisons().iter().find(is).expect("faer at matmul 256");
    let ratio = comparison["ratio"].as_f64().unwrap();
    assert!(ratio < 0.2, "faer takes {ratio} of naive's time");
}

/// Ratio, interval and p from `d_launch`, the slow way: Walsh averages, and every way to give the signs.
#[track_caller]
fn figures_follow_from_launches(comparison: &Value) {
    let d = d_launch(comparison);
    assert_eq!((d.len(), comparison["launches"].as_u64()), (12, Some(12)), "{comparison:#}");

    is(comparison, "ratio", median(&walsh_averages(&d)).exp());
    for (alpha, names) in [(0.05, ["low", "high"]), (0.1, ["low_90", "high_90"])] {
        names.into_iter().zip(interval(&d, alpha)).for_each(|(name, end)| is(comparison, name, end.exp()));
    }
    // A launch may happen to have no difference at all: Wilcoxon leaves it out.
    let nonzero: Vec<f64> = d.into_iter().filter(|d| *d != 0.0).collect();
    let (positive, rank_sums) = (rank_sum(&nonzero), all_rank_sums(nonzero.len()));
    let lopsided = share(&rank_sums, |sum| sum <= positive).min(share(&rank_sums, |sum| sum >= positive));
    is(comparison, "p", (2.0 * lopsided).min(1.0));
}

/// The rules of METHODOLOGY, of launches that nothing speaks against; whatever it is, it has a reason.
#[track_caller]
fn the_verdict_follows_from_launches(comparison: &Value, alpha: f64) {
    let figure = |name: &str| comparison[name].as_f64().unwrap();
    let (theta, margin, d) = (figure("ratio").ln(), figure("margin"), d_launch(comparison));
    let ([low, high], [lowest, highest]) = (interval(&d, alpha), interval(&d, 2.0 * alpha));
    let inside = highest <= margin.ln_1p() && lowest >= -margin.ln_1p();
    let excluded = low > 0.0 || high < 0.0;
    let want = match figure("q") <= alpha && excluded && theta.abs() >= margin.max(0.002).ln_1p() {
        _ if inside => "equivalent",
        true if theta < 0.0 => "improved",
        true => "regressed",
        false => "inconclusive",
    };
    let verdict = comparison["verdict"].as_str().unwrap();
    assert!(verdict == want || verdict == "unreliable", "not {want}: {comparison:#}");
    assert!(comparison["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{comparison:#}");
}

/// Benjamini and Hochberg: the smallest of `p·n/rank` from here on.
#[track_caller]
fn q_follows_from_p(comparisons: &[Value]) {
    let mut sorted: Vec<&Value> = comparisons.iter().collect();
    sorted.sort_by(|a, b| a["p"].as_f64().unwrap().total_cmp(&b["p"].as_f64().unwrap()));
    let n = sorted.len();
    let scaled = |rank: usize| sorted[rank]["p"].as_f64().unwrap() * n as f64 / (rank + 1) as f64;
    for (rank, comparison) in sorted.iter().enumerate() {
        is(comparison, "q", (rank..n).map(scaled).fold(1.0, f64::min));
    }
}

#[track_caller]
fn is(comparison: &Value, figure: &str, want: f64) {
    let found = comparison[figure].as_f64().unwrap_or_else(|| panic!("no {figure}: {comparison:#}"));
    assert!((found - want).abs() <= 1e-9 * want.abs(), "{figure} is {found}, not {want}: {comparison:#}");
}

fn d_launch(comparison: &Value) -> Vec<f64> {
    comparison["d_launch"].as_array().unwrap().iter().map(|d| d.as_f64().unwrap()).collect()
}

/// It holds the centres that a two-sided test at this level does not reject. A centre has as many averages on one side as its
/// rank sum says; this many are the fewest that are not too few.
fn interval(d: &[f64], alpha: f64) -> [f64; 2] {
    let (rank_sums, averages) = (all_rank_sums(d.len()), walsh_averages(d));
    let fewest = (0..).find(|&w| share(&rank_sums, |sum| sum <= w as f64) >= alpha / 2.0).unwrap();
    [averages[fewest - 1], averages[averages.len() - fewest]]
}

/// Means of all pairs, a value with itself included, ascending.
fn walsh_averages(d: &[f64]) -> Vec<f64> {
    let mut averages: Vec<f64> = (0..d.len()).flat_map(|i| (0..=i).map(move |j| (d[i] + d[j]) / 2.0)).collect();
    averages.sort_by(f64::total_cmp);
    averages
}

fn median(sorted: &[f64]) -> f64 {
    (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0
}

/// Sum of the ranks of the positive ones, ranked by size; times measured to the nanosecond do not tie.
fn rank_sum(d: &[f64]) -> f64 {
    let smaller = |x: f64| d.iter().filter(|y| y.abs() <= x.abs()).count() as f64;
    d.iter().filter(|x| **x > 0.0).map(|x| smaller(*x)).sum()
}

/// The rank sums of all 2ⁿ ways to give n values signs.
fn all_rank_sums(n: usize) -> Vec<f64> {
    let sum = |signs: u32| (0..n).filter(|bit| signs >> bit & 1 == 1).map(|bit| bit as f64 + 1.0).sum();
    (0..1 << n).map(sum).collect()
}

fn share(sums: &[f64], is: impl Fn(f64) -> bool) -> f64 {
    sums.iter().filter(|sum| is(**sum)).count() as f64 / sums.len() as f64
}
