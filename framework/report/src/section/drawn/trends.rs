//! Figures over runs: one case's times, or the geometric mean over all cases that a backend always did.

use std::collections::BTreeSet;

use smbench_core::history::{Entry, History, Series};
use smbench_core::stats::e_divisive::{ChangePoint, change_points};
use smbench_core::stats::{Interval, geometric, quantile};
use smbench_core::study::Study;

use crate::document::Block;
use crate::plot::{Level, Plot, Trend, TrendPoint};

/// The permutations of a page are always the same.
const SEED: u64 = 1;
/// Fewer runs are no trend.
const RUNS: usize = 3;

/// The runs of a study as a history: how each backend's geometric mean went.
pub fn trends(study: &Study) -> Vec<Block> {
    if study.runs.len() < RUNS {
        return Vec::new();
    }
    let entries = study.runs.iter().map(|run| Entry::of(run, &|_, _| true)).collect();
    means(&History { entries, older: 0 })
}

/// For each backend the geometric mean of its times over their medians, over the cases that it always did.
pub fn means(history: &History) -> Vec<Block> {
    let series = history.series();
    let backends: BTreeSet<&str> = series.iter().map(|series| series.backend).collect();
    let of = |backend: &&str| mean(history, series.iter().filter(|series| series.backend == *backend).collect());
    backends.iter().filter_map(of).map(Plot::Trend).map(Block::Plot).collect()
}

/// A case's times over runs; nothing of fewer than three.
pub fn times(history: &History, series: &Series) -> Option<Block> {
    let points = series.comparable_at().into_iter().map(|(run, _, time)| TrendPoint {
        run,
        value: time.median,
        interval: time.interval,
    });
    let title = format!("{} at {}", series.backend, series.case.title());
    trend(history, title, true, points.collect(), series.backend).map(Plot::Trend).map(Block::Plot)
}

/// Cases that are not in all runs that share the newest's are left out: a mean over others would be another figure.
fn mean(history: &History, series: Vec<&Series>) -> Option<Trend> {
    let all: Vec<Vec<(usize, f64)>> = series
        .iter()
        .map(|series| series.comparable_at().iter().map(|(run, _, time)| (*run, time.median)).collect())
        .collect();
    let most = all.iter().map(Vec::len).max().filter(|most| *most >= RUNS)?;
    let always: Vec<&Vec<(usize, f64)>> = all.iter().filter(|times| times.len() == most).collect();
    let runs: Vec<usize> = always[0].iter().map(|(run, _)| *run).collect();
    let always: Vec<Vec<f64>> = always
        .into_iter()
        .filter(|times| times.iter().map(|(run, _)| *run).eq(runs.iter().copied()))
        .map(|times| {
            let values: Vec<f64> = times.iter().map(|(_, value)| *value).collect();
            let median = quantile::median(&values);
            values.into_iter().map(|value| value / median).collect()
        })
        .collect();
    let points = runs.iter().enumerate().map(|(at, &run)| {
        let of_run: Vec<f64> = always.iter().map(|ratios| ratios[at]).collect();
        TrendPoint { run, value: geometric::mean(&of_run), interval: None }
    });
    let first = series.first()?;
    let title = format!("{} over runs: geometric mean of {} cases, each over its median", first.backend, always.len());
    trend(history, title, false, points.collect(), first.backend)
}

fn trend(history: &History, title: String, is_time: bool, points: Vec<TrendPoint>, backend: &str) -> Option<Trend> {
    if points.len() < RUNS {
        return None;
    }
    let values: Vec<f64> = points.iter().map(|point| point.value.ln()).collect();
    let levels = levels(&values, &change_points(&values, SEED));
    let runs = history.entries.iter().map(|entry| entry.name().to_owned()).collect();
    Some(Trend { title, is_time, runs, points, levels, backend: backend.to_owned() })
}

/// What lies between changes of logarithms. Noise is 1.4826 times the median distance from the median, which of normal values is
/// their standard deviation; the band is twice that.
fn levels(logs: &[f64], changes: &[ChangePoint]) -> Vec<Level> {
    let starts: Vec<usize> = [0].into_iter().chain(changes.iter().map(|change| change.at)).collect();
    let level = |(index, &from): (usize, &usize)| {
        let to = starts.get(index + 1).copied().unwrap_or(logs.len());
        let median = quantile::median(&logs[from..to]);
        let distances: Vec<f64> = logs[from..to].iter().map(|log| (log - median).abs()).collect();
        let reach = 2.0 * 1.4826 * quantile::median(&distances);
        let band = Interval { low: (median - reach).exp(), high: (median + reach).exp() };
        let p = index.checked_sub(1).map(|before| changes[before].p);
        Level { from, to, median: median.exp(), band, p }
    };
    starts.iter().enumerate().map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_lie_between_changes() {
        let mut logs = vec![0.0f64; 20];
        logs.iter_mut().enumerate().for_each(|(index, log)| *log = 0.001 * (index % 3) as f64);
        logs[10..].iter_mut().for_each(|log| *log += 1.0);
        let changes = change_points(&logs, SEED);
        assert_eq!(changes.iter().map(|change| change.at).collect::<Vec<_>>(), [10]);
        let levels = levels(&logs, &changes);
        let ends: Vec<_> = levels.iter().map(|level| (level.from, level.to, level.p.is_some())).collect();
        assert_eq!(ends, [(0, 10, false), (10, 20, true)]);
        assert!((levels[1].median / levels[0].median - 1f64.exp()).abs() < 0.01);
        assert!(levels[0].band.low < 1.0 && levels[0].band.high < 1.01);
    }
}
