//! `smbench chart`: the comparison chart of stored runs.

use smbench_core::study::Study;
use smbench_host::error::Result;
use smbench_report::{Options, render};

use super::{command_line, find_runs};
use crate::args::ChartArgs;
use crate::exit::Exit;
use crate::output::{Shown, print};
use crate::terminal;

/// Writes the chart to the files asked for, else to standard output.
pub fn chart(args: &ChartArgs) -> Result<Exit> {
    let runs = if args.runs.is_empty() { vec!["latest".to_owned()] } else { args.runs.clone() };
    let study = Study::of(find_runs(&runs, &args.store)?);
    let document = smbench_report::chart(&study, &Options { command: command_line() });
    if args.out.is_empty() {
        return print(&render::terminal(&document, terminal::style())).map(|()| Exit::OK);
    }
    let shown = Shown { study: &study, table: document, command: command_line(), ruling: None };
    args.out.iter().try_for_each(|target| shown.write(target))?;
    Ok(Exit::OK)
}
