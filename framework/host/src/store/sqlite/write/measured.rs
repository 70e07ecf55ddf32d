//! What was found, measured and counted, into rows.

use rusqlite::{Connection, params};
use smbench_core::message::ReceiptInfo;
use smbench_core::run::{Account, Blame, CaseLaunch, Check};
use smbench_core::samples::Series;

use super::bits;
use crate::error::Result;
use crate::store::sqlite::{blob, to_json};

/// What a check found, in place of an earlier one.
pub fn check(db: &Connection, run: &str, check: &Check) -> Result<()> {
    let (report, error) = (&check.report, check.report.error);
    let key = params![run, check.case, check.backend];
    db.execute(r#"DELETE FROM "check" WHERE run = ?1 AND "case" = ?2 AND backend = ?3"#, key)?;
    db.execute(
        r#"INSERT INTO "check" (run, "case", backend, outcome, reason, has_error, max_abs, max_rel, nmse, call_ns)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"#,
        params![
            run,
            check.case,
            check.backend,
            report.outcome.word(),
            report.outcome.reason(),
            error.is_some(),
            error.map(|error| error.max_abs),
            error.map(|error| error.max_rel),
            error.map(|error| error.nmse),
            bits(report.call_ns),
        ],
    )?;
    let id = db.last_insert_rowid();
    report.receipt.iter().try_for_each(|receipt| self::receipt(db, Some(id), None, receipt))
}

fn receipt(db: &Connection, check: Option<i64>, account: Option<i64>, receipt: &ReceiptInfo) -> Result<()> {
    db.execute(
        r#"INSERT INTO receipt ("check", account, implementation, tier, threads, pool_hits, pool_misses)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"#,
        params![
            check,
            account,
            receipt.implementation,
            receipt.tier,
            receipt.threads,
            bits(receipt.pool_hits),
            bits(receipt.pool_misses),
        ],
    )?;
    Ok(())
}

/// A launch with its samples.
pub fn launch(db: &Connection, run: &str, measured: &CaseLaunch) -> Result<()> {
    let (launch, environment) = (&measured.launch, &measured.launch.environment);
    db.execute(
        r#"INSERT INTO launch (run, "case", number, mode, loaded, late, flags, wall_ns, runqueue_wait_ns,
              involuntary_switches, steal_ns, minor_faults, major_faults, peak_rss_bytes, cpu_ns, others_busy_ns)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"#,
        params![
            run,
            measured.case,
            measured.number,
            launch.mode.word(),
            to_json(&launch.order)?,
            to_json(&launch.late)?,
            to_json(&launch.flags)?,
            bits(environment.wall_ns),
            environment.runqueue_wait_ns.map(bits),
            bits(environment.involuntary_switches),
            environment.steal_ns.map(bits),
            bits(environment.minor_faults),
            bits(environment.major_faults),
            environment.peak_rss_bytes.map(bits),
            environment.cpu_ns.map(bits),
            environment.others_busy_ns.map(bits),
        ],
    )?;
    let id = db.last_insert_rowid();
    launch.series.iter().try_for_each(|(backend, samples)| series(db, id, *backend, samples))
}

fn series(db: &Connection, launch: i64, backend: usize, series: &Series) -> Result<()> {
    db.execute(
        "INSERT INTO series (launch, backend, cold_ns, calls, ns, round, position, first_ns, next_ns, tail)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            launch,
            backend,
            bits(series.cold_ns),
            blob::from_u64(&series.calls),
            blob::from_u64(&series.ns),
            blob::from_u32(&series.round),
            blob::from_u32(&series.position),
            some_u64(&series.stamps.first_ns),
            some_u64(&series.stamps.next_ns),
            series.tail,
        ],
    )?;
    Ok(())
}

/// Most series have no tokens.
fn some_u64(values: &[u64]) -> Option<Vec<u8>> {
    (!values.is_empty()).then(|| blob::from_u64(values))
}

/// What was counted, in place of an earlier count.
pub fn account(db: &Connection, run: &str, account: &Account) -> Result<()> {
    let (report, allocations, tensors) = (&account.report, account.report.allocations, account.report.tensors);
    let (switches, counters) = (report.switches, report.counters.unwrap_or_default());
    let key = params![run, account.case, account.backend];
    db.execute(r#"DELETE FROM account WHERE run = ?1 AND "case" = ?2 AND backend = ?3"#, key)?;
    db.execute(
        r#"INSERT INTO account (run, "case", backend, allocation_count, allocation_bytes, allocation_peak,
              allocation_kept, allocations_missing, page_faults, peak_rss_bytes, has_spans,
              tensors_acquired, tensors_reused, tensors_held, voluntary_switches, involuntary_switches,
              instructions, cycles, cache_misses, branch_misses, counters_missing)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)"#,
        params![
            run,
            account.case,
            account.backend,
            allocations.map(|allocations| allocations.count),
            allocations.map(|allocations| allocations.bytes),
            allocations.and_then(|allocations| allocations.peak_bytes).map(bits),
            allocations.map(|allocations| allocations.kept_bytes),
            report.allocations_missing,
            report.page_faults,
            report.peak_rss_bytes.map(bits),
            report.spans.is_some(),
            tensors.map(|tensors| tensors.acquired),
            tensors.map(|tensors| tensors.reused),
            tensors.map(|tensors| bits(tensors.held_bytes)),
            switches.map(|switches| switches.voluntary),
            switches.map(|switches| switches.involuntary),
            counters.instructions,
            counters.cycles,
            counters.cache_misses,
            counters.branch_misses,
            report.counters_missing,
        ],
    )?;
    let id = db.last_insert_rowid();
    for span in report.spans.iter().flatten() {
        let row = params![id, span.op, span.share, span.ns, span.runs];
        db.execute("INSERT INTO span (account, op, share, ns, runs) VALUES (?1, ?2, ?3, ?4, ?5)", row)?;
    }
    report.receipt.iter().try_for_each(|receipt| self::receipt(db, None, Some(id), receipt))
}

/// A backend that was taken out of a case.
pub fn blame(db: &Connection, run: &str, blame: &Blame) -> Result<()> {
    db.execute(
        r#"INSERT INTO blame (run, "case", backend, outcome, reason) VALUES (?1, ?2, ?3, ?4, ?5)"#,
        params![run, blame.case, blame.backend, blame.outcome.word(), blame.outcome.reason()],
    )?;
    Ok(())
}
