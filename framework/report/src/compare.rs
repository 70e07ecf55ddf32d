//! The table of `compare RUN RUN`: two runs that were not measured together. It shows and claims, and judges nothing.

use smbench_core::separate::{Claim, Claimed};
use smbench_core::study::{Comparison, Row, Study};
use smbench_core::units::Ratio;
use smbench_core::verdict::Evidence;

use crate::document::{Block, Column, Document, Fit, Row as Line, Table, Text, Tone};
use crate::figure;
use crate::view::View;

/// A run's name in the head of a column.
const NAME: usize = 24;

/// METHOD §5: what separate runs are worth, as measured.
pub const MOVED: &str = "Identical code moved 7–16 % (median) and 20–45 % (95th percentile) between separate runs";

/// Each run of the study against the one before it.
pub fn comparison_table(study: &Study, view: &View) -> Document {
    let mut document = Document::default();
    for run in 1..study.runs.len() {
        document.append(pair(study, run, view));
    }
    document
}

fn pair(study: &Study, run: usize, view: &View) -> Document {
    let mut document = Document::default();
    let [before, now] = [run - 1, run].map(|run| figure::cut(figure::run_name(&study.runs[run]), NAME));
    document.heading(3, Text::default().and(Tone::Code, &*before).plain(" → ").and(Tone::Code, &*now));
    let mut rows = Vec::new();
    let mut named = None;
    for (index, row) in study.rows_of(run).filter(|(_, row)| view.shows(row)) {
        let Some(line) = line(study, index, row) else { continue };
        let title = row.case.title();
        let case = if named.as_ref() == Some(&title) { Text::default() } else { Text::code(&*title) };
        named = Some(title);
        rows.push(Line { cells: [vec![case], line.cells].concat(), ..line });
    }
    if rows.is_empty() && study.across(run).next().is_some() {
        document.paragraph("none of the cases that both runs measured is shown");
    } else if rows.is_empty() {
        document.paragraph("no case was measured by the same backend in both runs");
    } else {
        document.push(Block::Table(Table { columns: columns(&before, &now), rows }));
    }
    let lonely = only_in_one(study, run, view);
    if !lonely.is_empty() {
        document.paragraph("Not side by side:").list(lonely);
    }
    document.paragraph(evidence(study, run));
    document
}

fn columns(before: &str, now: &str) -> Vec<Column> {
    vec![
        Column::words("case").fit(Fit::Stub),
        Column::words("backend"),
        Column::figures(before),
        Column::figures("± 95 %").fit(Fit::Drop(1)).near(),
        Column::figures(now),
        Column::figures("± 95 %").fit(Fit::Drop(1)).near(),
        Column::figures("ratio"),
        Column::words("claim"),
    ]
}

/// The cells behind the case, if both runs measured it.
fn line(study: &Study, index: usize, row: &Row) -> Option<Line> {
    let comparison = across(study, index)?;
    let before = &study.rows[comparison.reference];
    Some(Line::of(vec![
        Text::code(&*row.alias),
        figure::time(before),
        figure::spread(before),
        figure::time(row),
        figure::spread(row),
        Ratio(comparison.ratio).to_string().into(),
        claim(comparison),
    ]))
}

/// What is claimed, and why, where it is anything.
fn claim(comparison: &Comparison) -> Text {
    let Some(Claimed { claim, reason }) = &comparison.claimed else { return Text::default() };
    let tone = match claim {
        Claim::NoEvidence => Tone::Faint,
        Claim::LikelyFaster => Tone::Good,
        Claim::LikelySlower => Tone::Bad,
        Claim::ChangedFaster | Claim::ChangedSlower => Tone::Caution,
    };
    Text::of(tone, claim.word()).note(&**reason)
}

fn across(study: &Study, row: usize) -> Option<&Comparison> {
    study.comparisons.iter().find(|c| c.row == row && !c.evidence.is_together())
}

/// What cannot be put side by side, and why: a point for each case, with the backends concerned.
fn only_in_one(study: &Study, run: usize, view: &View) -> Vec<Text> {
    let mut by_reason: Vec<((String, String), Vec<&str>)> = Vec::new();
    for (here, other) in [(run - 1, run), (run, run - 1)] {
        for (_, row) in study.rows_of(here).filter(|(_, row)| row.time_ns.is_some() && view.shows(row)) {
            let Some(why) = unpaired(study, row, here, other) else { continue };
            let key = (row.case.title(), why);
            match by_reason.iter_mut().find(|(known, _)| *known == key) {
                Some((_, aliases)) if aliases.contains(&row.alias.as_str()) => {}
                Some((_, aliases)) => aliases.push(&row.alias),
                None => by_reason.push((key, vec![&row.alias])),
            }
        }
    }
    points(by_reason)
}

/// More cases than this with one reason are counted instead of named.
const MOST_NAMED: usize = 5;

fn points(by_reason: Vec<((String, String), Vec<&str>)>) -> Vec<Text> {
    let mut groups: Vec<((String, String), Vec<String>)> = Vec::new();
    for ((title, why), aliases) in by_reason {
        let key = (aliases.join(", "), why);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, titles)) => titles.push(title),
            None => groups.push((key, vec![title])),
        }
    }
    let group = |((aliases, why), titles): ((String, String), Vec<String>)| {
        let ending = format!(" ({aliases}): {why}");
        match titles.len() {
            ..=MOST_NAMED => titles.into_iter().map(|title| Text::code(title).plain(&*ending)).collect(),
            many => vec![Text::from(format!("{many} cases{ending}"))],
        }
    };
    groups.into_iter().flat_map(group).collect()
}

/// Why a measured row has no partner in the other run; `None` if it has one.
fn unpaired(study: &Study, row: &Row, here: usize, other: usize) -> Option<String> {
    let partner = study.rows_of(other).map(|(_, row)| row).find(|other| {
        (&other.alias, &other.case.id, other.case.threads) == (&row.alias, &row.case.id, row.case.threads)
    });
    let [here, other] = [here, other].map(|run| figure::run_name(&study.runs[run]));
    match partner {
        None => Some(format!("only in {here}")),
        Some(partner) if partner.case.definition != row.case.definition => Some("defined differently".to_owned()),
        Some(partner) if partner.time_ns.is_none() => Some(format!("{} in {other}", partner.outcome)),
        Some(_) => None,
    }
}

/// What such a comparison is worth.
fn evidence(study: &Study, run: usize) -> Text {
    let class = study.across(run).next().map_or(Evidence::Raw, |comparison| comparison.evidence);
    let what = match class {
        Evidence::Imported => "another machine or tool",
        Evidence::Anchored => "the same machine, two separate runs, ratios to a build that is in both",
        _ => "the same machine, two separate runs",
    };
    let [before, now] = [run - 1, run].map(|run| figure::run_name(&study.runs[run]));
    Text::of(Tone::Strong, format!("evidence {}: ", class.word()))
        .plain(format!("{what}. {MOVED}, so nothing here is judged; the stored plugins side by side are: "))
        .and(Tone::Code, format!("smbench compare {before} {now} --replay"))
}
