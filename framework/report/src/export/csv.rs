//! Comma-separated values (RFC 4180): a line for each backend at each case, with its comparison.

use smbench_core::study::{Comparison, Row, Study};

use crate::{escape, figure};

/// A column: its name, and what of a row stands in it.
type Column = (&'static str, fn(&Study, &Row, Option<&Comparison>) -> String);

const COLUMNS: &[Column] = &[
    ("run", |study, row, _| study.runs[row.run].id.clone()),
    ("label", |study, row, _| study.runs[row.run].label.clone().unwrap_or_default()),
    ("created", |study, row, _| study.runs[row.run].created.clone()),
    ("case", |_, row, _| row.case.id.clone()),
    ("threads", |_, row, _| row.case.threads.to_string()),
    ("backend", |_, row, _| row.alias.clone()),
    ("outcome", |_, row, _| row.outcome.word().to_owned()),
    ("reason", |_, row, _| row.outcome.reason().unwrap_or_default().to_owned()),
    ("time_ns_median", |_, row, _| number(row.time_ns.map(|time| time.median))),
    ("time_ns_low", |_, row, _| number(row.time_ns.and_then(|time| time.interval).map(|interval| interval.low))),
    ("time_ns_high", |_, row, _| number(row.time_ns.and_then(|time| time.interval).map(|interval| interval.high))),
    ("cold_ns", |_, row, _| number(row.cold_ns)),
    ("gflops", |_, row, _| number(row.rates.map(|rates| rates.gflops))),
    ("gb_per_s", |_, row, _| number(row.rates.map(|rates| rates.gb_per_s))),
    ("peak_pct", |_, row, _| number(row.rates.and_then(|rates| rates.peak_pct))),
    ("tokens_per_s", |_, row, _| number(row.tokens.map(|tokens| tokens.per_s))),
    ("allocations", |_, row, _| number(row.allocations.map(|allocations| allocations.count))),
    ("allocated_bytes", |_, row, _| number(row.allocations.map(|allocations| allocations.bytes))),
    ("reference", |study, _, of| of.map_or_else(String::new, |of| study.rows[of.reference].alias.clone())),
    ("evidence", |_, _, of| of.map_or_else(String::new, |of| of.evidence.word().to_owned())),
    ("ratio", |_, _, of| number(of.map(|of| of.ratio))),
    ("ratio_low", |_, _, of| number(of.and_then(|of| of.interval).map(|interval| interval.low))),
    ("ratio_high", |_, _, of| number(of.and_then(|of| of.interval).map(|interval| interval.high))),
    ("q", |_, _, of| number(of.and_then(|of| of.q))),
    ("verdict", |_, _, of| {
        of.and_then(Comparison::verdict).map_or_else(String::new, |of| figure::verdict(of).to_owned())
    }),
];

/// All of a study.
pub fn csv(study: &Study) -> String {
    let line = |cells: Vec<String>| cells.join(",") + "\r\n";
    let head = line(COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect());
    let rows = study.rows.iter().enumerate().map(|(index, row)| {
        let comparison = study.comparison_of(index);
        line(COLUMNS.iter().map(|(_, of)| cell(&of(study, row, comparison))).collect())
    });
    std::iter::once(head).chain(rows).collect()
}

fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(String::new, |value| value.to_string())
}

/// Names come from strangers: quoted where they would end a cell, and kept from being a spreadsheet's formula.
fn cell(text: &str) -> String {
    let text = escape::plain(text);
    let is_formula = text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err();
    let text = if is_formula { format!("'{text}") } else { text.into_owned() };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_end_where_they_should() {
        #[track_caller]
        fn check(text: &str, want: &str) {
            assert_eq!(cell(text), want);
        }
        check("simd/add", "simd/add");
        check("a, \"b\"", "\"a, \"\"b\"\"\"");
        check("=HYPERLINK(1)", "'=HYPERLINK(1)");
        check("-1.5e-7", "-1.5e-7");
        check("", "");
    }
}
