//! What is wrong, fails or leaks: nothing else of it counts before that is mended.

use smbench_core::outcome::Outcome;
use smbench_core::study::{Row, Study};
use smbench_core::units::Bytes;

use super::{Rank, Recommendation};
use crate::document::{Text, Tone};
use crate::figure;
use crate::view::Options;

/// One for each backend and each way of being wrong.
pub fn rule(study: &Study, _: &Options) -> Vec<Recommendation> {
    let Some(newest) = study.runs.len().checked_sub(1) else { return Vec::new() };
    let aliases = study.runs[newest].plan.backends.iter().map(|backend| backend.alias());
    aliases.flat_map(|alias| of_backend(study, newest, alias)).collect()
}

fn of_backend(study: &Study, run: usize, alias: &str) -> Vec<Recommendation> {
    let rows = |is: &dyn Fn(&Row) -> bool| -> Vec<&Row> {
        study.rows_of(run).map(|(_, row)| row).filter(|row| row.alias == alias && is(row)).collect()
    };
    let wrong = rows(&|row| matches!(row.outcome, Outcome::Rejected(_)));
    let failed = rows(&|row| matches!(row.outcome, Outcome::Failed(_)));
    let leaking = rows(&|row| row.leaked_bytes().is_some());
    [mend(&wrong, "right", "Make", "right"), mend(&failed, "measured", "Keep", "from failing"), leak(&leaking)]
        .into_iter()
        .flatten()
        .collect()
}

/// `Make acme right: rejected at 3 cases`
fn mend(rows: &[&Row], goal: &str, verb: &str, what: &str) -> Option<Recommendation> {
    let first = rows.first()?;
    let cases = figure::count(rows.len(), "case");
    let title = Text::from(format!("{verb} ")).and(Tone::Code, &*first.alias);
    let check = format!("smbench check {} --op {}", first.alias, first.case.op());
    let reason = first.outcome.reason().unwrap_or_default();
    Some(Recommendation {
        rank: Rank::Blocker,
        title: title.plain(format!(" {what}: {} at {cases}", first.outcome.word())),
        target: format!("{goal} at every case").into(),
        success: Text::code(check).plain(" says so"),
        approach: Some(Text::from("begin at ").and(Tone::Code, first.case.title()).plain(format!(": {reason}"))),
    })
}

fn leak(rows: &[&Row]) -> Option<Recommendation> {
    let bytes = |row: &&&Row| row.leaked_bytes().unwrap_or_default();
    let worst = rows.iter().max_by(|a, b| bytes(a).total_cmp(&bytes(b)))?;
    let cases = figure::count(rows.len(), "case");
    Some(Recommendation {
        rank: Rank::Blocker,
        title: Text::from("Free what ").and(Tone::Code, &*worst.alias).plain(format!(" keeps at {cases}")),
        target: "no byte kept from call to call".into(),
        success: "no row is flagged as a leak".into(),
        approach: Some(
            Text::from(format!("{} of every call at ", Bytes(bytes(&worst)))).and(Tone::Code, worst.case.title()),
        ),
    })
}
