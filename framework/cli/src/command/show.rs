//! `smbench show`: a stored run's table again. No plugin is loaded, no clock is read.

use smbench_core::backend::Backend;
use smbench_core::study::Study;
use smbench_host::error::Result;
use smbench_report::View;

use super::find_runs;
use crate::args::ShowArgs;
use crate::exit::Exit;
use crate::output::{Shown, print, run_table};
use crate::view::Shows;

/// Prints one run.
pub fn show(args: &ShowArgs) -> Result<Exit> {
    let study = Study::of(find_runs(std::slice::from_ref(&args.run), &args.store)?);
    let shows = Shows::of(&args.view, args.only, &study)?;
    if args.samples {
        return print(&samples(&study, &|id| shows.case(id))).map(|()| Exit::OK);
    }
    let table = run_table(&study, &View { filter: &|row| shows.row(row) }, None);
    Shown::of(&study, table, None)?.put(&args.output)?;
    Ok(Exit::OK)
}

/// Whose samples are those of no backend.
const CONTROL: &str = "A/A control";

/// One line for every sample: what a script or a doubter reads.
fn samples(study: &Study, shows: &dyn Fn(&str) -> bool) -> String {
    let mut text = "case\tthreads\tbackend\tlaunch\tround\tposition\tcalls\tns\n".to_owned();
    for run in &study.runs {
        for stored in &run.launches {
            let case = &run.plan.cases[stored.case];
            for (backend, series) in stored.launch.series.iter().filter(|_| shows(&case.id)) {
                let alias = run.plan.backends.get(*backend).map_or(CONTROL, Backend::alias);
                for index in 0..series.len() {
                    let (round, position) = (series.round[index], series.position[index]);
                    let (calls, ns) = (series.calls[index], series.ns[index]);
                    let (id, threads, launch) = (&case.id, case.threads, stored.number);
                    text.push_str(&format!("{id}\t{threads}\t{alias}\t{launch}\t{round}\t{position}\t{calls}\t{ns}\n"));
                }
            }
        }
    }
    text
}
