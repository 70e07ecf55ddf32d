//! What was found, measured and counted, from rows.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};
use smbench_core::message::{AccountReport, Allocations, CheckReport, Counters, ReceiptInfo, Span, Switches, Tensors};
use smbench_core::outcome::{ErrorStats, Outcome};
use smbench_core::run::{Account, Blame, CaseLaunch, Check};
use smbench_core::samples::{Environment, Launch, Mode, Series, Stamps};

use super::{all, bits, gather, real, some_bits};
use crate::error::Result;
use crate::store::sqlite::{blob, damaged, from_json};

/// The checks of a run.
pub fn checks(db: &Connection, run: &str) -> Result<Vec<Check>> {
    let select =
        r#"SELECT * FROM "check" LEFT JOIN receipt ON receipt."check" = "check".id WHERE run = ?1 ORDER BY id"#;
    all(db, select, run, |row| {
        let report = CheckReport {
            extremes: None, // `smbench check` alone shows them, as they come
            outcome: outcome(row)?,
            error: row.get::<_, bool>("has_error")?.then(|| error_stats(row)).transpose()?,
            call_ns: bits(row, "call_ns")?,
            receipt: receipt(row)?,
        };
        Ok(Check { case: row.get("case")?, backend: row.get("backend")?, report })
    })
}

/// The backends that were taken out of cases.
pub fn blames(db: &Connection, run: &str) -> Result<Vec<Blame>> {
    all(db, "SELECT * FROM blame WHERE run = ?1 ORDER BY id", run, blame)
}

fn blame(row: &Row<'_>) -> Result<Blame> {
    Ok(Blame { case: row.get("case")?, backend: row.get("backend")?, outcome: outcome(row)? })
}

fn outcome(row: &Row<'_>) -> Result<Outcome> {
    let reason = row.get::<_, Option<String>>("reason")?.unwrap_or_default();
    match row.get::<_, String>("outcome")?.as_str() {
        "measured" => Ok(Outcome::Measured),
        "rejected" => Ok(Outcome::Rejected(reason)),
        "unsupported" => Ok(Outcome::Unsupported(reason)),
        "failed" => Ok(Outcome::Failed(reason)),
        word => Err(damaged(format!("`{word}` is no outcome"))),
    }
}

fn error_stats(row: &Row<'_>) -> Result<ErrorStats> {
    Ok(ErrorStats { max_abs: real(row, "max_abs")?, max_rel: real(row, "max_rel")?, nmse: real(row, "nmse")? })
}

fn receipt(row: &Row<'_>) -> Result<Option<ReceiptInfo>> {
    let Some(implementation) = row.get("implementation")? else { return Ok(None) };
    Ok(Some(ReceiptInfo {
        implementation,
        tier: row.get("tier")?,
        threads: row.get("threads")?,
        pool_hits: bits(row, "pool_hits")?,
        pool_misses: bits(row, "pool_misses")?,
    }))
}

/// The launches of a run with their samples.
pub fn launches(db: &Connection, run: &str) -> Result<Vec<CaseLaunch>> {
    let mut series = series(db, run)?;
    all(db, "SELECT * FROM launch WHERE run = ?1 ORDER BY id", run, |row| {
        let launch = Launch {
            mode: mode(&row.get::<_, String>("mode")?)?,
            order: from_json(&row.get::<_, String>("loaded")?)?,
            environment: environment(row)?,
            series: series.remove(&row.get("id")?).unwrap_or_default(),
            late: from_json(&row.get::<_, String>("late")?)?,
            flags: from_json(&row.get::<_, String>("flags")?)?,
        };
        Ok(CaseLaunch { case: row.get("case")?, number: row.get("number")?, launch })
    })
}

/// The samples of a run by launch, in the order they were stored.
fn series(db: &Connection, run: &str) -> Result<BTreeMap<i64, Vec<(usize, Series)>>> {
    let select = "SELECT series.* FROM series JOIN launch ON series.launch = launch.id WHERE run = ?1";
    let mut rows = all(db, select, run, |row| {
        let series = Series {
            cold_ns: bits(row, "cold_ns")?,
            calls: blob::to_u64(column(row, "calls")?)?,
            ns: blob::to_u64(column(row, "ns")?)?,
            round: blob::to_u32(column(row, "round")?)?,
            position: blob::to_u32(column(row, "position")?)?,
            stamps: Stamps {
                first_ns: blob::to_u64(column(row, "first_ns")?)?,
                next_ns: blob::to_u64(column(row, "next_ns")?)?,
            },
            tail: row.get("tail")?,
        };
        Ok((row.get::<_, i64>("id")?, row.get::<_, i64>("launch")?, row.get::<_, usize>("backend")?, series))
    })?;
    rows.sort_unstable_by_key(|(id, ..)| *id); // sorted by SQLite, megabytes of samples would go to a temporary file
    let mut by_launch: BTreeMap<i64, Vec<(usize, Series)>> = BTreeMap::new();
    for (_, launch, backend, series) in rows {
        by_launch.entry(launch).or_default().push((backend, series));
    }
    Ok(by_launch)
}

/// The numbers of a series; NULL is none.
fn column<'a>(row: &'a Row<'_>, name: &str) -> Result<&'a [u8]> {
    Ok(row.get_ref(name)?.as_blob_or_null().map_err(damaged)?.unwrap_or_default())
}

fn environment(row: &Row<'_>) -> Result<Environment> {
    Ok(Environment {
        wall_ns: bits(row, "wall_ns")?,
        runqueue_wait_ns: some_bits(row, "runqueue_wait_ns")?,
        involuntary_switches: bits(row, "involuntary_switches")?,
        steal_ns: some_bits(row, "steal_ns")?,
        cpu_ns: some_bits(row, "cpu_ns")?,
        others_busy_ns: some_bits(row, "others_busy_ns")?,
        minor_faults: bits(row, "minor_faults")?,
        major_faults: bits(row, "major_faults")?,
        peak_rss_bytes: some_bits(row, "peak_rss_bytes")?,
    })
}

fn mode(word: &str) -> Result<Mode> {
    let known = [Mode::Shared, Mode::Split].into_iter().find(|mode| mode.word() == word);
    known.ok_or_else(|| damaged(format!("`{word}` is no mode of a launch")))
}

/// What was counted in a run.
pub fn accounts(db: &Connection, run: &str) -> Result<Vec<Account>> {
    let select = "SELECT * FROM account LEFT JOIN receipt ON receipt.account = account.id WHERE run = ?1 ORDER BY id";
    all(db, select, run, |row| {
        let report = AccountReport {
            allocations: allocations(row)?,
            allocations_missing: row.get("allocations_missing")?,
            page_faults: row.get("page_faults")?,
            switches: switches(row)?,
            counters: counters(row)?.known(),
            counters_missing: row.get("counters_missing")?,
            peak_rss_bytes: some_bits(row, "peak_rss_bytes")?,
            receipt: receipt(row)?,
            spans: row.get::<_, bool>("has_spans")?.then(|| spans(db, row.get("id")?)).transpose()?,
            tensors: tensors(row)?,
        };
        Ok(Account { case: row.get("case")?, backend: row.get("backend")?, report })
    })
}

fn allocations(row: &Row<'_>) -> Result<Option<Allocations>> {
    let Some(bytes) = row.get("allocation_bytes")? else { return Ok(None) };
    Ok(Some(Allocations {
        count: real(row, "allocation_count")?,
        bytes,
        peak_bytes: some_bits(row, "allocation_peak")?,
        kept_bytes: real(row, "allocation_kept")?,
    }))
}

fn switches(row: &Row<'_>) -> Result<Option<Switches>> {
    let Some(voluntary) = row.get("voluntary_switches")? else { return Ok(None) };
    Ok(Some(Switches { voluntary, involuntary: real(row, "involuntary_switches")? }))
}

fn counters(row: &Row<'_>) -> Result<Counters> {
    Ok(Counters {
        instructions: row.get("instructions")?,
        cycles: row.get("cycles")?,
        cache_misses: row.get("cache_misses")?,
        branch_misses: row.get("branch_misses")?,
    })
}

fn tensors(row: &Row<'_>) -> Result<Option<Tensors>> {
    let Some(acquired) = row.get("tensors_acquired")? else { return Ok(None) };
    Ok(Some(Tensors { acquired, reused: real(row, "tensors_reused")?, held_bytes: bits(row, "tensors_held")? }))
}

fn spans(db: &Connection, account: i64) -> Result<Vec<Span>> {
    let mut statement = db.prepare("SELECT op, share, ns, runs FROM span WHERE account = ?1 ORDER BY id")?;
    gather(statement.query([account])?, |row| {
        Ok(Span { op: row.get("op")?, share: real(row, "share")?, ns: real(row, "ns")?, runs: real(row, "runs")? })
    })
}
