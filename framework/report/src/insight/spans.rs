//! Which op explains how much of a model's change, from the spans of both sides.

use smbench_core::message::Span;
use smbench_core::study::{Row, Study};
use smbench_core::units::Nanoseconds;

use super::pair::{self, Pair, Side};
use super::{Insight, Status};
use crate::document::{Text, Tone};
use crate::figure;
use crate::section::theme;

/// An op that explains less is one of many.
const WORTH: f64 = 0.3;
/// Further ops are named down to here.
const NAMED: f64 = 0.1;

/// Of every model that is faster or slower.
pub fn find(study: &Study) -> Vec<Insight> {
    let pairs = pair::pairs(study);
    let of = |pair: &Pair| pair.differing().filter_map(|side| of_side(pair, side)).collect::<Vec<_>>();
    pairs.iter().flat_map(of).collect()
}

/// An op, its time in both calls, and which part of the difference that is.
struct Part<'a> {
    op: &'a str,
    now: f64,
    before: f64,
    part: f64,
}

fn of_side(pair: &Pair, side: &Side) -> Option<Insight> {
    if !theme::is_model(&side.now.case) {
        return None;
    }
    let parts = parts(side.now, side.before)?;
    let first = parts.first().filter(|first| first.part >= WORTH && first.op != Span::OUTSIDE)?;
    let told = |part: &Part| {
        let [now, before] = [part.now, part.before].map(|ns| Nanoseconds(ns).to_string());
        let share = figure::share(part.part.abs());
        let word = if part.part < 0.0 { format!("against it: {share}") } else { share };
        Text::code(part.op).plain(format!(": {before} → {now} of a call, {word} of the difference"))
    };
    let claim = format!(" explains {} of why ", figure::share(first.part));
    let claim = Text::code(first.op).plain(claim).and(Tone::Code, &*pair.now).plain(" takes ");
    let claim = claim.plain(format!("{} of the time of ", side.times())).and(Tone::Code, &*pair.before);
    let far = [side.now, side.before].iter().any(|row| traced(row) >= side.weight());
    Some(Insight {
        claim: claim.plain(" at ").and(Tone::Code, side.now.case.title()),
        evidence: parts.iter().filter(|part| part.part.abs() >= NAMED).map(told).collect(),
        status: if pair.over_runs || far { Status::Consistent } else { Status::Measured },
        look: Text::from("the op ").and(Tone::Code, first.op).plain(" at the sizes of this model"),
        decide: (!pair.over_runs).then(|| {
            let op = first.op.split(' ').next().unwrap_or(first.op);
            format!("smbench run simd -f {op} -b {}", pair.specs)
        }),
        weight: side.weight(),
    })
}

/// By what they explain, most first; `None` without spans, or where the medians contradict the ratio.
fn parts<'a>(now: &'a Row, before: &'a Row) -> Option<Vec<Part<'a>>> {
    let call = |row: &Row| row.time_ns.map(|time| time.median);
    let (now_ns, before_ns) = (call(now)?, call(before)?);
    let (spans, spans_before) = (now.spans.as_deref()?, before.spans.as_deref()?);
    let whole = now_ns - before_ns;
    let time = |spans: &[Span], op: &str, call: f64| {
        spans.iter().find(|span| span.op == op).map_or(0.0, |span| span.share * call)
    };
    let mut ops: Vec<&str> = Vec::new();
    for span in spans.iter().chain(spans_before) {
        if !ops.contains(&span.op.as_str()) {
            ops.push(&span.op);
        }
    }
    let part = |op: &'a str| {
        let [now, before] = [time(spans, op, now_ns), time(spans_before, op, before_ns)];
        Part { op, now, before, part: (now - before) / whole }
    };
    let mut parts: Vec<Part> = ops.into_iter().map(part).collect();
    parts.sort_by(|a, b| b.part.total_cmp(&a.part));
    (whole != 0.0).then_some(parts)
}

/// How far the traced call was from the timed one, on a log scale.
fn traced(row: &Row) -> f64 {
    let ns: f64 = row.spans.iter().flatten().map(|span| span.ns).sum();
    row.time_ns.filter(|_| ns > 0.0).map_or(0.0, |time| (ns / time.median).ln().abs())
}
