//! A comment for a pull request: what changed, in a screenful; all else folded away. Without quoted figures and grade
//! (CHART.md): whoever reviews asks about this change only.

use smbench_core::outcome::Outcome;
use smbench_core::run::Run;
use smbench_core::stats::quantile;
use smbench_core::study::{Comparison, Row, Study};
use smbench_core::units::{Percent, Ratio};
use smbench_core::verdict::Verdict;

use crate::document::{Block, Column, Document, Row as Line, Table, Text, Tone};
use crate::render::markdown;
use crate::view::View;
use crate::{figure, summary, table};

/// What a reviewer wants to know first, first.
const ORDER: [Verdict; 5] =
    [Verdict::Regressed, Verdict::Improved, Verdict::Inconclusive, Verdict::Unreliable, Verdict::Equivalent];

/// Cases named in a line; more are counted.
const NAMED: usize = 3;

/// The newest run of a study as a comment, in Markdown.
pub fn pull_request(study: &Study) -> String {
    let Some((index, run)) = study.runs.iter().enumerate().next_back() else {
        return "### smbench: nothing to compare\n".to_owned();
    };
    let all: Vec<&Comparison> = study.within(index).collect();
    let mut top = Document::default();
    top.heading(3, headline(study, index, &all));
    top.append(changed(study, &all));
    let lost = unsupported(study, index).into_iter();
    top.list(lost.chain(summary::reasons(study, index)).chain(undecided(study, &all)).collect());
    let mut rest = Document::default();
    rest.append(reproduce(run)).paragraph(circumstances(run, study.noise_floor(index), &all));
    format!("{}\n{}\n{}", markdown(&top), folded(study, all.len()), markdown(&rest))
}

/// `smbench: 1 slower · 12 equivalent · geomean 1.04x`.
fn headline(study: &Study, run: usize, all: &[&Comparison]) -> String {
    let fared = ["rejected", "failed"].map(|word| {
        let count = study.rows_of(run).filter(|(_, row)| row.outcome.word() == word).count();
        (count, word)
    });
    let judged = ORDER.map(|verdict| (of(all, verdict).count(), figure::verdict(verdict)));
    let unsupported = (no_longer_supported(study, run).count(), "no longer supported");
    let counts = fared.into_iter().chain([unsupported]).chain(judged).filter(|(count, _)| *count > 0);
    let counts = counts.map(|(count, word)| format!("{count} {word}"));
    let geomean = Study::geomean(all.iter().copied()).map(|mean| format!("geomean {}", Ratio(mean)));
    let parts: Vec<String> = counts.chain(geomean).collect();
    if parts.is_empty() {
        "smbench: nothing was compared".to_owned()
    } else {
        format!("smbench: {}", parts.join(" · "))
    }
}

fn of<'a>(all: &'a [&Comparison], verdict: Verdict) -> impl Iterator<Item = &'a Comparison> {
    all.iter().copied().filter(move |comparison| comparison.verdict() == Some(verdict))
}

/// Rows of what the reference does, and the backend does not, or too slowly.
fn no_longer_supported(study: &Study, run: usize) -> impl Iterator<Item = &Row> {
    let lost = study.lost(run).map(|(row, _)| &study.rows[row]);
    lost.filter(|row| matches!(row.outcome, Outcome::Unsupported(_)))
}

/// `acme-HEAD unsupported at x and 2 more: too slow at this size: …`: the reason is the first one's.
fn unsupported(study: &Study, run: usize) -> Option<Text> {
    let first = no_longer_supported(study, run).next()?;
    let more = no_longer_supported(study, run).count() - 1;
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let text = Text::code(&*first.alias).plain(" ").and(Tone::Bad, "unsupported").plain(" at ");
    let reason = first.outcome.reason().unwrap_or_default();
    Some(text.and(Tone::Code, first.case.title()).plain(format!("{more}: {reason}")))
}

/// What got slower, the worst first, then what got faster, the best first.
fn changed(study: &Study, all: &[&Comparison]) -> Document {
    let mut slower: Vec<&Comparison> = of(all, Verdict::Regressed).collect();
    let mut faster: Vec<&Comparison> = of(all, Verdict::Improved).collect();
    slower.sort_by(|a, b| b.ratio.total_cmp(&a.ratio));
    faster.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    let rows: Vec<Line> = slower.into_iter().chain(faster).map(|comparison| line(study, comparison)).collect();
    let mut document = Document::default();
    if rows.is_empty() {
        document.paragraph("Nothing got faster or slower by a verdict.");
    } else {
        document.push(Block::Table(Table { columns: columns(), rows }));
    }
    document
}

fn columns() -> Vec<Column> {
    vec![
        Column::words("verdict"),
        Column::words("case"),
        Column::words("backend"),
        Column::figures("ratio"),
        Column::figures("95 % interval"),
        Column::words("why"),
    ]
}

fn line(study: &Study, comparison: &Comparison) -> Line {
    let (row, reference) = (&study.rows[comparison.row], &study.rows[comparison.reference]);
    Line::of(vec![
        figure::judgement(comparison),
        Text::code(row.case.title()),
        Text::code(&*row.alias).plain(" over ").and(Tone::Code, &*reference.alias),
        figure::ratio(comparison),
        figure::interval(comparison.interval),
        comparison.reason().unwrap_or_default().into(),
    ])
}

/// `2 undecided: a, b (about 30 more launches would decide)`: the reason is the first one's. What is unreliable stands among
/// the reasons already.
fn undecided(study: &Study, all: &[&Comparison]) -> Option<Text> {
    let undecided: Vec<&Comparison> = of(all, Verdict::Inconclusive).collect();
    let reason = undecided.first()?.reason()?;
    let mut text = Text::from(format!("{} undecided:", undecided.len()));
    for (index, comparison) in undecided.iter().take(NAMED).enumerate() {
        let row = &study.rows[comparison.row];
        text = text.plain(if index > 0 { ", " } else { " " }).and(Tone::Code, &*row.alias);
        text = text.plain(" at ").and(Tone::Code, row.case.title());
    }
    let more = undecided.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(text.plain(format!("{more}: {reason}")))
}

/// The whole table, for those who open it.
fn folded(study: &Study, comparisons: usize) -> String {
    let count = figure::count(comparisons, "comparison");
    let body = markdown(&table(study, &View::default()));
    format!("<details><summary>All measurements, {count}</summary>\n\n{body}\n</details>\n")
}

fn reproduce(run: &Run) -> Document {
    let mut document = Document::default();
    if !run.command.is_empty() {
        document.push(Block::Code(run.command.clone()));
    }
    document
}

/// `AMD EPYC, 2 cores, Linux 6.1, under KVM · 20 launches · smallest change that could be seen 0.3 % (median) · noise
/// floor 0.4 %`.
fn circumstances(run: &Run, noise_floor: Option<f64>, all: &[&Comparison]) -> Text {
    let machine = &run.machine;
    let host = machine.hypervisor.as_ref().map_or_else(String::new, |name| format!(", under {name}"));
    let cores = figure::count(machine.cores as usize, "core");
    let mut parts = vec![
        format!("{}, {cores}, {}{host}", machine.cpu, machine.os),
        format!("{} launches a case", run.plan.launches),
    ];
    let seen: Vec<f64> = all.iter().filter_map(|comparison| comparison.detectable_pct).collect();
    if !seen.is_empty() {
        parts.push(format!("smallest change that could be seen {} (median)", Percent(quantile::quantile(&seen, 0.5))));
    }
    parts.extend(noise_floor.map(|floor| format!("noise floor {}", Percent(100.0 * floor))));
    Text::of(Tone::Faint, parts.join(" · "))
}
