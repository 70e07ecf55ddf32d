//! Making room: a run and all that hangs on it, what nobody refers to any more, and the space they leave.

use rusqlite::Connection;

use crate::error::Result;
use crate::store::Swept;

/// A run; what was measured in it goes with it (`ON DELETE CASCADE`).
pub fn remove(db: &Connection, run: &str) -> Result<bool> {
    Ok(db.execute("DELETE FROM run WHERE id = ?1", [run])? > 0)
}

/// Plugins of no run, checks of no plugin, machines of no run.
pub fn orphans(db: &Connection) -> Result<Swept> {
    let plugins = db.execute("DELETE FROM plugin WHERE sha256 NOT IN (SELECT plugin FROM backend)", [])?;
    // A check's plugin is named by its hash, with that of its libraries behind it where it brings any along.
    let gone = "DELETE FROM checked WHERE substr(plugin, 1, 64) NOT IN (SELECT sha256 FROM plugin)";
    let checks = db.execute(gone, [])?;
    let machines = db.execute("DELETE FROM machine WHERE id NOT IN (SELECT machine FROM run)", [])?;
    Ok(Swept { plugins, checks, machines })
}

/// Writes the file anew without its holes, and says how many bytes that freed.
pub fn compact(db: &Connection) -> Result<u64> {
    if pragma(db, "freelist_count")? == 0 {
        return Ok(0); // all of a large file would be written for nothing
    }
    let before = bytes(db)?;
    db.execute_batch("VACUUM")?;
    // The new pages wait in the write-ahead log; until they are in the file, it keeps its old length.
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(before.saturating_sub(bytes(db)?))
}

fn bytes(db: &Connection) -> Result<u64> {
    Ok(pragma(db, "page_count")? * pragma(db, "page_size")?)
}

fn pragma(db: &Connection, name: &str) -> Result<u64> {
    Ok(db.pragma_query_value(None, name, |row| row.get(0))?)
}
