//! The last lines of a run: at most three reasons, then everything in one line.

use std::collections::BTreeMap;

use smbench_core::outcome::Outcome;
use smbench_core::study::{Comparison, Row, Side, Study};
use smbench_core::units::Ratio;

use crate::document::{Document, Text, Tone};
use crate::{escape, figure};

/// More would be a list, and that is the table.
const REASONS: usize = 3;
/// Characters of a reason before the closing line, and of one inside it; the table has all of it.
const REASON: usize = 90;
const WHY: usize = 24;

/// At most three lines of reasons, then the closing line.
pub fn closing(study: &Study) -> Document {
    let mut document = Document::default();
    if let Some(run) = study.runs.len().checked_sub(1) {
        document.list(reasons(study, run).into_iter().take(REASONS).collect());
    }
    document.paragraph(Text::of(Tone::Strong, line(study)));
    document
}

/// `geomean 1.42x · 41 measured · 12 faster · 3 slower · 5 not distinguished · 1 rejected (…)`, harmless on a terminal.
pub fn closing_line(study: &Study) -> String {
    escape::plain(&line(study)).into_owned()
}

fn line(study: &Study) -> String {
    match study.runs.len() {
        0 => "no run".to_owned(),
        1 => within(study, 0),
        runs => across(study, runs - 1),
    }
}

fn within(study: &Study, run: usize) -> String {
    geomeans(study, run).into_iter().chain(counts(study, run)).collect::<Vec<_>>().join(" · ")
}

/// `geomean 0.842x`, with names if there is more than one besides the reference.
fn geomeans(study: &Study, run: usize) -> Option<String> {
    match &by_alias(study, study.within(run))[..] {
        [] => None,
        [(_, mean)] => Some(format!("geomean {mean}")),
        means => Some(format!("geomean {}", named(means))),
    }
}

fn named(means: &[(&str, Ratio)]) -> String {
    means.iter().map(|(alias, mean)| format!("{alias} {mean}")).collect::<Vec<_>>().join(", ")
}

/// The geometric mean of each backend's ratios, in the order of first appearance.
fn by_alias<'a>(study: &'a Study, comparisons: impl Iterator<Item = &'a Comparison>) -> Vec<(&'a str, Ratio)> {
    let mut by_alias: Vec<(&str, Vec<&Comparison>)> = Vec::new();
    for comparison in comparisons {
        let alias = study.rows[comparison.row].alias.as_str();
        match by_alias.iter_mut().find(|(known, _)| *known == alias) {
            Some((_, of)) => of.push(comparison),
            None => by_alias.push((alias, vec![comparison])),
        }
    }
    let mean = |of: Vec<&'a Comparison>| Study::geomean(of.into_iter()).map(Ratio);
    by_alias.into_iter().filter_map(|(alias, of)| Some((alias, mean(of)?))).collect()
}

/// `41 measured`, and of the rest what there is.
fn counts(study: &Study, run: usize) -> Vec<String> {
    let measured = study.rows_of(run).filter(|(_, row)| row.outcome.is_measured()).count();
    let sides = [Side::Faster, Side::Slower, Side::Unclear].map(|side| {
        let count = study.within(run).filter(|comparison| comparison.side() == side).count();
        (count, figure::side(side))
    });
    let mut parts = vec![format!("{measured} measured")];
    parts.extend(sides.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")));
    parts.extend(["rejected", "failed", "unsupported"].iter().filter_map(|word| fared(study, run, word)));
    parts
}

/// `2 failed (simd/matmul/…: signal 11)`: how many, and the first of them.
fn fared(study: &Study, run: usize, word: &str) -> Option<String> {
    let rows: Vec<&Row> = study.rows_of(run).map(|(_, row)| row).filter(|row| row.outcome.word() == word).collect();
    let (first, count) = (rows.first()?, rows.len());
    let who = format!("{} {}", first.alias, first.case.title());
    Some(match &first.outcome {
        Outcome::Measured | Outcome::Unsupported(_) => format!("{count} {word}"),
        Outcome::Rejected(why) | Outcome::Failed(why) if why.chars().count() <= WHY => {
            format!("{count} {word} ({who}: {why})")
        }
        _ => format!("{count} {word} ({who})"),
    })
}

/// What went wrong and why, the worst first; then what makes figures doubtful.
fn reasons(study: &Study, run: usize) -> Vec<Text> {
    let mut groups: BTreeMap<(Rank, &str, &str), Vec<&Row>> = BTreeMap::new();
    for (_, row) in study.rows_of(run) {
        let (rank, reason) = match &row.outcome {
            Outcome::Rejected(reason) => (Rank::Rejected, reason.as_str()),
            Outcome::Failed(reason) => (Rank::Failed, reason.as_str()),
            _ if row.leaked_bytes().is_some() => (Rank::Leaking, LEAK),
            _ if row.flags.is_empty() => continue,
            _ => (Rank::Flagged, figure::flag(&row.flags[0])),
        };
        groups.entry((rank, &row.alias, reason)).or_default().push(row);
    }
    groups.into_iter().map(|((rank, alias, reason), rows)| because(rank, alias, reason, &rows)).collect()
}

const LEAK: &str = "memory of every call is never freed";

/// How bad, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Rejected,
    Failed,
    Leaking,
    Flagged,
}

/// `acme rejected at simd/gelu/1000/f32 and 2 more: 3 of 64 elements are wrong`
fn because(rank: Rank, alias: &str, reason: &str, rows: &[&Row]) -> Text {
    let (word, tone) = match rank {
        Rank::Rejected => ("rejected", Tone::Bad),
        Rank::Failed => ("failed", Tone::Bad),
        Rank::Leaking => ("leaks", Tone::Bad),
        Rank::Flagged => ("flagged", Tone::Caution),
    };
    let more = if rows.len() > 1 { format!(" and {} more", rows.len() - 1) } else { String::new() };
    let reason = figure::cut(reason, REASON);
    Text::code(alias)
        .plain(" ")
        .and(tone, word)
        .plain(" at ")
        .and(Tone::Code, rows[0].case.title())
        .plain(format!("{more}: {reason}"))
}

/// Two runs that were not measured together.
fn across(study: &Study, run: usize) -> String {
    let pairs: Vec<&Comparison> = study.across(run).collect();
    let Some(first) = pairs.first() else { return "nothing was measured in both runs".to_owned() };
    let [before, now] = [run - 1, run].map(|run| figure::run_name(&study.runs[run]));
    let means = by_alias(study, pairs.iter().copied());
    let rows = figure::count(pairs.len(), "row");
    format!(
        "geomean {} over {rows}, {now} over {before} · evidence {}: nothing is judged",
        named(&means),
        first.evidence.word()
    )
}
