//! `smbench chart`: the comparison chart of stored runs.

use smbench_core::study::Study;
use smbench_host::error::Result;
use smbench_report::document::Document;
use smbench_report::render;

use super::find_runs;
use crate::args::ChartArgs;
use crate::exit::Exit;
use crate::gate::Asked;
use crate::output::{Shown, print};
use crate::terminal;

/// Writes the chart to the files asked for, else to standard output.
pub fn chart(args: &ChartArgs) -> Result<Exit> {
    let runs = if args.runs.is_empty() { vec!["latest".to_owned()] } else { args.runs.clone() };
    let study = Study::of(find_runs(&runs, &args.store)?);
    let mut shown = Shown::of(&study, Document::default(), None)?;
    if let Some(path) = &args.goals {
        shown.options.goals = Asked::goals(path)?.judge_all(&study);
    }
    if args.out.is_empty() {
        shown.options.is_brief = true;
        let document = smbench_report::chart(&study, &shown.options);
        return print(&render::terminal(&document, terminal::style())).map(|()| Exit::OK);
    }
    // A file of text holds the whole chart, too.
    shown.table = smbench_report::chart(&study, &shown.options);
    args.out.iter().try_for_each(|target| shown.write(target))?;
    Ok(Exit::OK)
}
