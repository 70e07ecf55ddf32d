//! The shares of ops of every traced model in the newest run.

use smbench_core::message::Span;
use smbench_core::study::{Row, Study};

use crate::document::Block;
use crate::figure;
use crate::plot::{Plot, ShareBar, Shares};

/// One drawing of all models; nothing where none was traced.
pub fn spans(study: &Study) -> Vec<Block> {
    let Some(newest) = study.runs.len().checked_sub(1) else { return Vec::new() };
    let traced = |(index, row): (usize, &'_ Row)| Some((index, row.time_ns?.median)).filter(|_| row.spans.is_some());
    let rows: Vec<(usize, f64)> = study.rows_of(newest).filter_map(traced).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let spans = |index: usize| study.rows[index].spans.as_deref().unwrap_or_default();
    let ops = largest(rows.iter().flat_map(|&(index, _)| spans(index)));
    let bar = |&(index, call_ns): &(usize, f64)| {
        let of = |op: &String| spans(index).iter().filter(|span| span.op == *op).map(|span| span.share).sum();
        let mut shares: Vec<f64> = ops.iter().map(of).collect();
        let all: f64 = spans(index).iter().map(|span| span.share).sum();
        shares.push((all - shares.iter().sum::<f64>()).max(0.0));
        ShareBar { subject: figure::subject(study, index), call_ns, shares }
    };
    vec![Block::Plot(Plot::Shares(Shares { bars: rows.iter().map(bar).collect(), ops }))]
}

/// The ops with the most share over all bars.
fn largest<'a>(spans: impl Iterator<Item = &'a Span>) -> Vec<String> {
    let mut ops: Vec<(&str, f64)> = Vec::new();
    for span in spans {
        match ops.iter_mut().find(|(op, _)| *op == span.op) {
            Some((_, share)) => *share += span.share,
            None => ops.push((&span.op, span.share)),
        }
    }
    ops.sort_by(|a, b| b.1.total_cmp(&a.1));
    ops.into_iter().take(Shares::NAMED).map(|(op, _)| op.to_owned()).collect()
}
