//! What the calls of the newest run ask the allocator for.

use smbench_core::study::{Row, Study};

use crate::document::Block;
use crate::figure;
use crate::plot::{Amount, Amounts, Plot};

/// Cases drawn; more are counted.
const CASES: usize = 24;

/// One drawing of the cases in which anybody allocates, the most bytes first.
pub fn bytes(study: &Study) -> Vec<Block> {
    let Some(newest) = study.runs.len().checked_sub(1) else { return Vec::new() };
    let rows: Vec<(usize, &Row)> = study.rows_of(newest).collect();
    let counted = |row: &Row| row.allocations.filter(|_| row.time_ns.is_some());
    let most =
        |case: &[(usize, &Row)]| case.iter().filter_map(|(_, row)| counted(row)).map(|of| of.bytes).fold(0.0, f64::max);
    let cases = rows.chunk_by(|(_, a), (_, b)| a.case.title() == b.case.title());
    let mut cases: Vec<&[(usize, &Row)]> = cases.filter(|case| most(case) > 0.0).collect();
    cases.sort_by(|a, b| most(b).total_cmp(&most(a)));
    let more = cases.len().saturating_sub(CASES);
    let bar = |&(index, row): &(usize, &Row)| {
        let allocations = counted(row)?;
        let subject = figure::subject(study, index);
        Some(Amount { series: row.backend, subject, blocks: allocations.count, bytes: allocations.bytes })
    };
    let bars: Vec<Amount> = cases.iter().take(CASES).flat_map(|case| case.iter().filter_map(bar)).collect();
    if bars.is_empty() { Vec::new() } else { vec![Block::Plot(Plot::Amounts(Amounts { bars, more }))] }
}
