//! Rows back into values.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};
use smbench_core::case::Case;
use smbench_core::history::{Entry, Figures, STATISTICS};
use smbench_core::imported::Imported;
use smbench_core::message::{CheckReport, Peak};
use smbench_core::run::{Git, Machine, Note, Run, State};

use super::{damaged, from_json, to_json};
use crate::error::{Error, Result};
use crate::store::{CheckKey, Outline, RunSummary};

mod measured;
use crate::{hash, sound};

/// A run with all that was measured, counted and said, in the order it was stored.
pub fn run(db: &Connection, id: &str) -> Result<Run> {
    let run = Run {
        checks: measured::checks(db, id)?,
        launches: measured::launches(db, id)?,
        accounts: measured::accounts(db, id)?,
        blames: measured::blames(db, id)?,
        notes: all(db, "SELECT * FROM note WHERE run = ?1 ORDER BY id", id, note)?,
        ..begun(db, id)?
    };
    sound::check(&run).map_err(damaged)?;
    Ok(run)
}

/// What a history shows of a run, if its figures were kept.
pub fn entry(db: &Connection, id: &str, wanted: &dyn Fn(&Case, &str) -> bool) -> Result<Option<Entry>> {
    let select = "SELECT figures FROM figures WHERE run = ?1 AND statistics = ?2";
    let kept = db.query_row(select, params![id, STATISTICS], |row| row.get::<_, String>(0)).optional()?;
    let Some(kept) = kept else { return Ok(None) };
    let figures: Vec<Figures> = from_json(&kept)?;
    let run = begun(db, id)?;
    let pairs = (run.plan.cases.len(), run.plan.backends.len());
    if figures.iter().any(|of| of.case >= pairs.0 || of.backend >= pairs.1) {
        return Err(damaged("figures of a case that is not there"));
    }
    Ok(Some(Entry::with(&run, figures, wanted)))
}

/// What all runs were about, newest first.
pub fn outlines(db: &Connection) -> Result<Vec<Outline>> {
    let select = "SELECT id, git_branch FROM run ORDER BY created DESC, id DESC";
    let mut outlines = gather(db.prepare(select)?.query([])?, |row| {
        Ok(Outline { run: row.get("id")?, branch: row.get("git_branch")?, backends: Vec::new(), cases: Vec::new() })
    })?;
    let mut aliases = by_run(db, "SELECT run, alias FROM backend ORDER BY run, number", |row| row.get("alias"))?;
    let select = r#"SELECT run, id, threads FROM "case" ORDER BY run, number"#;
    let mut cases = by_run(db, select, |row| Ok((row.get("id")?, row.get("threads")?)))?;
    for outline in &mut outlines {
        outline.backends = aliases.remove(&outline.run).unwrap_or_default();
        outline.cases = cases.remove(&outline.run).unwrap_or_default();
    }
    Ok(outlines)
}

/// All runs, newest first.
pub fn list(db: &Connection) -> Result<Vec<RunSummary>> {
    let mut aliases = by_run(db, "SELECT run, alias FROM backend ORDER BY run, number", |row| row.get("alias"))?;
    let select = r#"SELECT id, label, created, config, preset, state, launches, imported,
                        (SELECT count(*) FROM "case" WHERE run = run.id) AS cases,
                        (SELECT count(*) FROM launch WHERE run = run.id) AS stored
                    FROM run ORDER BY created DESC, id DESC"#;
    let mut runs = gather(db.prepare(select)?.query([])?, summary)?;
    for run in &mut runs {
        run.backends = aliases.remove(&run.id).unwrap_or_default();
    }
    Ok(runs)
}

/// The imported run that has this content.
pub fn find_content(db: &Connection, content: &str) -> Result<Option<String>> {
    let select = "SELECT id FROM run WHERE imported ->> 'content' = ?1";
    Ok(db.query_row(select, [content], |row| row.get(0)).optional()?)
}

/// The bytes of a plugin, if they were kept.
pub fn plugin_bytes(db: &Connection, sha256: &str) -> Result<Option<Vec<u8>>> {
    let bytes = db.query_row("SELECT bytes FROM plugin WHERE sha256 = ?1", [sha256], |row| row.get(0));
    Ok(bytes.optional()?.flatten())
}

/// What an earlier check of the same thing found. A report that can no longer be read is none.
pub fn cached_check(db: &Connection, key: &CheckKey) -> Result<Option<CheckReport>> {
    let key = hash::bytes(to_json(key)?.as_bytes());
    let report = db.query_row("SELECT report FROM checked WHERE key = ?1", [key], |row| row.get::<_, String>(0));
    Ok(report.optional()?.and_then(|report| from_json(&report).ok()))
}

// A run.

/// A run before anything was measured.
fn begun(db: &Connection, id: &str) -> Result<Run> {
    let head = db.query_row("SELECT * FROM run WHERE id = ?1", [id], |row| Ok(head(db, row))).optional()?;
    let missing = || Error::usage(format!("no run `{id}`")).help("see `smbench list runs`");
    head.ok_or_else(missing)?
}

fn head(db: &Connection, row: &Row<'_>) -> Result<Run> {
    Ok(Run {
        id: row.get("id")?,
        label: row.get("label")?,
        created: row.get("created")?,
        command: row.get("command")?,
        smbench: row.get("smbench")?,
        state: state(&row.get::<_, String>("state")?)?,
        git: git(row)?,
        machine: db.query_row("SELECT * FROM machine WHERE id = ?1", [row.get::<_, i64>("machine")?], |row| {
            Ok(machine(row))
        })??,
        peak: peak(row)?,
        plan: from_json(&row.get::<_, String>("plan")?)?,
        checks: Vec::new(),
        launches: Vec::new(),
        accounts: Vec::new(),
        blames: Vec::new(),
        notes: Vec::new(),
        imported: imported(row)?,
    })
}

fn imported(row: &Row<'_>) -> Result<Option<Imported>> {
    row.get::<_, Option<String>>("imported")?.map(|text| from_json(&text)).transpose()
}

fn git(row: &Row<'_>) -> Result<Option<Git>> {
    let Some(commit) = row.get("git_commit")? else { return Ok(None) };
    Ok(Some(Git { commit, branch: row.get("git_branch")?, dirty: row.get("git_dirty")? }))
}

fn peak(row: &Row<'_>) -> Result<Option<Peak>> {
    let (gflops, read_gbs): (Option<f64>, Option<f64>) = (row.get("peak_gflops")?, row.get("peak_read_gbs")?);
    Ok(gflops.zip(read_gbs).map(|(gflops, read_gbs)| Peak { gflops, read_gbs }))
}

fn machine(row: &Row<'_>) -> Result<Machine> {
    Ok(Machine {
        fingerprint: row.get("fingerprint")?,
        host: row.get("host")?,
        arch: row.get("arch")?,
        os: row.get("os")?,
        cpu: row.get("cpu")?,
        cores: row.get("cores")?,
        cache_bytes: from_json(&row.get::<_, String>("cache_bytes")?)?,
        simd: from_json(&row.get::<_, String>("simd")?)?,
        memory_bytes: bits(row, "memory_bytes")?,
        hypervisor: row.get("hypervisor")?,
        libc: row.get("libc")?,
    })
}

fn summary(row: &Row<'_>) -> Result<RunSummary> {
    let cases: usize = row.get("cases")?;
    Ok(RunSummary {
        id: row.get("id")?,
        label: row.get("label")?,
        copies: imported(row)?.map_or_else(Vec::new, |of| of.copies.into_iter().map(|copy| copy.label).collect()),
        created: row.get("created")?,
        config: row.get("config")?,
        preset: row.get("preset")?,
        state: state(&row.get::<_, String>("state")?)?,
        cases,
        backends: Vec::new(),
        launches_stored: row.get("stored")?,
        launches_planned: cases * row.get::<_, usize>("launches")?,
    })
}

fn state(word: &str) -> Result<State> {
    let known = [State::Running, State::Interrupted, State::Finished].into_iter().find(|state| state.word() == word);
    known.ok_or_else(|| damaged(format!("`{word}` is no state of a run")))
}

fn note(row: &Row<'_>) -> Result<Note> {
    Ok(Note { created: row.get("created")?, text: row.get("text")? })
}

// Rows.

/// Every row about one run.
fn all<T>(db: &Connection, select: &str, run: &str, value: impl FnMut(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    gather(db.prepare(select)?.query([run])?, value)
}

fn gather<T>(mut rows: rusqlite::Rows<'_>, mut value: impl FnMut(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(value(row)?);
    }
    Ok(values)
}

/// Every row of all runs, by the `run` it belongs to.
fn by_run<T>(
    db: &Connection,
    select: &str,
    value: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<BTreeMap<String, Vec<T>>> {
    let mut by_run: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for (run, value) in gather(db.prepare(select)?.query([])?, |row| Ok((row.get("run")?, value(row)?)))? {
        by_run.entry(run).or_default().push(value);
    }
    Ok(by_run)
}

/// SQLite has no NaN: it keeps NULL.
fn real(row: &Row<'_>, name: &str) -> Result<f64> {
    Ok(row.get::<_, Option<f64>>(name)?.unwrap_or(f64::NAN))
}

fn bits(row: &Row<'_>, name: &str) -> Result<u64> {
    Ok(row.get::<_, i64>(name)?.cast_unsigned())
}

fn some_bits(row: &Row<'_>, name: &str) -> Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(name)?.map(i64::cast_unsigned))
}
