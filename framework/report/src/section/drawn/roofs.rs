//! The rooflines of the newest run: one for each number of threads.

use std::collections::BTreeSet;

use smbench_core::message::Peak;
use smbench_core::study::{Row, Study};

use crate::document::Block;
use crate::figure;
use crate::plot::{Plot, Point, Roofline};

/// A roofline for each number of threads, where the run measured its machine's limits.
pub fn roofs(study: &Study) -> Vec<Block> {
    let Some(newest) = study.runs.len().checked_sub(1) else { return Vec::new() };
    let Some(peak) = study.runs[newest].peak else { return Vec::new() };
    let threads: BTreeSet<u32> = study.rows_of(newest).map(|(_, row)| row.case.threads).collect();
    let plots = threads.into_iter().filter_map(|threads| roofline(study, newest, peak, threads));
    plots.map(Plot::Roofline).map(Block::Plot).collect()
}

fn roofline(study: &Study, run: usize, peak: Peak, threads: u32) -> Option<Roofline> {
    let series: Vec<String> = study.runs[run].plan.backends.iter().map(|backend| backend.alias().to_owned()).collect();
    let caches = &study.runs[run].machine.cache_bytes;
    let largest = caches.iter().copied().max().unwrap_or(0);
    let point = |(index, row): (usize, &Row)| {
        let rates = row.rates.filter(|rates| rates.gflops > 0.0)?;
        (row.case.cost.bytes > 0).then(|| Point {
            series: row.backend,
            intensity: row.case.cost.flops as f64 / row.case.cost.bytes as f64,
            gflops: rates.gflops,
            is_cached: row.case.cost.footprint() <= largest,
            subject: figure::subject(study, index),
        })
    };
    let rows = study.rows_of(run).filter(|(_, row)| row.case.threads == threads);
    let points: Vec<Point> = rows.filter_map(point).collect();
    let peak_gflops = peak.gflops * f64::from(threads);
    (!points.is_empty()).then_some(Roofline { threads, peak_gflops, read_gbs: peak.read_gbs, series, points })
}
