//! Follows allocations: slower where a call asks for memory and the reference does not.

use smbench_core::message::Allocations;
use smbench_core::study::Study;
use smbench_core::units::Ratio;

use super::pair::{self, Change, Pair, Side};
use super::{Insight, Status};
use crate::document::{Text, Tone};
use crate::figure;

/// As slow without allocations as with them, within this factor: then they are not why.
const ALIKE: f64 = 0.8;

/// Of every pair.
pub fn find(study: &Study) -> Vec<Insight> {
    pair::pairs(study).iter().filter_map(of_pair).collect()
}

fn of_pair(pair: &Pair) -> Option<Insight> {
    let known = pair.sides.iter().filter(|side| side.change != Change::Unknown);
    let counted: Vec<(&Side, bool)> = known.filter_map(|side| Some((side, asks_for_more(side)?))).collect();
    let of = |more: bool| -> Vec<&Side> { counted.iter().filter(|of| of.1 == more).map(|of| of.0).collect() };
    let (with, without) = (of(true), of(false));
    let slower: Vec<&Side> = with.iter().copied().filter(|side| side.change == Change::Slower).collect();
    let largest = pair::largest(slower.iter().copied())?;
    let ruled_out = without.iter().any(|side| side.change == Change::Slower)
        && pair::mean(&without).ln() >= ALIKE * pair::mean(&with).ln();
    let mut evidence = vec![of_side(pair, largest), tally("Where it asks for more", &with)];
    if !without.is_empty() {
        evidence.push(tally("Where it does not", &without));
    }
    let claim = if ruled_out { " is not slower for its allocations" } else { " is slower where it allocates" };
    let case = &largest.now.case;
    Some(Insight {
        claim: pair.who().plain(":").plain(claim),
        evidence,
        status: if ruled_out { Status::RuledOut } else { Status::Consistent },
        look: Text::from("allocations within ")
            .and(Tone::Code, case.op())
            .plain(": scratch belongs into the context, and tensors come from its pool"),
        decide: (!pair.over_runs && !ruled_out)
            .then(|| format!("perf record -g smbench loop {} -b {} --seconds 5", case.id, pair.spec)),
        weight: largest.weight(),
    })
}

/// More blocks, or a tenth more bytes.
fn asks_for_more(side: &Side) -> Option<bool> {
    let (now, before) = (side.now.allocations?, side.before.allocations?);
    Some(now.count >= before.count + 1.0 || now.bytes > 1.1 * before.bytes)
}

fn of_side(pair: &Pair, side: &Side) -> Text {
    let asked = |of: Option<Allocations>| of.map_or_else(String::new, |of| figure::blocks(of.count, of.bytes));
    let [now, before] = [side.now, side.before].map(|row| asked(row.allocations));
    side.point()
        .plain(format!(": a call asks for {now}, and of "))
        .and(Tone::Code, &*pair.before)
        .plain(format!(" for {before} (blocks; bytes)"))
}

fn tally(head: &str, sides: &[&Side]) -> Text {
    format!("{head}: {}, {} on geometric mean.", pair::counts(sides), Ratio(pair::mean(sides))).into()
}
