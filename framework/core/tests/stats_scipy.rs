//! The statistics against SciPy, to a relative 1e-9: `fixtures/stats_scipy.py` wrote the answers.

use serde_json::Value;
use smbench_core::stats::{Interval, benjamini_hochberg, geometric, hodges_lehmann, normal};
use smbench_core::stats::{order_statistics, quantile, rank_sum, signed_rank};

const FIXTURE: &str = include_str!("fixtures/stats_scipy.json");

/// Estimates near zero are differences of numbers near 0.01, and SciPy's upper exact tail is 1 minus the
/// lower one: below this, its digits are noise.
const NOISE: f64 = 1e-15;

#[track_caller]
fn check(what: &str, got: f64, want: &Value) {
    let want = number(want);
    assert!((got - want).abs() <= 1e-9 * want.abs() + NOISE, "{what}: {got:e}, SciPy has {want:e}");
}

/// For tails that SciPy computes directly: 1e-19 must be 1e-19.
#[track_caller]
fn check_tail(what: &str, got: f64, want: &Value) {
    let want = number(want);
    assert!((got - want).abs() <= 1e-9 * want, "{what}: {got:e}, SciPy has {want:e}");
}

/// An interval and the level it achieves, or null.
#[track_caller]
fn check_interval(what: &str, got: Option<Interval>, level: Option<f64>, want: &Value) {
    assert_eq!((got.is_none(), level.is_none()), (want.is_null(), want.is_null()), "{what}");
    let (Some(got), Some(level)) = (got, level) else { return };
    check(what, got.low, &want[0]);
    check(what, got.high, &want[1]);
    check(what, level, &want[2]);
}

fn rows(key: &str) -> Vec<Value> {
    let mut fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    serde_json::from_value(fixture[key].take()).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// Runs `body` on each case with its name and sample.
fn for_each_sample(body: impl Fn(&str, &[f64], &Value)) {
    for case in rows("samples") {
        body(case["name"].as_str().unwrap(), &numbers(&case["x"]), &case);
    }
}

#[test]
fn quantiles() {
    for_each_sample(|name, x, want| {
        for (i, p) in [0.0, 0.1, 0.25, 0.5, 0.9, 1.0].into_iter().enumerate() {
            check(name, quantile::quantile(x, p), &want["quantiles"][i]);
        }
        check(name, quantile::median(x), &want["quantiles"][3]);
    });
}

#[test]
fn signed_rank_p_values() {
    for_each_sample(|name, x, want| check(name, signed_rank::p_value_two_sided(x), &want["p"]));
}

#[test]
fn hodges_lehmann_estimates() {
    for_each_sample(|name, x, want| check(name, hodges_lehmann::estimate(x), &want["hodges_lehmann"]));
}

#[test]
fn hodges_lehmann_intervals() {
    for_each_sample(|name, x, want| {
        for (i, confidence) in rows("confidences").iter().map(number).enumerate() {
            let (got, level) = (hodges_lehmann::interval(x, confidence), hodges_lehmann::achieved(x.len(), confidence));
            check_interval(name, got, level, &want["walsh"][i]);
        }
    });
}

#[test]
fn median_intervals() {
    for_each_sample(|name, x, want| {
        for (i, confidence) in rows("confidences").iter().map(number).enumerate() {
            let got = order_statistics::median_interval(x, confidence);
            check_interval(name, got, order_statistics::achieved(x.len(), confidence), &want["median"][i]);
        }
    });
}

/// Of the first half of each sample and the second.
#[test]
fn rank_sums_of_halves() {
    for_each_sample(|name, x, want| {
        let (first, second) = x.split_at(x.len() / 2);
        let Some(halves) = want["halves"].as_array() else { return };
        check(name, rank_sum::shift(first, second), &halves[0]);
        check(name, rank_sum::p_value_two_sided(first, second), &halves[1]);
    });
}

#[test]
fn geometric_means() {
    for_each_sample(|name, x, want| {
        let ratios: Vec<f64> = x.iter().map(|d| d.exp()).collect();
        check(name, geometric::mean(&ratios), &want["geometric"]);
    });
}

#[test]
fn q_values() {
    for case in rows("q") {
        let got = benjamini_hochberg::q_values(&numbers(&case["p"]));
        for (i, q) in got.into_iter().enumerate() {
            check_tail("q", q, &case["q"][i]);
        }
    }
}

#[test]
fn normal_distribution() {
    for row in rows("normal") {
        check_tail("cdf", normal::cdf(number(&row[0])), &row[1]);
        check_tail("sf", normal::sf(number(&row[0])), &row[2]);
    }
    for row in rows("probit") {
        check("quantile", normal::quantile(number(&row[0])), &row[1]);
    }
}
