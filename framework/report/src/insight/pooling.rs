//! Less memory for more time, between runs: does sparing memory cost time? Held against the slower cases themselves, and
//! against every other run that spares as much.

use std::collections::BTreeMap;

use smbench_core::study::{Row, Study};
use smbench_core::units::Nanoseconds;

use super::pair::{self, Change, Pair, Side};
use super::{Insight, Status};
use crate::document::{Text, Tone};
use crate::figure;

/// Less than four fifths of the bytes are spared memory.
const SPARED: f64 = 0.8;
/// Totals within a tenth of each other are alike.
const ALIKE: f64 = 1.1;
/// Times further apart than separate runs of identical code (2·√2·15 %) are not the same.
const SAME_TIME: f64 = 1.424;
/// More slower cases are counted.
const NAMED: usize = 3;

/// Of every run against the one before it.
pub fn find(study: &Study) -> Vec<Insight> {
    let pairs = pair::pairs(study);
    pairs.iter().filter(|pair| pair.over_runs).filter_map(|pair| of_pair(study, pair)).collect()
}

fn of_pair(study: &Study, pair: &Pair) -> Option<Insight> {
    let [now, before] = [total(pair, |side| side.now)?, total(pair, |side| side.before)?];
    let mut slower: Vec<&Side> = pair.sides.iter().filter(|side| side.change == Change::Slower).collect();
    slower.sort_by(|a, b| b.weight().total_cmp(&a.weight()));
    let largest = *slower.first()?;
    if now >= SPARED * before {
        return None;
    }
    let spare: Vec<&Side> = slower.iter().copied().filter(|side| spares(side)).collect();
    let others = others(study, pair, now);
    let witnesses: Vec<(&Side, &Row)> =
        slower.iter().filter_map(|side| Some((*side, witness(&others, side)?))).collect();
    let ruled_out = slower.iter().all(|side| !spares(side) || witness(&others, side).is_some());
    let mut evidence = vec![
        format!(
            "A pass over its cases asks for {}, and before for {}; {} slower.",
            figure::bytes(now),
            figure::bytes(before),
            figure::count(slower.len(), "case")
        )
        .into(),
    ];
    let own = slower.len() - spare.len();
    if own > 0 {
        evidence.push(against(&slower, own));
    }
    evidence.extend(witnesses.iter().take(NAMED).map(|(side, row)| told(study, side, row)));
    Some(Insight {
        claim: pair.who().plain(": sparing memory costs time"),
        evidence,
        status: if ruled_out { Status::RuledOut } else { Status::Consistent },
        look: match ruled_out {
            true => Text::from("elsewhere: who spares as much is not slower, or who is slower spares nothing"),
            false => Text::from("what is taken from a pool within ").and(Tone::Code, largest.now.case.op()),
        },
        decide: (!ruled_out && study.runs[pair.run].imported.is_none()).then(|| {
            let [before, now] = [pair.run_before, pair.run].map(|run| &*study.runs[run].id);
            format!("smbench compare {before} {now} --replay")
        }),
        weight: largest.weight(),
    })
}

/// Bytes of one call of each case, where all were counted.
fn total<'a>(pair: &Pair<'a>, of: impl Fn(&Side<'a>) -> &'a Row) -> Option<f64> {
    let both = pair.sides.iter().filter(|side| side.now.allocations.is_some() && side.before.allocations.is_some());
    let bytes: Vec<f64> = both.filter_map(|side| Some(of(side).allocations?.bytes)).collect();
    (!bytes.is_empty()).then(|| bytes.iter().sum())
}

fn spares(side: &Side) -> bool {
    let both = side.now.allocations.zip(side.before.allocations);
    both.is_some_and(|(now, before)| now.bytes < SPARED * before.bytes)
}

/// The rows of one backend in a run, by case.
type Rows<'a> = BTreeMap<(&'a str, u32, &'a str), &'a Row>;

fn key(row: &Row) -> (&str, u32, &str) {
    (&row.case.id, row.case.threads, &row.case.definition)
}

/// Other runs that ask for as little, the next one first.
fn others<'a>(study: &'a Study, pair: &Pair, now: f64) -> Vec<Rows<'a>> {
    let mut runs: Vec<usize> = (0..study.runs.len()).filter(|&run| run != pair.run && run != pair.run_before).collect();
    runs.sort_by_key(|&run| (run < pair.run, run.abs_diff(pair.run)));
    let own = |(_, row): &(usize, &Row)| row.alias == pair.sides[0].now.alias;
    let rows = runs.into_iter().map(|run| study.rows_of(run).filter(own).map(|(_, row)| (key(row), row)).collect());
    rows.filter(|rows| spares_as_much(rows, pair, now)).collect()
}

fn spares_as_much(rows: &Rows, pair: &Pair, now: f64) -> bool {
    let bytes = pair.sides.iter().filter_map(|side| rows.get(&key(side.now))?.allocations).map(|of| of.bytes);
    let bytes: f64 = bytes.sum();
    bytes > now / ALIKE && bytes < now * ALIKE
}

/// The case in one of them, where it is not slower.
fn witness<'a>(others: &[Rows<'a>], side: &Side) -> Option<&'a Row> {
    let time = |row: &Row| row.time_ns.map(|time| time.median);
    let is_fast = |row: &Row| time(row).zip(time(side.before)).is_some_and(|(time, before)| time < SAME_TIME * before);
    others.iter().filter_map(|rows| rows.get(&key(side.now)).copied()).find(|row| is_fast(row))
}

fn against(slower: &[&Side], own: usize) -> Text {
    let head =
        format!("Against it: {own} of the {} ask for as much as before", figure::count(slower.len(), "slower case"));
    let named = slower.iter().filter(|side| !spares(side)).take(NAMED);
    let points = named.map(|side| side.point());
    points.enumerate().fold(Text::from(head), |text, (index, point)| {
        let mut text = text.plain(if index == 0 { ": " } else { ", " });
        text.spans.extend(point.spans);
        text
    })
}

fn told(study: &Study, side: &Side, row: &Row) -> Text {
    let time = |row: &Row| row.time_ns.map_or_else(String::new, |time| Nanoseconds(time.median).to_string());
    let bytes: f64 = study
        .rows_of(row.run)
        .filter(|(_, of)| of.alias == row.alias)
        .filter_map(|(_, of)| of.allocations)
        .map(|of| of.bytes)
        .sum();
    Text::from("Against it: ")
        .and(Tone::Code, figure::run_name(&study.runs[row.run]))
        .plain(format!(" asks for as little ({}), and ", figure::bytes(bytes)))
        .and(Tone::Code, side.now.case.title())
        .plain(format!(" takes {} there, not {}", time(row), time(side.now)))
}
