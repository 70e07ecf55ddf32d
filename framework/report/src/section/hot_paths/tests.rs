//! Sentences quote what stands in the tables above them.

use smbench_core::study::Study;

use super::HotPaths;
use crate::document::{Block, Row, Table, Text};
use crate::fixture;
use crate::section::Section;
use crate::view::Options;

fn words(text: &Text) -> String {
    text.spans.iter().map(|span| span.text.as_str()).collect()
}

/// The blocks under a phase's heading.
fn phase(study: &Study, name: &str) -> Vec<Block> {
    let blocks = HotPaths.write(study, &Options::default()).blocks;
    let is = |block: &Block| matches!(block, Block::Heading(4, text) if words(text) == name);
    let start = blocks.iter().position(is).unwrap() + 1;
    blocks[start..].iter().take_while(|block| !matches!(block, Block::Heading(..))).cloned().collect()
}

fn tables(blocks: &[Block]) -> Vec<&Table> {
    blocks.iter().filter_map(|block| if let Block::Table(table) = block { Some(table) } else { None }).collect()
}

fn points(blocks: &[Block]) -> Vec<String> {
    let lists = blocks.iter().filter_map(|block| if let Block::List(points) = block { Some(points) } else { None });
    lists.flatten().map(words).collect()
}

fn cells(row: &Row) -> Vec<String> {
    row.cells.iter().map(words).collect()
}

/// `447 µs` in nanoseconds.
fn nanoseconds(cell: &str) -> f64 {
    let (number, unit) = cell.split_once(' ').unwrap();
    let scale = ["ns", "µs", "ms", "s"].iter().position(|known| *known == unit).unwrap();
    number.parse::<f64>().unwrap() * 1000f64.powi(scale as i32)
}

#[test]
fn the_ratio_is_that_of_the_table() {
    for name in ["prefill 10", "inference 10+25", "decode 10+24", "decode 4x10+24"] {
        let blocks = phase(&fixture::models(), name);
        let change = &cells(&tables(&blocks)[0].rows[2]);
        let want = format!("{name}: pooled takes {} (", change[1]);
        assert!(points(&blocks)[0].starts_with(&want), "{want} {:?}", points(&blocks));
    }
}

#[test]
fn what_an_op_explains_follows_from_the_table() {
    let blocks = phase(&fixture::models(), "decode 10+24");
    let table = tables(&blocks)[1];
    let difference = |op: &str| {
        let row = table.rows.iter().map(cells).find(|cells| cells[0] == op).unwrap();
        nanoseconds(&row[1]) - nanoseconds(&row[3])
    };
    let causes = points(&blocks)[0].split_once("; ").unwrap().1.to_owned();
    let causes: Vec<&str> = causes.split(", ").collect();
    assert_eq!(causes.len(), 3);
    for cause in causes {
        let (op, percent) =
            cause.trim_end_matches(" of the difference").trim_end_matches(" %").rsplit_once(' ').unwrap();
        let explained = 100.0 * difference(op.trim_end_matches(" explains")) / difference("whole call");
        assert!((explained - percent.parse::<f64>().unwrap()).abs() < 1.0, "{cause}: {explained}");
    }
}

#[test]
fn the_ops_are_the_whole() {
    for table in tables(&phase(&fixture::models(), "inference 10+25")).into_iter().skip(1) {
        let (whole, ops) = table.rows.split_last().unwrap();
        let sum: f64 = ops.iter().map(|row| nanoseconds(&cells(row)[1])).sum();
        assert!((sum / nanoseconds(&cells(whole)[1]) - 1.0).abs() < 0.005);
        let last: Vec<String> = ops[ops.len() - 2..].iter().map(|row| cells(row)[0].clone()).collect();
        assert!(last.contains(&"acquire and release".to_owned()) && last.contains(&"outside ops".to_owned()));
    }
}

#[test]
fn what_is_no_difference_is_not_explained() {
    let mut study = fixture::models();
    study.comparisons.iter_mut().for_each(|comparison| comparison.judged = None);
    assert!(points(&phase(&study, "decode 10+24")).is_empty());
}

#[test]
fn separate_runs_differ_and_are_not_judged() {
    let study = fixture::two_model_runs();
    let said = points(&phase(&study, "decode 10+24"));
    assert!(said[0].contains("differs from main (+60.0 %; separate runs, not judged)"), "{said:?}");
    assert!(points(&phase(&study, "prefill 10")).is_empty(), "nothing has changed there");
}

#[test]
fn columns_without_a_figure_are_left_out() {
    let titles = |name: &str| -> Vec<String> {
        tables(&phase(&fixture::models(), name))[0].columns.iter().map(|column| words(&column.title)).collect()
    };
    assert_eq!(titles("creation 470528"), ["backend", "time", "± 95 %", "allocs", "peak RSS", "faults"]);
    assert!(!titles("decode 10+24").contains(&"TTFT p50".to_owned()));
    assert!(!titles("prefill 10").contains(&"token p50".to_owned()));
}

#[test]
fn one_backend_alone_has_no_change() {
    let study = Study::of(vec![fixture::two_model_runs().runs.remove(0)]);
    let blocks = HotPaths.write(&study, &Options::default()).blocks;
    assert!(tables(&blocks).iter().all(|table| table.rows.iter().all(|row| !cells(row)[0].contains("change"))));
    assert!(points(&blocks).is_empty());
    let Some(Block::Paragraph(legend)) = blocks.last() else { panic!("no legend") };
    assert!(words(legend).ends_with("page faults of a call"), "{legend:?}");
}

#[test]
fn whoever_was_not_measured_is_named_and_compared_with_nobody() {
    let mut runs = fixture::models().runs;
    let failed = smbench_core::outcome::Outcome::Failed("signal 11".to_owned());
    let naive = runs[0].checks.iter_mut().filter(|check| check.backend == 0);
    naive.for_each(|check| check.report.outcome = failed.clone());
    let blocks = phase(&Study::of(runs), "decode 10+24");
    let rows = &tables(&blocks)[0].rows;
    assert_eq!(rows.len(), 3, "no changes");
    assert_eq!(words(rows[0].rest.as_ref().unwrap()), "not measured, failed: signal 11");
    assert!(points(&blocks).is_empty());
}
