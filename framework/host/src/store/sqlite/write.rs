//! Values into rows. Each function is called within a transaction.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};
use smbench_core::backend::Backend;
use smbench_core::case::Case;
use smbench_core::history::{Figures, STATISTICS};
use smbench_core::imported::Copied;
use smbench_core::message::{CheckReport, Peak};
use smbench_core::run::{Git, Machine, Note, Run, State};

use super::to_json;
use crate::error::{Error, Result};
use crate::hash;
use crate::store::CheckKey;

mod measured;

pub use measured::{account, blame, check, launch};

/// Larger plugins are not kept for replay; 64 MiB is more than any seen, and a run should not fill the disk.
const KEPT_BYTES: u64 = 64 << 20;

/// A run with all that was measured, counted and said.
pub fn whole(db: &Connection, whole: &Run) -> Result<()> {
    let id = &whole.id;
    run(db, whole)?;
    whole.peak.iter().try_for_each(|limits| peak(db, id, limits))?;
    whole.checks.iter().try_for_each(|found| check(db, id, found))?;
    whole.launches.iter().try_for_each(|measured| launch(db, id, measured))?;
    whole.accounts.iter().try_for_each(|counted| account(db, id, counted))?;
    whole.blames.iter().try_for_each(|blamed| blame(db, id, blamed))?;
    whole.notes.iter().try_for_each(|remark| note(db, id, remark))?;
    if whole.state == State::Finished { figures(db, whole) } else { Ok(()) }
}

/// What histories need of a finished run.
pub fn figures(db: &Connection, run: &Run) -> Result<()> {
    let figures = to_json(&Figures::of(run))?;
    let row = params![run.id, STATISTICS, figures];
    db.execute("INSERT OR REPLACE INTO figures (run, statistics, figures) VALUES (?1, ?2, ?3)", row)?;
    Ok(())
}

/// A run without its measurements.
pub fn run(db: &Connection, run: &Run) -> Result<()> {
    refuse_twice(db, &run.id)?;
    db.execute("UPDATE run SET label = NULL WHERE label = ?1", [&run.label])?;
    let (plan, git) = (to_json(&run.plan)?, run.git.as_ref());
    db.execute(
        "INSERT INTO run (id, label, created, command, smbench, state, config, preset, seed, launches, plan, plan_hash,
            git_commit, git_branch, git_dirty, machine, imported)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        params![
            run.id,
            run.label,
            run.created,
            run.command,
            run.smbench,
            run.state.word(),
            run.plan.config,
            run.plan.preset.word(),
            bits(run.plan.seed),
            run.plan.launches,
            plan,
            hash::bytes(plan.as_bytes()),
            git.map(|git: &Git| &git.commit),
            git.and_then(|git| git.branch.as_ref()),
            git.map(|git| git.dirty),
            machine(db, &run.machine)?,
            run.imported.as_ref().map(to_json).transpose()?,
        ],
    )?;
    session(db, &run.id, &run.created, &run.command)?;
    run.plan.cases.iter().enumerate().try_for_each(|(number, planned)| case(db, run, number, planned))?;
    run.plan.backends.iter().enumerate().try_for_each(|(number, planned)| backend(db, &run.id, number, planned))
}

fn refuse_twice(db: &Connection, id: &str) -> Result<()> {
    let there = db.query_row("SELECT 1 FROM run WHERE id = ?1", [id], |_| Ok(())).optional()?;
    match there {
        None => Ok(()),
        Some(()) => {
            Err(Error::usage(format!("run `{id}` is stored already")).help(format!("see it: `smbench show {id}`")))
        }
    }
}

/// The row of this machine, which is shared by its runs.
fn machine(db: &Connection, machine: &Machine) -> Result<i64> {
    let hash = hash::bytes(to_json(machine)?.as_bytes());
    db.execute(
        "INSERT INTO machine (hash, fingerprint, host, arch, os, cpu, cores, cache_bytes, simd, memory_bytes, hypervisor, libc)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT DO NOTHING",
        params![
            hash,
            machine.fingerprint,
            machine.host,
            machine.arch,
            machine.os,
            machine.cpu,
            machine.cores,
            to_json(&machine.cache_bytes)?,
            to_json(&machine.simd)?,
            bits(machine.memory_bytes),
            machine.hypervisor,
            machine.libc,
        ],
    )?;
    Ok(db.query_row("SELECT id FROM machine WHERE hash = ?1", [hash], |row| row.get(0))?)
}

/// A start of the run, or a going on with it.
pub fn session(db: &Connection, run: &str, created: &str, command: &str) -> Result<()> {
    db.execute("INSERT INTO session (run, created, command) VALUES (?1, ?2, ?3)", [run, created, command])?;
    Ok(())
}

fn case(db: &Connection, run: &Run, number: usize, case: &Case) -> Result<()> {
    db.execute(
        r#"INSERT INTO "case" (run, number, id, threads, definition, bound, margin, flops, bytes, elements)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"#,
        params![
            run.id,
            number,
            case.id,
            case.threads,
            case.definition,
            case.bound.word(),
            run.plan.margin_of(case),
            bits(case.cost.flops),
            bits(case.cost.bytes),
            bits(case.cost.elements),
        ],
    )?;
    Ok(())
}

fn backend(db: &Connection, run: &str, number: usize, backend: &Backend) -> Result<()> {
    let plugin = [&backend.sha256, &backend.plugin.name];
    db.execute("INSERT INTO plugin (sha256, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING", plugin)?;
    db.execute(
        "INSERT INTO backend (run, number, alias, source, tier, options, path, plugin, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            run,
            number,
            backend.spec.alias,
            backend.spec.source,
            backend.spec.tier,
            to_json(&backend.spec.options)?,
            backend.path,
            backend.sha256,
            backend.plugin.version,
        ],
    )?;
    Ok(())
}

/// The bytes of a plugin, once.
pub fn plugin_bytes(db: &Connection, sha256: &str, path: &Path) -> Result<()> {
    let kept = "SELECT 1 FROM plugin WHERE sha256 = ?1 AND bytes IS NOT NULL";
    if db.query_row(kept, [sha256], |_| Ok(())).optional()?.is_some() {
        return Ok(());
    }
    let unreadable = |error| Error::usage(format!("cannot keep the plugin `{}`", path.display())).because(error);
    let size = fs::metadata(path).map_err(unreadable)?.len();
    let bytes = if size <= KEPT_BYTES { Some(fs::read(path).map_err(unreadable)?) } else { None };
    if bytes.as_ref().is_some_and(|bytes| hash::bytes(bytes) != sha256) {
        return Err(changed(path));
    }
    db.execute(
        "INSERT INTO plugin (sha256, name, size, bytes) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET size = excluded.size, bytes = excluded.bytes",
        params![sha256, path.file_name().unwrap_or_default().to_string_lossy(), bits(size), bytes],
    )?;
    Ok(())
}

fn changed(path: &Path) -> Error {
    Error::usage(format!("the plugin `{}` changed while the run began", path.display()))
        .because("its bytes are not those that were hashed a moment ago")
        .help("wait for the build to end, then run again")
}

/// Where a run stands. Its figures stand as long as nothing more is measured.
pub fn state(db: &Connection, run: &str, state: State) -> Result<()> {
    db.execute("DELETE FROM figures WHERE run = ?1", [run])?;
    found(run, db.execute("UPDATE run SET state = ?2 WHERE id = ?1", [run, state.word()])?)
}

/// The machine's limits.
pub fn peak(db: &Connection, run: &str, peak: &Peak) -> Result<()> {
    let set = "UPDATE run SET peak_gflops = ?2, peak_read_gbs = ?3 WHERE id = ?1";
    found(run, db.execute(set, params![run, peak.gflops, peak.read_gbs])?)
}

/// A remark.
pub fn note(db: &Connection, run: &str, note: &Note) -> Result<()> {
    db.execute("INSERT INTO note (run, created, text) VALUES (?1, ?2, ?3)", [run, &note.created, &note.text])?;
    Ok(())
}

/// Another date of an imported run.
pub fn copy(db: &Connection, run: &str, copy: &Copied) -> Result<()> {
    db.execute("UPDATE run SET label = NULL WHERE label = ?1 AND id <> ?2", [&*copy.label, run])?;
    let set = "UPDATE run SET imported = json_insert(imported, '$.copies[#]', json(?2)) WHERE id = ?1 AND imported IS NOT NULL";
    found(run, db.execute(set, [run, &to_json(copy)?])?)
}

fn found(run: &str, rows: usize) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(Error::internal(format!("run `{run}` is not in the store"))) }
}

/// What a check found, for later runs.
pub fn cached_check(db: &Connection, key: &CheckKey, report: &CheckReport) -> Result<()> {
    let row = [hash::bytes(to_json(key)?.as_bytes()), key.plugin.clone(), to_json(report)?];
    db.execute("INSERT OR REPLACE INTO checked (key, plugin, report) VALUES (?1, ?2, ?3)", row)?;
    Ok(())
}

/// SQLite's integers are signed; the bits are kept as they are.
fn bits(value: u64) -> i64 {
    value.cast_signed()
}
