//! `smbench compare`: stored runs beside each other, with the evidence that allows.

use smbench_core::study::Study;
use smbench_host::error::{Error, Result};
use smbench_report::{View, comparison_table};

use super::{command_line, find_runs};
use crate::args::CompareArgs;
use crate::exit::Exit;
use crate::output::Shown;
use crate::request::regexes;

/// Prints two runs or more side by side.
pub fn compare(args: &CompareArgs) -> Result<Exit> {
    let runs = match args.runs.as_slice() {
        [] => vec!["latest~1".to_owned(), "latest".to_owned()],
        [only] => {
            let two = if only == "latest" { "latest~1 latest".to_owned() } else { format!("{only} latest") };
            return Err(Error::usage(format!("only one run to compare: `{only}`"))
                .help(format!("name two, oldest first: `smbench compare {two}`")));
        }
        several => several.to_vec(),
    };
    let study = Study::of(find_runs(&runs, &args.store)?);
    let filters = regexes("--filter", &args.view.filters)?;
    let shows = |id: &str| filters.is_empty() || filters.iter().any(|filter| filter.is_match(id));
    let table = comparison_table(&study, &View { filter: &shows });
    Shown { study: &study, table, command: command_line() }.put(&args.output)?;
    Ok(Exit::OK)
}
