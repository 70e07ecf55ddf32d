//! Working set against cache sizes, where a difference turns as operands outgrow a cache. Whoever takes the same operands
//! without slowing down rules it out.

use smbench_core::run::Machine;
use smbench_core::study::{Row, Study};
use smbench_core::units::Ratio;

use super::pair::{self, Pair, Side};
use super::{Insight, Status, size};
use crate::document::{Text, Tone};
use crate::figure;

/// More time for the same work than this is a step.
const STEP: f64 = 1.3;
/// And less than this is none.
const FLAT: f64 = 1.15;
/// So many times the misses are others.
const MISSES: f64 = 2.0;

/// Of every turn.
pub fn find(study: &Study) -> Vec<Insight> {
    let pairs = pair::pairs(study);
    let of = |pair: &Pair| {
        let machine = &study.runs[pair.run].machine;
        pair.ladders().iter().filter_map(|ladder| of_turn(pair, machine, size::turn(ladder)?)).collect::<Vec<_>>()
    };
    pairs.iter().flat_map(of).collect()
}

fn of_turn(pair: &Pair, machine: &Machine, [below, above]: [&Side; 2]) -> Option<Insight> {
    let [small, large] = [below, above].map(|side| side.now.case.cost.footprint());
    let level = machine.cache_bytes.iter().position(|&cache| small <= cache && cache < large)?;
    let [step, step_before] = [slow_down(below.now, above.now)?, slow_down(below.before, above.before)?];
    if step < STEP {
        return None;
    }
    let misses = misses(below.now, above.now);
    let status = match misses {
        Some(factor) if factor >= MISSES => Status::Consistent,
        _ if step_before < FLAT => Status::RuledOut,
        _ => Status::Consistent,
    };
    let cache = format!("L{} ({})", level + 1, figure::bytes(machine.cache_bytes[level] as f64));
    let ruled_out = status == Status::RuledOut;
    let sizes = [small, large].map(|bytes| figure::bytes(bytes as f64));
    let mut evidence = vec![
        format!("Operands: {} at {}, {} at {}.", sizes[0], below.now.case.size(), sizes[1], above.now.case.size())
            .into(),
        Text::code(&*pair.now)
            .plain(format!(" takes {} of the time for the same work there, and ", Ratio(step)))
            .and(Tone::Code, &*pair.before)
            .plain(format!(" {}", Ratio(step_before))),
    ];
    evidence.extend(misses.map(|factor| format!("Last-level misses an element: {}.", Ratio(factor)).into()));
    let not = if ruled_out { "not " } else { "" };
    Some(Insight {
        claim: pair
            .who()
            .plain(", ")
            .and(Tone::Code, above.now.case.op())
            .plain(format!(" turns {not}because operands outgrow {cache}")),
        evidence,
        status,
        look: match ruled_out {
            true => "what else changes at this size: the reference takes the same operands".into(),
            false => "blocks of the op against that cache".into(),
        },
        decide: (!ruled_out)
            .then(|| format!("perf stat -e cache-misses smbench loop {} -b {}", above.now.case.id, pair.spec)),
        weight: above.weight().max(below.weight()),
    })
}

/// Time for the same work at the larger size, over that at the smaller one. Work is flops where there are some, else bytes.
fn slow_down(small: &Row, large: &Row) -> Option<f64> {
    let work = |row: &Row| if row.case.cost.flops > 0 { row.case.cost.flops } else { row.case.cost.bytes } as f64;
    let rate = |row: &Row| Some(row.time_ns?.median / work(row));
    Some(rate(large)? / rate(small)?)
}

fn misses(small: &Row, large: &Row) -> Option<f64> {
    let rate = |row: &Row| row.counters?.per(row.case.cost.elements)?.cache_misses;
    Some(rate(large)? / rate(small)?.max(1e-6))
}
