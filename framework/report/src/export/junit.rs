//! JUnit's XML, as CI servers read it: a suite for each of smbench's, a test for each backend at each case. A wrong result is
//! a failure, a crash an error, what is unsupported is skipped; slower than the reference is none of these: that is for a gate.

use std::fmt::Write;

use smbench_core::outcome::Outcome;
use smbench_core::study::{Row, Study};

use super::name;
use crate::{escape, figure};

const NS_PER_S: f64 = 1e9;

/// All of a study.
pub fn junit(study: &Study) -> String {
    let mut suites: Vec<(usize, &str)> = Vec::new();
    for row in &study.rows {
        if !suites.contains(&(row.run, &row.case.suite)) {
            suites.push((row.run, &row.case.suite));
        }
    }
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"smbench\">\n");
    for (run, suite) in suites {
        let rows = study.rows.iter().enumerate().filter(|(_, row)| row.run == run && row.case.suite == suite);
        let rows: Vec<(usize, &Row)> = rows.collect();
        xml += &head(study, run, suite, &rows);
        rows.iter().for_each(|(index, row)| xml += &case(study, *index, row));
        xml += "  </testsuite>\n";
    }
    xml + "</testsuites>\n"
}

fn head(study: &Study, run: usize, suite: &str, rows: &[(usize, &Row)]) -> String {
    let count = |is: fn(&Outcome) -> bool| rows.iter().filter(|(_, row)| is(&row.outcome)).count();
    format!(
        "  <testsuite name=\"{}\" id=\"{}\" timestamp=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
        attribute(suite),
        attribute(&study.runs[run].id),
        attribute(study.runs[run].created.trim_end_matches('Z')),
        rows.len(),
        count(|outcome| matches!(outcome, Outcome::Rejected(_))),
        count(|outcome| matches!(outcome, Outcome::Failed(_))),
        count(|outcome| matches!(outcome, Outcome::Unsupported(_))),
    )
}

fn case(study: &Study, index: usize, row: &Row) -> String {
    let time = row.time_ns.map_or_else(String::new, |time| format!(" time=\"{}\"", time.median / NS_PER_S));
    let class = format!("{}.{}", row.case.suite, row.case.op());
    let begin = format!("    <testcase name=\"{}\" classname=\"{}\"{time}", attribute(&name(row)), attribute(&class));
    let inside = match &row.outcome {
        Outcome::Measured => said(study, index),
        Outcome::Rejected(reason) => format!("<failure message=\"{}\"/>", attribute(reason)),
        Outcome::Failed(reason) => format!("<error message=\"{}\"/>", attribute(reason)),
        Outcome::Unsupported(reason) => format!("<skipped message=\"{}\"/>", attribute(reason)),
    };
    if inside.is_empty() { begin + "/>\n" } else { format!("{begin}>{inside}</testcase>\n") }
}

/// `0.842x of naive (0.839–0.846): faster`
fn said(study: &Study, index: usize) -> String {
    let Some(comparison) = study.comparison_of(index) else { return String::new() };
    let mut text = String::new();
    let ratio = &figure::ratio(comparison).spans[0].text;
    let _ = write!(text, "{ratio} of {}", study.rows[comparison.reference].alias);
    if comparison.interval.is_some() {
        let _ = write!(text, " ({})", figure::interval(comparison.interval).spans[0].text);
    }
    if let Some(verdict) = comparison.verdict() {
        let _ = write!(text, ": {}", figure::verdict(verdict));
    }
    format!("<system-out>{}</system-out>", attribute(&text))
}

/// Harmless in an attribute and between tags.
fn attribute(text: &str) -> String {
    let marks = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&apos;")];
    marks.iter().fold(escape::plain(text).into_owned(), |text, (mark, entity)| text.replace(*mark, entity))
}
