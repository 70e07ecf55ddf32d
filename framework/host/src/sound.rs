//! What must hold of a run that comes from outside, so that nothing downstream needs to doubt it.

use smbench_core::run::{CaseLaunch, Run};
use smbench_core::samples::Series;

/// More launches of a case than anyone would plan; keeps a mangled number from asking for all memory.
const LAUNCHES: u32 = 10_000;

/// What does not hold, in words.
pub fn check(run: &Run) -> Result<(), String> {
    if !is_id(&run.id) {
        return Err(format!("`{}` is no id of a run", run.id.escape_debug()));
    }
    let plan = &run.plan;
    let (cases, backends) = (plan.cases.len(), plan.backends.len());
    within("the reference", plan.reference, backends)?;
    for (&backend, &reference) in &plan.against {
        within("a backend", backend, backends)?;
        within("a reference", reference, backends)?;
    }
    within("the number of launches", plan.launches as usize, LAUNCHES as usize + 1)?;
    let pairs = run.checks.iter().map(|check| (check.case, check.backend));
    let pairs = pairs.chain(run.accounts.iter().map(|account| (account.case, account.backend)));
    for (case, backend) in pairs.chain(run.blames.iter().map(|blame| (blame.case, blame.backend))) {
        within("a case", case, cases)?;
        within("a backend", backend, backends)?;
    }
    run.launches.iter().try_for_each(|launch| of_launch(launch, cases, backends))
}

/// Ids are parts of commands and of file names.
fn is_id(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn of_launch(measured: &CaseLaunch, cases: usize, backends: usize) -> Result<(), String> {
    within("a launch's case", measured.case, cases)?;
    let launch = &measured.launch;
    let named = launch.order.iter().chain(launch.series.iter().map(|(backend, _)| backend));
    let named = named.chain(launch.late.iter().chain(&launch.flags).map(|(backend, _)| backend));
    for &backend in named {
        within("a launch's backend", backend, backends + 1)?; // the last is the A/A control's number
    }
    launch.series.iter().try_for_each(|(_, series)| of_series(series))
}

fn of_series(series: &Series) -> Result<(), String> {
    let lengths = [series.calls.len(), series.round.len(), series.position.len()];
    if lengths.iter().any(|&length| length != series.ns.len()) {
        return Err("the columns of a series differ in length".to_owned());
    }
    if series.calls.contains(&0) {
        return Err("a sample of no calls".to_owned());
    }
    if series.round.is_sorted() { Ok(()) } else { Err("rounds out of order".to_owned()) }
}

fn within(what: &str, index: usize, end: usize) -> Result<(), String> {
    if index < end { Ok(()) } else { Err(format!("{what} is {index}, out of {end}")) }
}
