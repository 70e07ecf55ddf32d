//! `smbench export`: a stored run in another format.

use smbench_core::study::Study;
use smbench_host::error::Result;
use smbench_host::file;

use super::find_runs;
use crate::args::{ExportArgs, ExportFormat};
use crate::exit::Exit;
use crate::output::{print, write_file};

/// Writes one run.
pub fn export(args: &ExportArgs) -> Result<Exit> {
    let mut runs = find_runs(std::slice::from_ref(&args.run), &args.store)?;
    let text = match (args.format, runs.pop()) {
        (ExportFormat::Run, Some(run)) => file::to_text(&run)?,
        (ExportFormat::Json, run) => smbench_report::json::render(&Study::of(run.into_iter().collect()), None),
        (ExportFormat::Run, None) => String::new(),
    };
    match &args.out {
        Some(path) => write_file(path, &text)?,
        None => print(&text)?,
    }
    Ok(Exit::OK)
}
