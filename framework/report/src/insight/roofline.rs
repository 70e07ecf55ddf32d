//! Against this machine's measured limits: faster than possible is suspect, and who is at the limit has nothing left to gain.

use smbench_core::study::{Row, Study};
use smbench_core::units::Percent;

use super::pair::{self, Change, Pair, Side};
use super::{Insight, Status};
use crate::document::{Text, Tone};

/// Peaks are measured themselves, and clocks move: further above is no accident.
const POSSIBLE: f64 = 120.0;
/// From here on a kernel is at the limit.
const AT_LIMIT: f64 = 80.0;

/// Rows above the limit, then pairs of which one side is at it.
pub fn find(study: &Study) -> Vec<Insight> {
    let newest = study.runs.len().saturating_sub(1);
    let rows = study.rows_of(newest).map(|(_, row)| row);
    let suspects = rows.filter_map(|row| suspect(study, row));
    suspects.chain(pair::pairs(study).iter().filter(|pair| !pair.over_runs).filter_map(at_limit)).collect()
}

fn suspect(study: &Study, row: &Row) -> Option<Insight> {
    let percent = peak(row).filter(|percent| *percent > POSSIBLE)?;
    Some(Insight {
        claim: Text::code(&*row.alias).plain(" is faster than possible at ").and(Tone::Code, row.case.title()),
        evidence: vec![format!("{} of the {} that was measured in the same run.", Percent(percent), limit(row)).into()],
        status: Status::Measured,
        look:
            "whether all of the work is done in every call: results kept from the call before, or fewer operands read"
                .into(),
        decide: Some({
            let spec = &study.runs[row.run].plan.backends[row.backend].spec;
            format!("smbench check {spec} --case {}", row.case.id)
        }),
        weight: (percent / 100.0).ln(),
    })
}

/// The side that is nearest to its limit, of those that differ.
fn at_limit(pair: &Pair) -> Option<Insight> {
    let sides = pair.differing().filter_map(|side| Some((side, peak(best(side))?)));
    let (side, percent) =
        sides.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, percent)| (AT_LIMIT..=POSSIBLE).contains(percent))?;
    let (fast, slow) =
        if side.change == Change::Faster { (&pair.now, &pair.before) } else { (&pair.before, &pair.now) };
    let other = peak(if side.change == Change::Faster { side.before } else { side.now });
    let limit = limit(best(side));
    let evidence = Text::code(&**fast).plain(format!(" reaches {} of the {limit}", Percent(percent)));
    let evidence = match other {
        Some(other) => evidence.plain(", ").and(Tone::Code, &**slow).plain(format!(" {}", Percent(other))),
        None => evidence,
    };
    Some(Insight {
        claim: Text::code(&**fast).plain(" is at the limit of this machine at ").and(Tone::Code, side.now.case.title()),
        evidence: vec![evidence],
        status: Status::Measured,
        look: Text::code(&**slow).plain(": what it leaves unused is all that there is to gain"),
        decide: None,
        weight: side.weight(),
    })
}

fn best<'a>(side: &Side<'a>) -> &'a Row {
    if side.change == Change::Faster { side.now } else { side.before }
}

fn peak(row: &Row) -> Option<f64> {
    row.rates?.peak_pct
}

/// The same line as for the percentage itself.
fn limit(row: &Row) -> &'static str {
    if row.case.cost.flops >= 4 * row.case.cost.bytes { "FMA peak" } else { "read bandwidth" }
}
