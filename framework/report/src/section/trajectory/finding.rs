//! A case and its ratio, and how many of them are arranged: by theme, the largest first.

use smbench_core::case::Case;
use smbench_core::study::{Comparison, Row, Study};
use smbench_core::units::Nanoseconds;
use smbench_core::verdict::{Evidence, Verdict};

use crate::document::{Block, Column, Document, Fit, Row as Line, Table, Text, Tone};
use crate::figure;
use crate::panel::Panel;
use crate::section::theme::Theme;

/// More of a theme are counted.
const LISTED: usize = 4;
/// More of what cannot be told are counted, too.
const NAMED: usize = 2;

/// A case that was measured on both sides.
pub struct Finding<'a> {
    /// What.
    case: &'a Case,
    /// How the two came to stand beside each other.
    pub evidence: Evidence,
    /// What may be said of it; nothing between runs.
    pub verdict: Option<Verdict>,
    /// And why.
    reason: Option<String>,
    ratio: f64,
    /// The ratio as it is written everywhere.
    words: Text,
    /// Its interval; between runs, the times.
    between: Text,
}

/// Every case that a contender and its baseline have both measured.
pub fn findings<'a>(study: &'a Study, panel: &Panel, index: usize) -> Vec<Finding<'a>> {
    let contender = &panel.contenders[index];
    let of = |case: &'a Case| {
        let (now, before) = panel.pair(study, index, case)?;
        Some(Finding::of(panel, case, contender.comparison(study, case, panel)?, now, before))
    };
    panel.cases(study).into_iter().filter_map(of).collect()
}

impl<'a> Finding<'a> {
    fn of(panel: &Panel, case: &'a Case, comparison: &Comparison, now: &Row, before: &Row) -> Self {
        let (words, between) = match panel.over_runs {
            true => (figure::change(comparison.ratio).into(), times(now, before)),
            false => (figure::ratio(comparison), figure::interval(comparison.interval)),
        };
        let verdict = comparison.verdict();
        let doubt = if verdict == Some(Verdict::Unreliable) { "⚠️ unreliable: " } else { "" };
        let reason = comparison.judged.as_ref().map(|judged| format!("{doubt}{}", judged.reason));
        Self { case, evidence: comparison.evidence, verdict, reason, ratio: comparison.ratio, words, between }
    }

    /// How much more or less, as a part of the baseline.
    pub fn part(&self) -> f64 {
        (self.ratio - 1.0).abs()
    }

    /// How far from 1, whichever way.
    fn factor(&self) -> f64 {
        self.ratio.max(1.0 / self.ratio)
    }

    fn is_difference(&self) -> bool {
        self.verdict.is_some_and(Verdict::is_difference)
    }
}

fn times(now: &Row, before: &Row) -> Text {
    let median = |row: &Row| row.time_ns.map_or_else(String::new, |time| Nanoseconds(time.median).to_string());
    format!("{} → {}", median(before), median(now)).into()
}

/// Findings of one theme, the largest first.
type Group<'a, 'b> = (Theme, Vec<&'b Finding<'a>>);

/// By theme; the theme with the largest finding first.
fn groups<'a, 'b>(findings: &[&'b Finding<'a>]) -> Vec<Group<'a, 'b>> {
    let of = |theme| findings.iter().copied().filter(|finding| Theme::of(finding.case) == theme).collect();
    let mut groups: Vec<Group> = Theme::ALL.map(|theme| (theme, of(theme))).into();
    groups.retain(|(_, findings)| !findings.is_empty());
    groups.iter_mut().for_each(|(_, group)| group.sort_by(|a, b| b.factor().total_cmp(&a.factor())));
    groups.sort_by(|a, b| b.1[0].factor().total_cmp(&a.1[0].factor()));
    groups
}

/// A table under a head that counts them; one sentence if there are none.
pub fn listed(head: Text, findings: &[&Finding]) -> Document {
    let mut document = Document::default();
    let cases = figure::count(findings.len(), "case");
    if findings.is_empty() {
        document.paragraph(head.plain(": nothing."));
        return document;
    }
    document.paragraph(head.plain(format!(": {cases}.")));
    document.push(Block::Table(Table { columns: columns(findings), rows: rows(findings) }));
    document
}

fn columns(findings: &[&Finding]) -> Vec<Column> {
    let judged = findings.iter().any(|finding| finding.is_difference());
    let mut columns = vec![Column::words("theme").fit(Fit::Stub), Column::words("case")];
    columns.extend(match judged {
        true => vec![Column::figures("ratio"), Column::figures("interval").near(), Column::words("")],
        false => vec![Column::figures("change"), Column::figures("time")],
    });
    columns
}

fn rows(findings: &[&Finding]) -> Vec<Line> {
    let group = |(theme, group): Group| {
        let mut name = Text::from(theme.word());
        let shown = group.iter().take(LISTED).map(|finding| line(std::mem::take(&mut name), finding));
        shown.chain(more(&group)).collect::<Vec<_>>()
    };
    groups(findings).into_iter().flat_map(group).collect()
}

fn line(name: Text, finding: &Finding) -> Line {
    let mut cells = vec![name, Text::code(finding.case.title()), finding.words.clone(), finding.between.clone()];
    if let Some(verdict) = finding.verdict.filter(|verdict| verdict.is_difference()) {
        cells.push(figure::icon(verdict, finding.ratio).into());
    }
    Line::of(cells)
}

/// What is not listed is counted, with the range that it lies in.
fn more(group: &[&Finding]) -> Option<Line> {
    let rest = group.get(LISTED..).filter(|rest| !rest.is_empty())?;
    let (first, last) = (rest.first()?, rest.last()?);
    let [first, last] = [first, last].map(|finding| finding.words.spans[0].text.as_str());
    let range = if first == last { first.to_owned() } else { format!("{first} to {last}") };
    Some(Line::ending(vec![Text::default()], format!("and {} more: {range}", rest.len())))
}

/// What makes no difference is counted.
pub fn equivalent(baseline: &str, findings: &[&Finding]) -> Document {
    let mut document = Document::default();
    if !findings.is_empty() {
        let cases = figure::count(findings.len(), "case");
        let word = Text::from("➡️ ").and(Tone::Strong, "Equivalent");
        document.paragraph(word.plain(format!(" to {baseline}: {cases}.")));
    }
    document
}

/// What cannot be told: how many of each theme, and the largest of them, with the reason of each unless all share one.
pub fn untold(why: &str, findings: &[&Finding]) -> Document {
    let mut document = Document::default();
    if !findings.is_empty() {
        let cases = figure::count(findings.len(), "case");
        document.paragraph(Text::from("? ").and(Tone::Strong, "Cannot tell").plain(format!("{why}: {cases}.")));
        document.list(groups(findings).iter().map(point).collect());
    }
    document
}

fn point((theme, group): &Group) -> Text {
    let word = if group.len() > NAMED { ", the largest" } else { "" };
    let mut text = Text::from(format!("{}: {}{word}", theme.word(), figure::count(group.len(), "case")));
    for (index, finding) in group.iter().take(NAMED).enumerate() {
        text = text.plain(if index == 0 { ": " } else { ", " }).and(Tone::Code, finding.case.title());
        let words = &finding.words.spans[0].text;
        let reason = finding.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
        text = text.plain(format!(" {words}{reason}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::panel::panels;

    /// Rows, and what the last row of a theme counts.
    fn listed_or_counted(table: &Table) -> usize {
        let more =
            |row: &Line| row.rest.as_ref().map(|rest| rest.spans[0].text.split(' ').nth(1).unwrap().parse::<usize>());
        table.rows.iter().map(|row| more(row).map_or(1, Result::unwrap)).sum()
    }

    #[test]
    fn every_case_is_listed_or_counted() {
        let study = fixture::models();
        let findings = findings(&study, &panels(&study)[0], 1);
        for verdict in [Verdict::Improved, Verdict::Regressed] {
            let of: Vec<&Finding> = findings.iter().filter(|finding| finding.verdict == Some(verdict)).collect();
            let document = listed(Text::from("all"), &of);
            let Block::Paragraph(head) = &document.blocks[0] else { panic!("no head") };
            assert_eq!(head.spans[1].text, format!(": {} cases.", of.len()));
            let Block::Table(table) = &document.blocks[1] else { panic!("no table") };
            assert_eq!(listed_or_counted(table), of.len());
        }
    }
}
