//! First call dominates: one that takes many times what a further one takes, and the reference's does not; or, in reports that
//! do not keep it apart, a small size that takes longer than a larger one.

use smbench_core::study::{Row, Study};
use smbench_core::units::Nanoseconds;

use super::pair::{self, Pair, Side};
use super::{Insight, Status};
use crate::document::{Text, Tone};

/// A first call that takes so many times a further one is in every figure that does not leave it out.
const TIMES: f64 = 5.0;
/// And so many times the reference's: first calls scatter more than any others.
const APART: f64 = 3.0;
/// Less is a page fault or two.
const NS_MIN: f64 = 1e5;
/// A smaller size that takes so much longer than a larger one.
const LONGER: f64 = 1.2;

/// Of pairs in one run, then of every imported run.
pub fn find(study: &Study) -> Vec<Insight> {
    let pairs = pair::pairs(study);
    let within = pairs.iter().filter(|pair| !pair.over_runs).filter_map(of_pair);
    within.chain((0..study.runs.len()).flat_map(|run| of_import(study, run))).collect()
}

fn of_pair(pair: &Pair) -> Option<Insight> {
    let cold = |side: &Side| Some((side.now.cold_ns?, side.before.cold_ns?, side.now.time_ns?.median));
    let dominates = |(now, before, further): (f64, f64, f64)| {
        now >= TIMES * further && now >= APART * before && now - before >= NS_MIN
    };
    let found = pair.sides.iter().filter_map(|side| Some((side, cold(side).filter(|of| dominates(*of))?)));
    let mut found: Vec<_> = found.collect();
    found.sort_by(|a, b| b.1.0.total_cmp(&a.1.0));
    let (side, (now, before, further)) = *found.first()?;
    let times = [now, before, further].map(|ns| Nanoseconds(ns).to_string());
    Some(Insight {
        claim: Text::from("The first call of ").and(Tone::Code, &*pair.now).plain(" dominates short programs"),
        evidence: vec![
            Text::code(side.now.case.title())
                .plain(format!(": {} for the first call, {} for a further one; ", times[0], times[2]))
                .and(Tone::Code, &*pair.before)
                .plain(format!(" takes {} for its first", times[1])),
            format!("So at {} of {} cases.", found.len(), pair.sides.len()).into(),
        ],
        status: Status::Measured,
        look: "what is built lazily: threads, tables, packed weights; create is the place for it".into(),
        decide: None,
        weight: (now / further).ln(),
    })
}

/// Sizes of one op in the order of the plan, which is by size.
fn of_import(study: &Study, run: usize) -> Vec<Insight> {
    let imported = study.runs[run].imported.as_ref().filter(|imported| imported.totals.is_some());
    let Some(imported) = imported else { return Vec::new() };
    let rows: Vec<&Row> = study.rows_of(run).map(|(_, row)| row).filter(|row| row.time_ns.is_some()).collect();
    let inverted = rows.windows(2).filter_map(|two| {
        let [small, large] = [two[0], two[1]];
        let sized = small.case.op() == large.case.op()
            && small.case.suite == large.case.suite
            && small.case.cost.elements < large.case.cost.elements;
        let times = [small, large].map(|row| row.time_ns.map_or(f64::NAN, |time| time.median));
        (sized && small.case.cost.elements > 0 && times[0] > LONGER * times[1]).then_some((small, large, times))
    });
    let found: Vec<_> = inverted.collect();
    let Some((small, _, times)) = found.iter().max_by(|a, b| (a.2[0] / a.2[1]).total_cmp(&(b.2[0] / b.2[1]))) else {
        return Vec::new();
    };
    let name = |row: &Row| {
        row.case.params.get("reported_as").and_then(|name| name.as_str()).unwrap_or(&row.case.id).to_owned()
    };
    let point = |(small, large, times): &(&Row, &Row, [f64; 2])| {
        let [first, second] = times.map(|ns| Nanoseconds(ns).to_string());
        Text::code(name(small))
            .plain(format!(": {first} a call, and the larger "))
            .and(Tone::Code, name(large))
            .plain(format!(" {second}"))
    };
    vec![Insight {
        claim: Text::code(crate::figure::run_name(&study.runs[run]))
            .plain(format!(": {} keeps no first call apart, and it dominates small sizes", imported.format)),
        evidence: found.iter().map(point).collect(),
        status: Status::Consistent,
        look: Text::from("the larger sizes: of ").and(Tone::Code, name(small)).plain(" nothing can be said"),
        decide: None,
        weight: (times[0] / times[1]).ln(),
    }]
}
