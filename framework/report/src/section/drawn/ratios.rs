//! The forest plots: every ratio of the newest run, and what it changed against the run before.

use std::collections::BTreeMap;

use smbench_core::study::{Comparison, Study};

use crate::document::Block;
use crate::figure;
use crate::plot::{Forest, HeatMap, Line, Mark, Plot};

/// One within the newest run, one against the run before, as far as there is anything to compare.
pub fn ratios(study: &Study) -> Vec<Block> {
    let Some(newest) = study.runs.len().checked_sub(1) else { return Vec::new() };
    let within: Vec<&Comparison> = study.within(newest).collect();
    let across: Vec<&Comparison> = study.across(newest).collect();
    let before = newest.checked_sub(1).map(|before| format!("run {}", figure::run_name(&study.runs[before])));
    let plots = [(within, baseline(study, newest)), (across, before.unwrap_or_default())];
    plots
        .into_iter()
        .filter_map(|(of, baseline)| forest(study, &of, baseline))
        .map(Plot::Forest)
        .map(Block::Plot)
        .collect()
}

/// The ratios of the newest run as fields; nothing where there is one backend to compare.
pub fn heat(study: &Study) -> Vec<Block> {
    let Some(newest) = study.runs.len().checked_sub(1) else { return Vec::new() };
    let within: Vec<&Comparison> = study.within(newest).collect();
    let forest = forest(study, &within, baseline(study, newest)).filter(|forest| forest.lanes.len() > 1);
    forest.map(|forest| Block::Plot(Plot::HeatMap(HeatMap(forest)))).into_iter().collect()
}

/// Whose time the ratios of a run are over.
fn baseline(study: &Study, run: usize) -> String {
    let plan = &study.runs[run].plan;
    match plan.against.is_empty() {
        true => plan.backends.get(plan.reference).map_or_else(String::new, |backend| backend.alias().to_owned()),
        false => "the build before".to_owned(),
    }
}

/// A lane for each backend, a line for each case, both as they first appear.
fn forest(study: &Study, comparisons: &[&Comparison], baseline: String) -> Option<Forest> {
    let mut lanes: Vec<String> = Vec::new();
    let mut lines: Vec<(String, BTreeMap<usize, Mark>, String)> = Vec::new();
    for comparison in comparisons {
        let row = &study.rows[comparison.row];
        let lane = position(&mut lanes, |alias| *alias == row.alias, || row.alias.clone());
        let title = row.case.title();
        let line = position(
            &mut lines,
            |(known, ..)| *known == title,
            || (title.clone(), BTreeMap::new(), row.case.suite.clone()),
        );
        lines[line].1.insert(lane, mark(study, comparison));
    }
    let margin = comparisons.iter().map(|comparison| comparison.margin).fold(0.0, f64::max);
    let line = |(title, mut marks, group): (String, BTreeMap<usize, Mark>, String)| {
        let name = title.strip_prefix(&group).map_or(&*title, |name| name.trim_start_matches('/')).to_owned();
        Line { group, name, ratios: (0..lanes.len()).map(|lane| marks.remove(&lane)).collect() }
    };
    let lines: Vec<Line> = lines.into_iter().map(line).collect();
    (!lines.is_empty()).then_some(Forest { baseline, lanes, lines, margin })
}

/// Where it stands, appended if it is new.
fn position<T>(all: &mut Vec<T>, is: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> usize {
    all.iter().position(is).unwrap_or_else(|| {
        all.push(new());
        all.len() - 1
    })
}

fn mark(study: &Study, comparison: &Comparison) -> Mark {
    Mark {
        ratio: comparison.ratio,
        interval: comparison.interval,
        verdict: comparison.verdict(),
        subject: figure::subject(study, comparison.row),
    }
}
