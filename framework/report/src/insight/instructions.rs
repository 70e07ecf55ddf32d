//! Instructions per element, where the processor counts them: as many times more of them as of time.

use smbench_core::study::{Row, Study};
use smbench_core::units::{Ratio, significant};

use super::pair::{self, Pair, Side};
use super::{Insight, Status};
use crate::document::{Text, Tone};

/// Time goes with instructions if the two ratios are within this factor.
const ALIKE: f64 = 1.2;
/// Fewer more of them are no reason.
const WORTH: f64 = 1.1;

/// Of every pair, the case that it explains most of.
pub fn find(study: &Study) -> Vec<Insight> {
    let pairs = pair::pairs(study);
    pairs.iter().filter(|pair| !pair.over_runs).filter_map(of_pair).collect()
}

fn of_pair(pair: &Pair) -> Option<Insight> {
    let counted: Vec<(&Side, f64)> = pair.differing().filter_map(|side| Some((side, instructions(side)?))).collect();
    let follows = |(side, ratio): &&(&Side, f64)| {
        let alike = (side.ratio / ratio).ln().abs() <= ALIKE.ln();
        alike && ratio.ln().abs() >= WORTH.ln() && (*ratio > 1.0) == (side.ratio > 1.0)
    };
    let following: Vec<&(&Side, f64)> = counted.iter().filter(follows).collect();
    let (side, ratio) = following.iter().max_by(|a, b| a.0.weight().total_cmp(&b.0.weight()))?;
    let per = |row: &Row| each(row).map_or_else(String::new, significant);
    Some(Insight {
        claim: pair.who().plain(": time follows instructions"),
        evidence: vec![
            side.point().plain(format!(
                ": {} the instructions, {} an element instead of {}",
                Ratio(*ratio),
                per(side.now),
                per(side.before)
            )),
            format!("So at {} of the {} cases that differ and were counted.", following.len(), counted.len()).into(),
        ],
        status: Status::Measured,
        look: Text::from("what ")
            .and(Tone::Code, side.now.case.op())
            .plain(" executes: width of the vectors, unrolling, bounds checks"),
        decide: Some(format!("perf record smbench loop {} -b {} && perf annotate", side.now.case.id, pair.spec)),
        weight: side.weight(),
    })
}

fn each(row: &Row) -> Option<f64> {
    row.counters?.per(row.case.cost.elements)?.instructions
}

fn instructions(side: &Side) -> Option<f64> {
    Some(each(side.now)? / each(side.before)?).filter(|ratio| ratio.is_finite() && *ratio > 0.0)
}
