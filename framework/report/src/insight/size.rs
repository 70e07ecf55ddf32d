//! Scales with size: where a difference begins, between two measured sizes, or that it grows with them.

use smbench_core::study::Study;
use smbench_core::units::Ratio;

use super::pair::{self, Change, Pair, Side};
use super::{Insight, Status};
use crate::document::{Text, Tone};

/// A difference that grows by less from the smallest size to the largest does not scale with it.
const GROWS: f64 = 1.5;

/// Of every op by size.
pub fn find(study: &Study) -> Vec<Insight> {
    let pairs = pair::pairs(study);
    let of = |pair: &Pair| pair.ladders().iter().filter_map(|ladder| of_ladder(pair, ladder)).collect::<Vec<_>>();
    pairs.iter().flat_map(of).collect()
}

/// The two sizes between which what may be said changes, where it changes once.
pub fn turn<'a, 'b>(ladder: &[&'b Side<'a>]) -> Option<[&'b Side<'a>; 2]> {
    let known: Vec<&Side> = ladder.iter().copied().filter(|side| side.change != Change::Unknown).collect();
    let turns: Vec<[&Side; 2]> =
        known.windows(2).filter(|two| two[0].change != two[1].change).map(|two| [two[0], two[1]]).collect();
    match turns[..] {
        [turn] => Some(turn),
        _ => None,
    }
}

fn of_ladder(pair: &Pair, ladder: &[&Side]) -> Option<Insight> {
    let op = ladder[0].now.case.op();
    let (claim, look) = match turn(ladder) {
        Some([below, above]) => (
            format!(
                " turns between {} and {}: {} up to the one, {} from the other on",
                below.now.case.size(),
                above.now.case.size(),
                below.change.word(),
                above.change.word()
            ),
            format!("what of {op} depends on its size there: a table, a block, a threshold for threads"),
        ),
        None => (grows(ladder)?, format!("what {op} does once more for each element, and what it does only once")),
    };
    let largest = pair::largest(ladder.iter().copied())?;
    Some(Insight {
        claim: pair.who().plain(", ").and(Tone::Code, op).plain(claim),
        evidence: ladder.iter().map(|side| point(side)).collect(),
        status: if pair.over_runs { Status::Consistent } else { Status::Measured },
        look: look.into(),
        decide: decide(pair, ladder),
        weight: largest.weight(),
    })
}

fn point(side: &Side) -> Text {
    side.point().plain(format!(": {}", side.change.word()))
}

/// All in one direction, and further with every size.
fn grows(ladder: &[&Side]) -> Option<String> {
    let [first, .., last] = ladder else { return None };
    let distance = |side: &&&Side| side.weight();
    let rising = ladder.windows(2).all(|two| distance(&&two[0]) <= distance(&&two[1]));
    let alike = first.change.is_difference() && ladder.iter().all(|side| side.change == first.change);
    let factor = (last.weight() - first.weight()).exp();
    let ends = || {
        format!(
            "{} at {}, {} at {}",
            Ratio(first.ratio),
            first.now.case.size(),
            Ratio(last.ratio),
            last.now.case.size()
        )
    };
    (ladder.len() > 2 && alike && rising && factor >= GROWS)
        .then(|| format!(" is {} the more, the larger: {}", first.change.word(), ends()))
}

/// The same at a size between the two.
fn decide(pair: &Pair, ladder: &[&Side]) -> Option<String> {
    let [below, above] = turn(ladder)?.map(|side| side.now.case.size());
    let sizes =
        below.split('x').zip(above.split('x')).map(|(below, above)| Some((below.parse().ok()?, above.parse().ok()?)));
    let between = |(below, above): (f64, f64)| format!("{:.0}", (below * above).sqrt());
    let size: Vec<String> = sizes.map(|size| size.map(between)).collect::<Option<_>>()?;
    let op = ladder[0].now.case.op();
    (!pair.over_runs).then(|| format!("smbench run --case {op}/{} -b {}", size.join("x"), pair.specs))
}
