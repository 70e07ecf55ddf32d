//! Of the header: which plugins, from whom, which file, and what of them really ran. What is the same in several runs is
//! said once.

use std::collections::BTreeMap;

use smbench_core::backend::Backend;
use smbench_core::study::Study;

use crate::document::{Column, Row as Line, Table, Text, Tone};
use crate::figure;

/// A row for each backend.
pub fn table(study: &Study) -> Table {
    let mut lines = Shared::default();
    for (index, run) in study.runs.iter().enumerate() {
        for (place, backend) in run.plan.backends.iter().enumerate() {
            let role = if run.plan.reference_of(place).is_none() { " (reference)" } else { "" };
            let name = Text::code(backend.alias()).plain(role);
            lines.add(line(backend, name, &tiers(study, index, place)), index);
        }
    }
    let mut columns = ["backend", "plugin", "vendor", "SHA-256", "tier", "built by"].map(Column::words).to_vec();
    if study.runs.len() > 1 {
        columns.push(Column::words("in"));
    }
    let rows = lines.0.into_iter().map(|(mut line, runs)| {
        if study.runs.len() > 1 && line.rest.is_none() {
            line.cells.push(where_in(study, &runs).into());
        }
        line
    });
    Table { rows: rows.collect(), columns }
}

/// What really ran, as receipts say: the naive backend's loop order stands here. A point for each backend; for each of
/// its runs where they differ.
pub fn implementations(study: &Study) -> Vec<Text> {
    let mut aliases: Vec<&str> = Vec::new();
    for backend in study.runs.iter().flat_map(|run| &run.plan.backends) {
        if !aliases.contains(&backend.alias()) {
            aliases.push(backend.alias());
        }
    }
    aliases.into_iter().flat_map(|alias| of_alias(study, alias)).collect()
}

/// What held plugins to what they may do, with whom.
pub fn protections(study: &Study) -> Vec<Text> {
    let mut by_words: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for backend in study.runs.iter().flat_map(|run| &run.plan.backends) {
        let Some(protection) = backend.plugin.protection else { continue };
        let aliases = by_words.entry(protection.to_string()).or_default();
        if !aliases.contains(&backend.alias()) {
            aliases.push(backend.alias());
        }
    }
    let point = |(words, aliases): (String, Vec<&str>)| {
        let names = aliases.iter().enumerate().fold(Text::default(), |text, (index, alias)| {
            text.plain(if index == 0 { "" } else { ", " }).and(Tone::Code, *alias)
        });
        names.plain(match words.strip_prefix("none: ") {
            Some(why) => format!(" not confined: {why}"),
            None => format!(" confined by {words}"),
        })
    };
    by_words.into_iter().map(point).collect()
}

fn of_alias(study: &Study, alias: &str) -> Vec<Text> {
    let all: Vec<usize> = (0..study.runs.len()).collect();
    let together = Ran::of(study, &all, alias);
    if together.is_consistent() || all.len() == 1 {
        return together.said().map(|said| Text::code(alias).plain(format!(" ran {said}"))).into_iter().collect();
    }
    let of_run = |&run: &usize| {
        let said = Ran::of(study, &[run], alias).said()?;
        Some(Text::code(alias).plain(format!(" in {} ran {said}", figure::run_name(&study.runs[run]))))
    };
    all.iter().filter_map(of_run).collect()
}

/// Ops by the words of their receipts.
struct Ran<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Ran<'a> {
    fn of(study: &'a Study, runs: &[usize], alias: &str) -> Self {
        let mut by_words: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in study.rows.iter().filter(|row| runs.contains(&row.run) && row.alias == alias) {
            let Some(receipt) = row.receipt.as_ref().filter(|it| !it.implementation.is_empty()) else { continue };
            let ops = by_words.entry(&receipt.implementation).or_default();
            if !ops.contains(&row.case.op()) {
                ops.push(row.case.op());
            }
        }
        Self(by_words)
    }

    /// No op ran in two ways?
    fn is_consistent(&self) -> bool {
        let mut ops: Vec<&str> = self.0.values().flatten().copied().collect();
        let said = ops.len();
        ops.sort_unstable();
        ops.dedup();
        ops.len() == said
    }

    /// `matmul: i-k-j loops; add, mul: one loop`
    fn said(&self) -> Option<String> {
        let parts: Vec<String> = self.0.iter().map(|(words, ops)| format!("{}: {words}", ops.join(", "))).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// Things, each with the runs it was seen in.
struct Shared<T>(Vec<(T, Vec<usize>)>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq> Shared<T> {
    fn add(&mut self, thing: T, run: usize) {
        match self.0.iter_mut().find(|(known, _)| *known == thing) {
            Some((_, runs)) => runs.push(run),
            None => self.0.push((thing, vec![run])),
        }
    }
}

fn where_in(study: &Study, runs: &[usize]) -> String {
    if runs.len() == study.runs.len() {
        return "all runs".to_owned();
    }
    runs.iter().map(|&run| figure::run_name(&study.runs[run])).collect::<Vec<_>>().join(", ")
}

fn line(backend: &Backend, name: Text, tier: &str) -> Line {
    let plugin = &backend.plugin;
    if let Some(reason) = &plugin.refused {
        return Line::ending(vec![name], Text::of(Tone::Caution, "refused").plain(format!(": {reason}")));
    }
    let built = match plugin.optimised {
        Some(false) => Text::of(Tone::Caution, "without optimisation, "),
        _ => Text::default(),
    };
    Line::of(vec![
        name,
        format!("{} {}", plugin.name, plugin.version).into(),
        plugin.vendor.as_str().into(),
        Text::code(figure::short(&backend.sha256)),
        tier.into(),
        built.plain(plugin.compiler.as_deref().unwrap_or("not told")),
    ])
}

/// Tiers that really ran, as receipts say; else what was asked for.
fn tiers(study: &Study, run: usize, backend: usize) -> String {
    let rows = study.rows_of(run).map(|(_, row)| row).filter(|row| row.backend == backend);
    let mut tiers: Vec<&str> = rows.filter_map(|row| row.receipt.as_ref()).map(|receipt| &*receipt.tier).collect();
    tiers.retain(|tier| !tier.is_empty());
    tiers.sort_unstable();
    tiers.dedup();
    let asked = study.runs[run].plan.backends[backend].spec.tier.clone();
    if tiers.is_empty() { asked.unwrap_or_else(|| "not told".to_owned()) } else { tiers.join(", ") }
}
