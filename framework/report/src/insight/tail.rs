//! Tail: some calls take much longer than most, and the reference's do not.

use smbench_core::study::{Row, Study};
use smbench_core::units::{Nanoseconds, Ratio};

use super::pair::{self, Pair, Side};
use super::{Insight, Status};
use crate::document::Text;

/// The 90th percentile over the median, from which on it is one.
const FAR: f64 = 1.3;

/// Of every pair in one run, the case where it is longest.
pub fn find(study: &Study) -> Vec<Insight> {
    let pairs = pair::pairs(study);
    pairs.iter().filter(|pair| !pair.over_runs).filter_map(of_pair).collect()
}

fn of_pair(pair: &Pair) -> Option<Insight> {
    let own = |side: &&Side| {
        has_tail(side.now) && !has_tail(side.before) && spread(side.now) >= FAR * spread(side.before).max(1.0)
    };
    let mut found: Vec<&Side> = pair.sides.iter().filter(own).collect();
    found.sort_by(|a, b| spread(b.now).total_cmp(&spread(a.now)));
    let side = *found.first()?;
    let time = side.now.time_ns?;
    let [median, p90] = [time.median, time.p90].map(|ns| Nanoseconds(ns).to_string());
    Some(Insight {
        claim: Text::code(&*pair.now).plain(" has calls that take much longer than most"),
        evidence: vec![
            Text::code(side.now.case.title()).plain(format!(
                ": median {median}, 90th percentile {p90}, which is {}; of the reference {}",
                Ratio(spread(side.now)),
                Ratio(spread(side.before))
            )),
            format!("So at {} of {} cases.", found.len(), pair.sides.len()).into(),
        ],
        status: Status::Measured,
        look: "what is done now and then: growing a table, returning memory, waking threads".into(),
        decide: Some(format!("smbench show --samples -f '^{}$'", side.now.case.id)),
        weight: spread(side.now).ln(),
    })
}

fn has_tail(row: &Row) -> bool {
    row.flags.iter().any(|flag| flag == "tail")
}

fn spread(row: &Row) -> f64 {
    row.time_ns.map_or(1.0, |time| time.p90 / time.median)
}
