//! Runs whose cause is known: the rule about it names it, and no other does; of the same code twice no rule says anything.

use smbench_core::case::Case;
use smbench_core::message::{Counters, ReceiptInfo};
use smbench_core::run::Run;
use smbench_core::study::{Row, Study};

use super::*;
use crate::fixture;
use crate::render::{Style, terminal};
use crate::section::{SECTIONS, Section};
use crate::view::Options;

fn same(_: &Case) -> f64 {
    1.0
}

/// What every rule says of a study: the rule's title, the status, and the claim.
fn said(study: &Study) -> Vec<(&'static str, Status, String)> {
    let text = |text: &Text| text.spans.iter().map(|span| span.text.as_str()).collect::<String>();
    let of = |rule: &Rule| {
        let found = (rule.find)(study);
        assert!(found.iter().all(|insight| !insight.evidence.is_empty()), "{}: a reason without figures", rule.title);
        found.into_iter().map(|insight| (rule.title, insight.status, text(&insight.claim))).collect::<Vec<_>>()
    };
    RULES.iter().flat_map(of).collect()
}

#[track_caller]
fn check(study: &Study, want: &[(&str, Status, &str)]) {
    let found = said(study);
    let found: Vec<(&str, Status, &str)> =
        found.iter().map(|(title, status, claim)| (*title, *status, claim.as_str())).collect();
    assert_eq!(found, want);
}

/// A twin of `naive` with something changed in every row of it.
fn changed(factor: fn(&Case) -> f64, change: impl Fn(&mut Row)) -> Study {
    let mut study = Study::of(vec![fixture::twins(factor)]);
    study.rows.iter_mut().filter(|row| row.backend == 1).for_each(change);
    study
}

fn chapter(study: &Study) -> String {
    let section: &&dyn Section = SECTIONS.iter().find(|section| section.title() == "Deeper analysis").unwrap();
    terminal(&section.write(study, &Options::default()), Style::default())
}

#[test]
fn the_same_code_twice_has_no_reason() {
    let study = Study::of(vec![fixture::twins(same)]);
    check(&study, &[]);
    assert!(chapter(&study).contains("No rule has figures for a reason"));
}

#[test]
fn a_size_from_which_it_is_slower_is_named() {
    let study = changed(|case| if case.op() == "gelu_tanh" && case.cost.elements > 5000 { 3.0 } else { 1.0 }, |_| ());
    let claims = [
        "twin against naive, gelu_tanh turns between 1000 and 10000: the same up to the one, slower from the other on",
        "twin against naive, gelu_tanh turns not because operands outgrow L1 (48 KiB)",
    ];
    let want = [("Size", Status::Measured, claims[0]), ("Working set", Status::RuledOut, claims[1])];
    check(&study, &want);
    assert!(chapter(&study).contains("smbench run --case gelu_tanh/3162 -b naive,twin"));
}

fn slow_matmul(case: &Case) -> f64 {
    if case.op() == "matmul" { 1.5 } else { 1.0 }
}

/// Where nothing but `add` of a million elements touches more memory than the caches hold.
const AT_LIMIT: (&str, Status, &str) = (
    "Faster than possible, or as fast as possible",
    Status::Measured,
    "naive is at the limit of this machine at simd/add/1000000/f32",
);

fn allocate(row: &mut Row) {
    if let Some(allocations) = row.allocations.as_mut().filter(|_| row.case.op() == "matmul") {
        (allocations.count, allocations.bytes) = (512.0, 65536.0);
    }
}

#[test]
fn allocations_are_named_where_they_go_with_the_time() {
    let title = "Allocations";
    let study = changed(slow_matmul, allocate);
    check(&study, &[(title, Status::Consistent, "twin against naive: is slower where it allocates")]);
    let everywhere = changed(|_| 1.5, allocate);
    let ruled_out = (title, Status::RuledOut, "twin against naive: is not slower for its allocations");
    check(&everywhere, &[AT_LIMIT, ruled_out]);
    check(&changed(same, allocate), &[]);
}

fn lost(row: &mut Row) {
    row.receipt = Some(ReceiptInfo { tier: "avx2".to_owned(), ..row.receipt.clone().unwrap_or_default() });
}

#[test]
fn a_lost_tier_is_named() {
    let claim = "twin runs tier avx2 where naive runs tier portable";
    let title = "Another implementation, tier or number of threads";
    check(&changed(slow_matmul, lost), &[(title, Status::Measured, claim)]);
    let mut other = fixture::twins(slow_matmul);
    other.plan.backends[1].sha256 = "another".to_owned();
    let mut study = Study::of(vec![other]);
    study.rows.iter_mut().filter(|row| row.backend == 1).for_each(lost);
    check(&study, &[(title, Status::Consistent, claim)]);
    check(&changed(same, lost), &[]);
}

#[test]
fn faster_than_possible_is_suspect() {
    let study = changed(|case| if case.id.contains("matmul/64") { 0.01 } else { 1.0 }, |_| ());
    let (title, status, claim) = said(&study).remove(0);
    assert_eq!((title, status), ("Faster than possible, or as fast as possible", Status::Measured));
    assert_eq!(claim, "twin is faster than possible at simd/matmul/64x64x64/f32");
}

#[test]
fn a_first_call_that_builds_something_is_named() {
    let study = changed(same, |row| row.cold_ns = row.cold_ns.map(|ns| 50.0 * ns));
    check(&study, &[("First call", Status::Measured, "The first call of twin dominates short programs")]);
}

#[test]
fn a_tail_is_named() {
    let study = changed(same, |row| {
        row.flags.push("tail".to_owned());
        row.time_ns.iter_mut().for_each(|time| time.p90 = 3.0 * time.median);
    });
    check(&study, &[("Tail", Status::Measured, "twin has calls that take much longer than most")]);
}

#[test]
fn instructions_are_named_where_time_goes_with_them() {
    let counted = |times: f64| {
        move |row: &mut Row| {
            let counters = row.counters.unwrap_or_default();
            row.counters =
                Some(Counters { instructions: counters.instructions.map(|count| times * count), ..counters });
        }
    };
    let claim = "twin against naive: time follows instructions";
    check(&changed(slow_matmul, counted(1.5)), &[("Instructions", Status::Measured, claim)]);
    check(&changed(slow_matmul, counted(4.0)), &[]);
}

#[test]
fn noise_is_named_where_it_forbids_verdicts() {
    let mut run = fixture::twins(same);
    let control = run.plan.backends.len();
    for launch in &mut run.launches {
        let swing = if launch.number.is_multiple_of(8) { 1.05 } else { 1.06 };
        let copies = launch.launch.series.iter_mut().filter(|(backend, _)| *backend == control);
        copies.flat_map(|(_, series)| &mut series.ns).for_each(|ns| *ns = (*ns as f64 * swing) as u64);
    }
    let study = Study::of(vec![run]);
    let found = said(&study);
    assert!(found.iter().all(|(title, ..)| *title == "Too noisy to tell") && found.len() == 1, "{found:?}");
}

/// Three runs: the second spares memory and is slower, the third spares it, too.
fn spared(third: fn(&Case) -> f64, asks: f64) -> Study {
    let run = |day: usize, factor: fn(&Case) -> f64, bytes: f64| {
        let mut run: Run = fixture::twins(factor);
        run.id = format!("2026112{day}-081502-3fa2");
        run.label = Some(format!("day{day}"));
        for account in &mut run.accounts {
            account.report.allocations.iter_mut().for_each(|of| of.bytes = bytes);
        }
        run
    };
    Study::of(vec![run(1, same, 1000.0), run(2, |_| 2.0, 100.0), run(3, third, asks)])
}

#[test]
fn less_memory_for_more_time_is_held_against_other_runs() {
    let title = "Less memory for more time";
    let status = |study: &Study| {
        let found = said(study).into_iter().filter(|(of, _, claim)| *of == title && claim.starts_with("twin in day2"));
        found.map(|(_, status, _)| status).collect::<Vec<_>>()
    };
    assert_eq!(status(&spared(|_| 2.0, 100.0)), [Status::Consistent]);
    assert_eq!(status(&spared(same, 100.0)), [Status::RuledOut], "the third is as fast, and asks for as little");
    assert_eq!(status(&spared(same, 1000.0)), [Status::Consistent], "the third asks for more again");
}

#[test]
fn one_content_under_two_dates_is_one() {
    let run = fixture::twins(same);
    let later =
        Run { id: "20261125-081502-3fa2".to_owned(), created: "2026-11-25T08:15:02Z".to_owned(), ..run.clone() };
    let found = said(&Study::of(vec![run, later]));
    assert_eq!(found.iter().map(|(title, ..)| *title).collect::<Vec<_>>(), ["One content, two dates"]);
}

#[test]
fn an_op_explains_a_models_change() {
    let found = said(&fixture::models());
    let ops: Vec<&str> =
        found.iter().filter(|(title, ..)| *title == "An op of a model").map(|(.., claim)| claim.as_str()).collect();
    assert!(ops.iter().any(|claim| claim.contains(" explains ") && claim.contains("pooled takes")), "{ops:?}");
    assert!(
        found.iter().any(|(title, status, _)| *title == "Memory spared" && *status == Status::Measured),
        "{found:?}"
    );
}

#[test]
fn a_working_set_is_a_reason_where_the_reference_slows_down_too() {
    let study = changed(|case| if case.op() == "add" && case.cost.elements > 100_000 { 4.0 } else { 1.0 }, |_| ());
    let claims = [
        "twin against naive, add turns between 10000 and 1000000: the same up to the one, slower from the other on",
        "twin against naive, add turns because operands outgrow L2 (1 MiB)",
    ];
    let want = [AT_LIMIT, ("Size", Status::Measured, claims[0]), ("Working set", Status::Consistent, claims[1])];
    check(&study, &want);
}
