//! Where the time of a phase goes, op by op, and which op explains a change.

use smbench_core::case::Case;
use smbench_core::message::Span;
use smbench_core::stats::Interval;
use smbench_core::study::{Comparison, Row, Study};
use smbench_core::units::{Nanoseconds, Ratio};

use super::model;
use crate::document::{Block, Column, Document, Fit, Row as Line, Table, Text, Tone};
use crate::figure;
use crate::panel::{Contender, Panel};

/// An op below this share in every contender is counted, not listed.
const LISTED: f64 = 0.01;
/// A contender's name in the head of a column.
const NAME: usize = 24;
/// Between separate runs nothing smaller is worth a sentence; it is no verdict either way.
const DIFFERS: f64 = 0.05;
/// An op that explains less of a difference is not named beside the first.
const NAMED: f64 = 0.1;
/// Nor are more than so many.
const MOST_NAMED: usize = 3;

/// Shares, how far the trace is from what was timed, and the ops that explain changes.
pub fn of_case(study: &Study, panel: &Panel, case: &Case) -> Document {
    let mut document = Document::default();
    let traces: Vec<Trace> = panel.contenders.iter().filter_map(|who| Trace::of(study, who, case)).collect();
    if traces.is_empty() {
        return document;
    }
    document.paragraph("Where the time goes:").push(Block::Table(table(&traces)));
    document.paragraph(traced(&traces));
    document.list((0..panel.contenders.len()).filter_map(|index| explained(study, panel, index, case)).collect());
    document
}

/// The spans of one contender, as parts of the call that was timed.
struct Trace<'a> {
    label: &'a str,
    spans: &'a [Span],
    /// Median of the timed call.
    call_ns: f64,
}

impl<'a> Trace<'a> {
    fn of(study: &'a Study, contender: &'a Contender, case: &Case) -> Option<Self> {
        Self::of_row(contender.measured(study, case)?, &contender.label)
    }

    fn of_row(row: &'a Row, label: &'a str) -> Option<Self> {
        Some(Self { label, spans: row.spans.as_deref()?, call_ns: row.time_ns?.median })
    }

    fn share(&self, op: &str) -> Option<f64> {
        self.spans.iter().find(|span| span.op == op).map(|span| span.share)
    }

    /// What an op took of the timed call; nothing if there is no such op.
    fn ns(&self, op: &str) -> f64 {
        self.share(op).unwrap_or(0.0) * self.call_ns
    }

    /// Time of the traced call over that of the timed one.
    fn traced(&self) -> Option<f64> {
        let ns: f64 = self.spans.iter().map(|span| span.ns).sum();
        (ns > 0.0).then(|| ns / self.call_ns)
    }
}

impl Trace<'_> {
    /// How far the traced call was from the timed one, on a log scale.
    fn error(&self) -> f64 {
        self.traced().map_or(0.0, |ratio| ratio.ln().abs())
    }
}

/// A row for each op, the largest first; what is no op, last.
fn table(traces: &[Trace]) -> Table {
    let heads = |trace: &Trace| {
        let name = Column::figures(Text::code(figure::cut(trace.label, NAME)));
        // Shares go first: without its time, nobody could tell whose a share is.
        [name.fit(Fit::Drop(1)), Column::figures("share").near().fit(Fit::Drop(2))]
    };
    let ops = ops(traces);
    let share = |op: &str| traces.iter().filter_map(|trace| trace.share(op)).fold(0.0, f64::max);
    let (large, small): (Vec<&str>, Vec<&str>) = ops.iter().partition(|op| is_no_op(op) || share(op) >= LISTED);
    let (no_ops, large): (Vec<&str>, Vec<&str>) = large.iter().partition(|op| is_no_op(op));
    let one = |op: &&str| line((*op).into(), traces, |trace| trace.share(op));
    let mut rows: Vec<Line> = large.iter().map(one).collect();
    match &small[..] {
        [] => {}
        [op] => rows.push(one(op)),
        small => rows
            .push(line(rest(small.len()), traces, |trace| Some(small.iter().filter_map(|op| trace.share(op)).sum()))),
    }
    rows.extend(no_ops.iter().map(one));
    rows.push(line(Text::of(Tone::Strong, "whole call"), traces, |_| Some(1.0)));
    Table { columns: [Column::words("op")].into_iter().chain(traces.iter().flat_map(heads)).collect(), rows }
}

fn rest(count: usize) -> Text {
    format!("{count} others, each under {} %", 100.0 * LISTED).into()
}

fn line(name: Text, traces: &[Trace], share: impl Fn(&Trace) -> Option<f64>) -> Line {
    let cells = traces.iter().flat_map(|trace| match share(trace) {
        Some(share) => [Nanoseconds(share * trace.call_ns).to_string().into(), figure::share(share).into()],
        None => [figure::none(), figure::none()],
    });
    Line::of([name].into_iter().chain(cells).collect())
}

/// All of them, by the most time that one took; what is no op, last.
fn ops<'a>(traces: &[Trace<'a>]) -> Vec<&'a str> {
    let mut ops: Vec<&str> = Vec::new();
    for span in traces.iter().flat_map(|trace| trace.spans) {
        if !ops.contains(&span.op.as_str()) {
            ops.push(&span.op);
        }
    }
    let most = |op: &str| traces.iter().map(|trace| trace.ns(op)).fold(0.0, f64::max);
    ops.sort_by(|a, b| is_no_op(a).cmp(&is_no_op(b)).then(most(b).total_cmp(&most(a))));
    ops
}

fn is_no_op(op: &str) -> bool {
    [Span::MEMORY, Span::OUTSIDE].contains(&op)
}

/// A trace is of another call than the one that was timed, with a clock round every op.
fn traced(traces: &[Trace]) -> Text {
    let said = traces.iter().filter_map(|trace| Some(format!("{} {}", Ratio(trace.traced()?), trace.label)));
    let said: Vec<String> = said.collect();
    let times = "Times are shares of the timed call's median.";
    match said.is_empty() {
        true => Text::of(Tone::Faint, times),
        false => Text::of(Tone::Faint, format!("{times} The traced call took, of that: {}.", said.join(", "))),
    }
}

/// `decode 10+24: pooled takes 0.358x (0.352–0.363) of naive's time; gelu_tanh explains 39 % of the difference, …`
fn explained(study: &Study, panel: &Panel, index: usize, case: &Case) -> Option<Text> {
    let (now, before) = panel.pair(study, index, case)?;
    let comparison = panel.contenders[index].comparison(study, case, panel)?;
    let [label, baseline] = [index, panel.baseline_of(index)?].map(|index| panel.contenders[index].label.as_str());
    let [now, before] = [Trace::of_row(now, label)?, Trace::of_row(before, baseline)?];
    // A trace that is further from the timed call than the two calls are from each other explains nothing.
    if comparison.ratio.ln().abs() <= now.error().max(before.error()) {
        return None;
    }
    let causes = causes(&now, &before, comparison)?;
    let what = if panel.over_runs { differs(comparison, &now, &before)? } else { takes(comparison, &now, &before)? };
    Some(Text::code(model::name(case)).plain(format!(": {what}; {causes}")))
}

fn takes(comparison: &Comparison, now: &Trace, before: &Trace) -> Option<String> {
    let interval = |interval: Interval| figure::interval(Some(interval)).spans[0].text.clone();
    let interval = comparison.interval.map(|it| format!(" ({})", interval(it))).unwrap_or_default();
    let ratio = &figure::ratio(comparison).spans[0].text;
    comparison.is_difference().then(|| format!("{} takes {ratio}{interval} of {}'s time", now.label, before.label))
}

fn differs(comparison: &Comparison, now: &Trace, before: &Trace) -> Option<String> {
    let change = figure::change(comparison.ratio);
    let worth = comparison.ratio >= 1.0 + DIFFERS || comparison.ratio <= 1.0 - DIFFERS;
    worth.then(|| format!("{} differs from {} ({change}; separate runs, not judged)", now.label, before.label))
}

/// The ops that explain a difference, and those that go against it; `None` where the medians contradict the ratio.
fn causes(now: &Trace, before: &Trace, comparison: &Comparison) -> Option<String> {
    let whole = now.call_ns - before.call_ns;
    if whole == 0.0 || (whole > 0.0) != (comparison.ratio > 1.0) {
        return None;
    }
    let ops = ops(&[Trace { ..*now }, Trace { ..*before }]);
    let mut parts: Vec<(&str, f64)> = ops.into_iter().map(|op| (op, (now.ns(op) - before.ns(op)) / whole)).collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    let named = parts.iter().take(MOST_NAMED).enumerate().filter(|(index, (_, part))| *index == 0 || *part >= NAMED);
    let named: Vec<String> = named.map(|(index, (op, part))| reason(index, op, *part)).collect();
    let against = parts.iter().rev().take_while(|(_, part)| *part <= -NAMED);
    let against: Vec<String> = against.map(|(op, part)| format!("{op} ({})", figure::share(-part))).collect();
    let against = if against.is_empty() { String::new() } else { format!("; against it: {}", against.join(", ")) };
    Some(named.join(", ") + &against)
}

fn reason(index: usize, op: &str, part: f64) -> String {
    let share = figure::share(part);
    if index == 0 { format!("{op} explains {share} of the difference") } else { format!("{op} {share}") }
}
