//! The last lines of a run: who was skipped or not confined, at most three reasons, then everything in one line.

use std::collections::BTreeMap;

use smbench_core::outcome::Outcome;
use smbench_core::run::{Run, State};
use smbench_core::separate::Claim;
use smbench_core::study::{Comparison, Row, Study};
use smbench_core::units::{Percent, Ratio};
use smbench_core::verdict::Verdict;

use crate::document::{Document, Text, Tone};
use crate::{escape, figure};

/// More would be a list, and that is the table.
const REASONS: usize = 3;
/// Characters of a reason before the closing line, and of one inside it; the table has all of it.
const REASON: usize = 90;
const WHY: usize = 24;

/// Who was skipped or not confined, at most three lines of reasons, then the closing line.
pub fn closing(study: &Study) -> Document {
    let mut document = Document::default();
    if let Some(run) = study.runs.len().checked_sub(1) {
        let plan = &study.runs[run].plan;
        let points = figure::skipped(plan).into_iter().chain(figure::unprotected(plan)).chain(reasons(study, run));
        document.list(points.collect());
    }
    document.paragraph(Text::of(Tone::Strong, line(study)));
    document
}

/// `geomean 1.42x · 41 measured · 30 equivalent · 3 faster · 1 slower (…) · 2 undecided · 1 rejected (…)`, harmless on a
/// terminal.
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
    let parts = geomeans(study, run).into_iter().chain(counts(study, run)).chain(noise_floor(study, run));
    parts.collect::<Vec<_>>().join(" · ")
}

/// `geomean 0.842x`, with names if there is more than one besides the reference.
fn geomeans(study: &Study, run: usize) -> Option<String> {
    match &by_alias(study, study.within(run))[..] {
        [] => None,
        [Mean { mean, .. }] => Some(format!("geomean {mean}")),
        means => Some(format!("geomean {}", named(means))),
    }
}

/// Means over different cases are not to be compared: then each says over how many it is.
fn named(means: &[Mean]) -> String {
    let alike = means.iter().all(|mean| mean.cases == means[0].cases);
    let one = |Mean { alias, mean, cases }: &Mean| match alike {
        true => format!("{alias} {mean}"),
        false => format!("{alias} {mean} ({})", figure::count(*cases, "case")),
    };
    means.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The geometric mean of a backend's ratios, and over how many cases.
struct Mean<'a> {
    alias: &'a str,
    mean: Ratio,
    cases: usize,
}

/// Of each backend, in the order of first appearance.
fn by_alias<'a>(study: &'a Study, comparisons: impl Iterator<Item = &'a Comparison>) -> Vec<Mean<'a>> {
    let mut by_alias: Vec<(&str, Vec<&Comparison>)> = Vec::new();
    for comparison in comparisons {
        let alias = study.rows[comparison.row].alias.as_str();
        match by_alias.iter_mut().find(|(known, _)| *known == alias) {
            Some((_, of)) => of.push(comparison),
            None => by_alias.push((alias, vec![comparison])),
        }
    }
    let mean = |(alias, of): (&'a str, Vec<&'a Comparison>)| {
        let cases = of.len();
        Some(Mean { alias, mean: Ratio(Study::geomean(of.into_iter())?), cases })
    };
    by_alias.into_iter().filter_map(mean).collect()
}

/// `41 measured`, and of the rest what there is.
fn counts(study: &Study, run: usize) -> Vec<String> {
    let measured = study.rows_of(run).filter(|(_, row)| row.outcome.is_measured()).count();
    let mut parts = vec![format!("{measured} measured")];
    parts.extend(Verdict::ALL.iter().filter_map(|&verdict| judged(study, run, verdict)));
    parts.extend(["rejected", "failed", "unsupported"].iter().filter_map(|word| fared(study, run, word)));
    parts.extend(unfinished(&study.runs[run]));
    parts
}

/// `noise floor 0.4 %`: by how much the A/A control told identical code apart.
fn noise_floor(study: &Study, run: usize) -> Option<String> {
    study.noise_floor(run).map(|floor| format!("noise floor {}", Percent(100.0 * floor)))
}

/// `interrupted after 24 of 240 launches`; `running` is a run that goes on, or one that was killed.
fn unfinished(run: &Run) -> Option<String> {
    let (done, planned) = (run.launches.len(), run.plan.order().len());
    (run.state != State::Finished).then(|| format!("{} after {done} of {planned} launches", run.state.word()))
}

/// `30 equivalent`, `2 slower (acme simd/matmul/… and 1 more)`: the worst is named.
fn judged(study: &Study, run: usize, verdict: Verdict) -> Option<String> {
    let of: Vec<&Comparison> = study.within(run).filter(|of| of.verdict() == Some(verdict)).collect();
    let worst = of.iter().max_by(|a, b| a.ratio.total_cmp(&b.ratio))?;
    let (count, word) = (of.len(), figure::verdict(verdict));
    if verdict != Verdict::Regressed {
        return Some(format!("{count} {word}"));
    }
    let row = &study.rows[worst.row];
    Some(format!("{count} {word} ({} {}{})", row.alias, row.case.title(), more(count)))
}

/// ` and 3 more`, besides the one that is named.
fn more(count: usize) -> String {
    if count > 1 { format!(" and {} more", count - 1) } else { String::new() }
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

/// Rows with their reasons, by rank, backend and what they share.
type Groups<'a> = BTreeMap<(Rank, &'a str, &'a str), Vec<(&'a Row, &'a str)>>;

/// What went wrong and why, the worst first, then what makes figures doubtful: at most three.
pub fn reasons(study: &Study, run: usize) -> Vec<Text> {
    let mut groups: Groups = BTreeMap::new();
    for (_, row) in study.rows_of(run) {
        let (rank, reason) = match &row.outcome {
            Outcome::Rejected(reason) => (Rank::Rejected, reason.as_str()),
            Outcome::Failed(reason) => (Rank::Failed, reason.as_str()),
            _ if row.leaked_bytes().is_some() => (Rank::Leaking, LEAK),
            _ if row.flags.is_empty() => continue,
            _ => (Rank::Flagged, figure::flag(&row.flags[0])),
        };
        groups.entry((rank, &row.alias, reason)).or_default().push((row, reason));
    }
    // Their reasons have figures in them, no two alike: one group, with the first one's reason.
    for (row, reason) in study.within(run).filter_map(|comparison| unreliable(study, comparison)) {
        groups.entry((Rank::Unreliable, &row.alias, "")).or_default().push((row, reason));
    }
    groups.into_iter().take(REASONS).map(|((rank, alias, _), rows)| because(rank, alias, &rows)).collect()
}

fn unreliable<'a>(study: &'a Study, comparison: &'a Comparison) -> Option<(&'a Row, &'a str)> {
    let judged = comparison.judged.as_ref().filter(|judged| judged.verdict == Verdict::Unreliable)?;
    Some((&study.rows[comparison.row], &judged.reason))
}

const LEAK: &str = "memory of every call is never freed";

/// How bad, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Rejected,
    Failed,
    Leaking,
    Unreliable,
    Flagged,
}

/// `acme rejected at simd/gelu/1000/f32 and 2 more: 3 of 64 elements are wrong`
fn because(rank: Rank, alias: &str, rows: &[(&Row, &str)]) -> Text {
    let (word, tone) = match rank {
        Rank::Rejected => ("rejected", Tone::Bad),
        Rank::Failed => ("failed", Tone::Bad),
        Rank::Leaking => ("leaks", Tone::Bad),
        Rank::Unreliable => ("unreliable", Tone::Caution),
        Rank::Flagged => ("flagged", Tone::Caution),
    };
    let (more, reason) = (more(rows.len()), figure::cut(rows[0].1, REASON));
    Text::code(alias)
        .plain(" ")
        .and(tone, word)
        .plain(" at ")
        .and(Tone::Code, rows[0].0.case.title())
        .plain(format!("{more}: {reason}"))
}

/// Two runs that were not measured together.
fn across(study: &Study, run: usize) -> String {
    let pairs: Vec<&Comparison> = study.across(run).collect();
    let Some(first) = pairs.first() else { return "nothing was measured in both runs".to_owned() };
    let [before, now] = [run - 1, run].map(|run| figure::run_name(&study.runs[run]));
    let means = by_alias(study, pairs.iter().copied());
    let rows = figure::count(pairs.len(), "row");
    let parts =
        [format!("geomean {} over {rows}, {now} over {before}", named(&means))].into_iter().chain(claims(&pairs));
    format!("{} · evidence {}: nothing is judged", parts.collect::<Vec<_>>().join(" · "), first.evidence.word())
}

/// `2 likely slower`, `30 no evidence`.
fn claims(pairs: &[&Comparison]) -> Vec<String> {
    let of = |claim: Claim| {
        let count =
            pairs.iter().filter(|pair| pair.claimed.as_ref().is_some_and(|claimed| claimed.claim == claim)).count();
        (count > 0).then(|| format!("{count} {}", claim.word()))
    };
    Claim::ALL.into_iter().filter_map(of).collect()
}
