//! `smbench export`: a stored run in another format.

use smbench_core::study::Study;
use smbench_host::error::Result;
use smbench_host::file;
use smbench_report::{export, json};

use super::find_runs;
use crate::args::{ExportArgs, ExportFormat};
use crate::exit::Exit;
use crate::output::{print, write_file};

/// Writes one run.
pub fn export(args: &ExportArgs) -> Result<Exit> {
    let run = find_runs(std::slice::from_ref(&args.run), &args.store)?.remove(0);
    let text = match args.format {
        ExportFormat::Run => file::to_text(&run)?,
        ExportFormat::Json => json::render(&Study::of(vec![run]), None),
        ExportFormat::Csv => export::csv(&Study::of(vec![run])),
        ExportFormat::Junit => export::junit(&Study::of(vec![run])),
        ExportFormat::Bencher => export::bencher(&Study::of(vec![run])),
        ExportFormat::GithubActionBenchmark => export::github_action_benchmark(&Study::of(vec![run])),
    };
    match &args.out {
        Some(path) => write_file(path, &text)?,
        None => print(&text)?,
    }
    Ok(Exit::OK)
}
