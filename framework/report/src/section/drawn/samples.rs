//! The distributions of all samples of the newest run.

use smbench_core::run::Run;
use smbench_core::stats::quantile;
use smbench_core::study::{Row, Study};

use crate::document::Block;
use crate::figure;
use crate::plot::{Plot, Strip, Strips};

/// One drawing of all rows.
pub fn samples(study: &Study) -> Vec<Block> {
    let Some(newest) = study.runs.len().checked_sub(1) else { return Vec::new() };
    let run = &study.runs[newest];
    let mut per_row = per_row(run);
    let strip = |(place, (index, row)): (usize, (usize, &Row))| {
        let (median_ns, samples) = (row.time_ns?.median, std::mem::take(&mut per_row[place]));
        (!samples.is_empty()).then(|| Strip {
            series: row.backend,
            subject: figure::subject(study, index),
            median_ns,
            quantiles: Strips::LEVELS.map(|level| quantile::quantile(&samples, level) / median_ns).to_vec(),
            samples: samples.len(),
        })
    };
    let strips: Vec<Strip> = study.rows_of(newest).enumerate().filter_map(strip).collect();
    if strips.is_empty() { Vec::new() } else { vec![Block::Plot(Plot::Strips(Strips { strips }))] }
}

/// Every sample's time per call, in the order of the run's rows: case by case, backend by backend.
fn per_row(run: &Run) -> Vec<Vec<f64>> {
    let backends = run.plan.backends.len();
    let mut all = vec![Vec::new(); run.plan.cases.len() * backends];
    for launch in &run.launches {
        for (backend, series) in launch.launch.series.iter().filter(|(backend, _)| *backend < backends) {
            all[launch.case * backends + backend].extend(series.per_call_ns());
        }
    }
    all
}
