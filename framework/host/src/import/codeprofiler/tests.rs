//! A report made up for these tests, with everything in it that real ones have.

use super::*;

const TEXT: &str = "\
# Enhanced Performance Profile Report

**Generated:** 2026-03-01 10:20:30

## Summary

- **Total Runtime:** 1,234.50 ms
- **Total Allocations:** 1,100.25 MB

## Hot Paths (Top 30)

| Rank | Method | Time (ms) | Calls | Avg (ms) | Alloc (MB) |
|------|--------|-----------|-------|----------|------------|
| 1 | `Model_Tiny_Inference` | 1,000.00 | 1 | 1000.004 | 512.00 |
| 2 | `Model_Tiny_GenerateToken` | 990.00 | 20 | 49.500 | 512.00 |
| 3 | `Model_Tiny_Forward` | 900.00 | 20 | 45.000 | 512.00 |
| 4 | `MatMul_256x256` | 80.00 | 1 | 80.004 | 0.00 |
| 5 | `MatMul_64x64` | 8.00 | 1 | 8.001 | 0.00 |
| 6 | `MatMul_Iteration` | 70.00 | 6 | 11.667 | 0.00 |
| 7 | `GELU_10000` | 6.00 | 1 | 6.000 | 0.01 |
| x | `Broken_1` | many | 1 | 1.000 | 0.00 |
| 8 | `TensorAdd_10000` | 5.00 | 1 | 5.000 | 0.38 |
| 9 | `TensorAdd_Iteration` | 4.00 | 10 | 0.400 | 0.38 |
| 10 | `Softmax_512` | 0.00 | 1 | 0.003 | 0.00 |
| 11 | `Softmax_256` | 0.00 | 1 | 0.000 | 0.00 |
| 12 | `Short_1` | 1.00 |
| 13 | `Wrong_1` | 3.00 | 1 | 2.000 | 0.00 |
| 14 | `GELU_10000` | 7.00 | 1 | 7.000 | 0.00 |

## Top Allocators

| Rank | Method | Total (MB) | Calls | Avg (KB) |
|------|--------|------------|-------|----------|
| 1 | `Model_Tiny_Inference` | 512.00 | 1 | 524288.00 |
| 2 | `Hidden_Method` | 64.00 | 2 | 32768.00 |
";

fn report() -> Report {
    parse(&[Source { name: "report.md".to_owned(), text: TEXT.to_owned() }]).unwrap()
}

fn find<'a>(report: &'a Report, id: &str) -> &'a Measured {
    report.measured.iter().find(|measured| measured.case.id == id).unwrap_or_else(|| panic!("no case {id}"))
}

/// Nanoseconds of the row, and the calls that it holds.
fn row(report: &Report, id: &str) -> (u64, u64) {
    let series = &find(report, id).launches[0];
    (series.ns[0], series.calls[0])
}

#[test]
fn rows_hold_several_calls() {
    let report = report();
    assert_eq!(row(&report, "simd/matmul/256x256x256/f32"), (80_004_000, 4));
    assert_eq!(row(&report, "activations/gelu/10000/f32"), (6_000_000, 6));
    assert_eq!(row(&report, "simd/add/10000/f32"), (5_000_000, 10));
    assert_eq!(row(&report, "activations/softmax/512/f32"), (3_000, 6));
    assert_eq!(row(&report, "model_tiny/inference/20/f32"), (1_000_004_000, 1));
    assert_eq!(find(&report, "simd/matmul/256x256x256/f32").case.cost.flops, 2 * 256 * 256 * 256);
    let tokens = find(&report, "model_tiny/inference/20/f32").case.tokens;
    assert_eq!(tokens, Some(Tokens { per_call: 20, kv_bytes: None }));
}

#[test]
fn what_is_nested_is_not_counted_again() {
    let report = report();
    let ids: Vec<&str> = report.measured.iter().map(|measured| measured.case.id.as_str()).collect();
    assert!(!ids.iter().any(|id| id.contains("Iteration") || id.contains("forward")), "{ids:?}");
    assert_eq!(report.nested, [Scope { name: "MatMul_Iteration".to_owned(), calls: 6, ns: 70.002e6 }]);
    let shares = |id: &str| -> Vec<(String, f64)> {
        let spans = find(&report, id).spans.clone().unwrap();
        spans.into_iter().map(|span| (span.op, (span.share * 1000.0).round() / 1000.0)).collect()
    };
    let of = |op: &str, share: f64| (op.to_owned(), share);
    let model = shares("model_tiny/inference/20/f32");
    assert_eq!(model, [of("GenerateToken", 0.09), of("Forward", 0.9), of(Span::OUTSIDE, 0.01)]);
    assert_eq!(shares("simd/add/10000/f32"), [of("Iteration", 0.8), of(Span::OUTSIDE, 0.2)]);
}

#[test]
fn totals_and_date_are_those_of_the_report() {
    let report = report();
    assert_eq!(report.totals, Some(Totals { ns: 1_234.5e6, bytes: Some(1100.25 * BYTES_PER_MB) }));
    let created = report.created.map(|time| humantime::format_rfc3339_seconds(time).to_string());
    assert_eq!(created.as_deref(), Some("2026-03-01T10:20:30Z"));
    let allocations = find(&report, "simd/add/10000/f32").allocations.unwrap();
    assert!((allocations.bytes - 0.038 * BYTES_PER_MB).abs() < 1e-6 && allocations.count.is_nan());
}

#[test]
fn what_is_not_resolved_or_not_told_is_not_measured() {
    let report = report();
    let reason = |id: &str| find(&report, id).outcome.reason().map(str::to_owned);
    assert!(reason("activations/softmax/256/f32").unwrap().contains("0.00 ms is below what the report resolves"));
    assert!(reason("profiled/Hidden_Method").unwrap().contains("not in this report"));
    assert_eq!(reason("activations/softmax/512/f32"), None);
}

#[test]
fn malformed_rows_are_named_and_the_rest_is_kept() {
    let faults: Vec<String> = report().faults.iter().map(|fault| format!("{}: {}", fault.line, fault.what)).collect();
    let want = [
        "21: `many` is no number: the row is left out",
        "26: 3 cells where 6 should be: the row is left out",
        "27: `Wrong_1`: its average times its calls is 2.000 ms, not 3.00; the time is taken",
        "28: `GELU_10000` is there already: the row is left out",
    ];
    assert_eq!(faults, want);
}

#[test]
fn numbers_have_separators_or_none() {
    #[track_caller]
    fn check(text: &str, want: Option<f64>) {
        assert_eq!(number(text), want, "{text}");
    }
    check("0.00", Some(0.0));
    check("12", Some(12.0));
    check("1,234.56", Some(1234.56));
    check("1,234,567", Some(1_234_567.0));
    check("12345.6", Some(12345.6));
    for wrong in ["", "-1", "1,23.4", "1.234,56", "12,34", "1e5", "NaN", "inf", "1.2.3", ".5"] {
        check(wrong, None);
    }
}

#[test]
fn what_is_no_report_is_refused() {
    let error = parse(&[Source { name: "x.md".to_owned(), text: "# A title".to_owned() }]).unwrap_err().to_string();
    assert!(error.contains("`x.md` is no report of codeprofiler") && error.contains("no table of methods"), "{error}");
}

#[test]
fn the_order_of_rows_and_missing_ones_change_nothing_else() {
    let without = |method: &str| {
        let text: String = TEXT.lines().filter(|line| !line.contains(method)).map(|line| format!("{line}\n")).collect();
        parse(&[Source { name: "report.md".to_owned(), text }]).unwrap()
    };
    let no_inference = without("Inference`");
    assert_eq!(row(&no_inference, "model_tiny/generatetoken/1/f32"), (990_000_000, 20));
    let no_size = without("MatMul_256x256");
    assert_eq!(row(&no_size, "simd/matmul/64x64x64/f32"), (8_001_000, 4));
    assert_eq!(no_size.nested, [], "one size is left: the iteration is its span");
    let no_iteration = without("MatMul_Iteration");
    assert_eq!(row(&no_iteration, "simd/matmul/256x256x256/f32"), (80_004_000, 4));
}
