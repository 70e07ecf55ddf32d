//! What is slower than the reference by a verdict, or claimed to be slower than the run before.

use smbench_core::study::{Comparison, Study};
use smbench_core::units::Ratio;
use smbench_core::verdict::Verdict;

use super::{Rank, Recommendation};
use crate::document::{Text, Tone};
use crate::figure;
use crate::section::theme::Theme;
use crate::view::Options;

/// A release tolerates no regression beyond this (CHART.md, section 11); what is less can wait.
const MATTERS: f64 = 1.10;

/// One for each backend and theme within the newest run; one for all that is claimed against the run before.
pub fn rule(study: &Study, _: &Options) -> Vec<Recommendation> {
    let Some(newest) = study.runs.len().checked_sub(1) else { return Vec::new() };
    let slower: Vec<&Comparison> =
        study.within(newest).filter(|comparison| comparison.verdict() == Some(Verdict::Regressed)).collect();
    let of = |comparison: &&Comparison| {
        let row = &study.rows[comparison.row];
        (row.backend, Theme::of(&row.case))
    };
    let mut groups: Vec<((usize, Theme), Vec<&Comparison>)> = Vec::new();
    for comparison in &slower {
        match groups.iter_mut().find(|(key, _)| *key == of(comparison)) {
            Some((_, group)) => group.push(comparison),
            None => groups.push((of(comparison), vec![comparison])),
        }
    }
    groups.iter().filter_map(|((_, theme), group)| within(study, *theme, group)).chain(across(study, newest)).collect()
}

fn worst<'a>(group: &[&'a Comparison]) -> Option<&'a Comparison> {
    group.iter().copied().max_by(|a, b| a.ratio.total_cmp(&b.ratio))
}

fn within(study: &Study, theme: Theme, group: &[&Comparison]) -> Option<Recommendation> {
    let worst = worst(group)?;
    let [row, reference] = [worst.row, worst.reference].map(|row| &study.rows[row]);
    let (cases, baseline) = (figure::count(group.len(), "case"), &reference.alias);
    Some(Recommendation {
        rank: if worst.ratio >= MATTERS { Rank::High } else { Rank::Later },
        title: Text::from("Catch up with ")
            .and(Tone::Code, baseline)
            .plain(format!(" in {}: ", theme.word()))
            .and(Tone::Code, &*row.alias)
            .plain(format!(" is slower at {cases}")),
        target: Text::from("equivalent; furthest from it: ")
            .and(Tone::Code, row.case.title())
            .plain(format!(", {}", figure::words(&figure::ratio(worst)))),
        success: format!("no case of {} is judged slower", theme.word()).into(),
        approach: None,
    })
}

/// Separate runs allow no verdict: the first thing to do is to measure them together.
fn across(study: &Study, run: usize) -> Option<Recommendation> {
    let slower: Vec<&Comparison> = study.across(run).filter(|comparison| comparison.is_claimed_slower()).collect();
    let worst = worst(&slower)?;
    let [before, now] = [run.checked_sub(1)?, run].map(|run| figure::run_name(&study.runs[run]));
    let row = &study.rows[worst.row];
    let replay = format!("smbench compare {before} {now} --replay");
    Some(Recommendation {
        rank: if worst.ratio >= MATTERS { Rank::High } else { Rank::Later },
        title: format!("Find out whether {now} is slower than {before} at {}", figure::count(slower.len(), "case"))
            .into(),
        target: Text::from("a verdict; the largest: ")
            .and(Tone::Code, &*row.alias)
            .plain(" at ")
            .and(Tone::Code, row.case.title())
            .plain(format!(", {}", Ratio(worst.ratio))),
        success: Text::code(replay).plain(" judges none of them slower"),
        approach: None,
    })
}
