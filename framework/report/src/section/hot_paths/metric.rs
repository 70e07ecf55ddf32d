//! The columns of a phase besides the time, and how two figures of one stand beside each other.

use smbench_core::study::{Comparison, Percentiles, Row};
use smbench_core::units::{Nanoseconds, Ratio, TokenRate};

use crate::document::{Column, Fit, Text};
use crate::figure;

/// A column besides the time.
pub struct Metric {
    title: &'static str,
    fit: Fit,
    near: bool,
    /// Does it give way to the next one where that has figures?
    pub yields: bool,
    /// What stands in it.
    pub cell: fn(&Row) -> Option<Text>,
    change: Change,
}

/// How two figures stand beside each other.
#[derive(Clone, Copy)]
enum Change {
    /// As the times do, the other way round.
    Rate,
    /// One over the other.
    Times(fn(&Row) -> Option<f64>),
    /// So much less or more.
    Amount(fn(&Row) -> Option<f64>),
    /// Not at all.
    Unsaid,
}

/// In the order of the columns. What is left out first on a narrow terminal has the highest number.
pub const METRICS: &[Metric] = &[
    column("rate", |row| Some(TokenRate(rate(row)?).to_string().into())).changing(Change::Rate),
    column("TTFT p50", |row| time(first(row)?.p50)).changing(Change::Times(|row| first(row)?.p50)),
    column("p90", |row| time(first(row)?.p90)).tail(3).yielding(),
    column("p99", |row| time(first(row)?.p99)).tail(3),
    column("token p50", |row| time(next(row)?.p50)).changing(Change::Times(|row| next(row)?.p50)),
    column("p90", |row| time(next(row)?.p90)).tail(2).yielding(),
    column("p99", |row| time(next(row)?.p99)).tail(2),
    column("allocs/token", per_token).changing(Change::Amount(|row| row.tokens?.allocated_bytes)),
    column("allocs", per_call).changing(Change::Amount(|row| Some(row.allocations?.bytes))),
    column("peak RSS", |row| Some(figure::bytes(row.peak_rss_bytes? as f64).into())).fit(Fit::Drop(1)),
    column("faults", |row| Some(figure::number(row.page_faults?).into())).fit(Fit::Drop(4)),
];

const fn column(title: &'static str, cell: fn(&Row) -> Option<Text>) -> Metric {
    Metric { title, fit: Fit::Keep, near: false, yields: false, cell, change: Change::Unsaid }
}

impl Metric {
    const fn fit(self, fit: Fit) -> Self {
        Self { fit, ..self }
    }

    /// Beside the median of the same.
    const fn tail(self, rank: u8) -> Self {
        Self { fit: Fit::Drop(rank), near: true, ..self }
    }

    const fn yielding(self) -> Self {
        Self { yields: true, ..self }
    }

    const fn changing(self, change: Change) -> Self {
        Self { change, ..self }
    }

    /// Its head.
    pub fn column(&self) -> Column {
        let column = Column::figures(self.title).fit(self.fit);
        if self.near { column.near() } else { column }
    }

    /// From one row's figure to another's, whose times have this ratio; empty where one has none.
    pub fn change(&self, now: &Row, before: &Row, times: Option<&Comparison>, over_runs: bool) -> Text {
        let both = |of: fn(&Row) -> Option<f64>| of(now).zip(of(before));
        let ratio = |(now, before): (f64, f64)| match over_runs {
            true => figure::change(now / before).into(),
            false => Ratio(now / before).to_string().into(),
        };
        match self.change {
            Change::Rate => times.map(|times| faster(times, over_runs)),
            Change::Times(of) => both(of).map(ratio),
            Change::Amount(of) => both(of).map(|(now, before)| figure::less(now, before)),
            Change::Unsaid => None,
        }
        .unwrap_or_default()
    }
}

/// `2.79x`, `=1.003x`, `~1.05x`: as the ratio of the times is judged.
fn faster(times: &Comparison, over_runs: bool) -> Text {
    let ratio = 1.0 / times.ratio;
    if over_runs {
        return figure::change(ratio).into();
    }
    figure::marked(times.verdict(), Ratio(ratio).to_string())
}

fn rate(row: &Row) -> Option<f64> {
    row.tokens.map(|tokens| tokens.per_s)
}

fn first(row: &Row) -> Option<Percentiles> {
    row.tokens.map(|tokens| tokens.first_ns)
}

fn next(row: &Row) -> Option<Percentiles> {
    row.tokens.map(|tokens| tokens.next_ns)
}

fn time(ns: Option<f64>) -> Option<Text> {
    ns.map(|ns| Nanoseconds(ns).to_string().into())
}

/// Blocks and bytes asked for, of a phase with tokens for each of them.
fn per_token(row: &Row) -> Option<Text> {
    let tokens = row.tokens?;
    Some(figure::blocks(tokens.allocations?, tokens.allocated_bytes?).into())
}

/// Else for the call.
fn per_call(row: &Row) -> Option<Text> {
    let allocations = row.allocations.filter(|_| row.tokens.is_none())?;
    Some(figure::blocks(allocations.count, allocations.bytes).into())
}
