//! A run as one file, to send or to keep: `{"schema": "smbench.file/1", "run": …}`.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use smbench_core::run::Run;

use crate::error::{Error, Result};
use crate::sound;

/// Name and version of the format.
pub const SCHEMA: &str = "smbench.file/1";

#[derive(Serialize)]
struct Written<'a> {
    schema: &'a str,
    run: &'a Run,
}

#[derive(Deserialize)]
struct Head {
    schema: String,
}

#[derive(Deserialize)]
struct Body {
    run: Run,
}

/// Would this, typed for RUN, be a file rather than the name of a run?
pub fn looks_like_one(text: &str) -> bool {
    text.contains('/') || text.ends_with(".json")
}

/// Writes a run to a file.
pub fn write(path: &Path, run: &Run) -> Result<()> {
    let failed = |error| Error::usage(format!("cannot write `{}`", path.display())).because(error);
    fs::write(path, to_text(run)?).map_err(failed)
}

/// Reads a run from a file.
pub fn read(path: &Path) -> Result<Run> {
    let failed = |error| cannot_read(&path.display().to_string()).because(error);
    let text = fs::read(path).map_err(failed)?;
    from_text(&path.display().to_string(), &text)
}

/// The text of the file. Figures that are not finite are `null`, which reads back as NaN.
pub fn to_text(run: &Run) -> Result<String> {
    let text = serde_json::to_string(&Written { schema: SCHEMA, run });
    text.map_err(|error| Error::internal("cannot write the run as JSON").because(error))
}

/// The run of such a text; `name` is for errors.
pub fn from_text(name: &str, text: &[u8]) -> Result<Run> {
    let head: Head = serde_json::from_slice(text).map_err(|error| {
        let help = "write one: `smbench export RUN file`";
        cannot_read(name).because(format!("it is not the file of a run: {error}")).help(help)
    })?;
    if head.schema != SCHEMA {
        return Err(other_schema(name, &head.schema));
    }
    let mut json = serde_json::Deserializer::from_slice(text);
    let body: Body = serde_path_to_error::deserialize(&mut json).map_err(|error| damaged(name, &error))?;
    sound::check(&body.run).map_err(|error| damaged(name, &error))?;
    Ok(body.run)
}

fn other_schema(name: &str, schema: &str) -> Error {
    let error = cannot_read(name).because(format!("it is `{schema}`, not `{SCHEMA}`"));
    match schema.split_once('/') {
        Some(("smbench.file", _)) => error.help("update smbench"),
        Some(("smbench.run", _)) => {
            error.help("a report holds figures only; export the run: `smbench export RUN file`")
        }
        _ => error.help("write one: `smbench export RUN file`"),
    }
}

fn damaged(name: &str, cause: &dyn std::fmt::Display) -> Error {
    cannot_read(name).because(format!("it is damaged: {cause}")).help("export it again")
}

fn cannot_read(name: &str) -> Error {
    Error::usage(format!("cannot read the run in `{name}`"))
}
