//! `smbench import`: reports of other tools, and runs that were exported, into the store.

use std::collections::BTreeSet;
use std::path::Path;

use smbench_core::imported::{Copied, Imported};
use smbench_core::run::{Run, State};
use smbench_host::error::Result;
use smbench_host::file;
use smbench_host::import::{self, Format, Head};
use smbench_host::store::Store;
use smbench_host::store::name::check_label;

use super::location;
use crate::args::{ImportArgs, ImportFormat};
use crate::exit::Exit;
use crate::output::print;

/// Reads every file before the first is stored, and prints the id of each.
pub fn import(args: &ImportArgs) -> Result<Exit> {
    args.label.as_deref().map_or(Ok(()), check_label)?;
    let runs = args.files.iter().map(|path| read(args, path)).collect::<Result<Vec<Run>>>()?;
    let mut store = location(&args.store).open_or_create()?;
    for run in runs {
        let label = run.label.clone().unwrap_or_default();
        let id = keep(&mut store, run)?;
        print(&format!("{id}  {label}\n"))?;
    }
    Ok(Exit::OK)
}

fn read(args: &ImportArgs, path: &Path) -> Result<Run> {
    let format = match args.format {
        ImportFormat::Run => return exported(path, args.label.as_deref()),
        ImportFormat::Codeprofiler => import::codeprofiler::FORMAT,
        ImportFormat::Criterion => import::criterion::FORMAT,
        ImportFormat::GoogleBenchmark => import::google_benchmark::FORMAT,
        ImportFormat::Hyperfine => import::hyperfine::FORMAT,
    };
    report(path, &format, args.label.clone().map_or_else(|| label(path), Ok)?)
}

fn report(path: &Path, format: &Format, label: String) -> Result<Run> {
    let (sources, changed) = import::gather(path, format)?;
    let report = (format.parse)(&sources)?;
    for fault in &report.faults {
        anstream::eprintln!("warning: {}:{}: {}", path.display(), fault.line, fault.what.escape_debug());
    }
    if report.created.is_none() {
        anstream::eprintln!("warning: {}: it does not say when it was made; its file's date is taken", path.display());
    }
    let command = format!("smbench import {} {}", format.name, path.display());
    report.into_run(format, Head { command, label, changed, smbench: env!("CARGO_PKG_VERSION").to_owned() })
}

/// Nobody goes on with a run of another store.
fn exported(path: &Path, label: Option<&str>) -> Result<Run> {
    let run = file::read(path)?;
    let state = if run.state == State::Running { State::Interrupted } else { run.state };
    let label = label.map(str::to_owned).or(run.label);
    label.as_deref().map_or(Ok(()), check_label)?;
    Ok(Run { label, state, ..run })
}

/// The file's stem, as far as it can be typed back.
fn label(path: &Path) -> Result<String> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let typed = |c: char| if c.is_whitespace() || c.is_control() || c == '~' { '-' } else { c };
    let label: String = stem.chars().map(typed).collect();
    let label = label.trim_start_matches('-').to_owned();
    check_label(&label).map_err(|error| error.help("name it: `--label LABEL`"))?;
    Ok(label)
}

/// The id that the content has from now on. What is there already is not stored again; another date of it is kept.
fn keep(store: &mut dyn Store, run: Run) -> Result<String> {
    let known = match &run.imported {
        Some(Imported { content, .. }) => store.find_content(content)?,
        None => None,
    };
    let Some(id) = known else {
        store.import(&run)?;
        return Ok(run.id);
    };
    let there = store.load(&id)?;
    let copies = there.imported.iter().flat_map(|imported| &imported.copies);
    let names: BTreeSet<&str> = copies.map(|copy| &*copy.label).chain(there.label.as_deref()).collect();
    let label = run.label.unwrap_or_default();
    let (made, now) = (&there.created, &run.created);
    anstream::eprintln!(
        "`{label}` holds the same content as {id}, made {made}: one run{}",
        match made == now {
            true => String::new(),
            false => format!(", though `{label}` says {now}"),
        }
    );
    if !names.contains(label.as_str()) || made != now {
        store.save_copy(&id, &Copied { label, created: run.created })?;
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_stems_that_can_be_typed() {
        #[track_caller]
        fn check(path: &str, want: Option<&str>) {
            assert_eq!(label(Path::new(path)).ok().as_deref(), want, "{path}");
        }
        check("a/2026-02-03-23_06_46.md", Some("2026-02-03-23_06_46"));
        check("target/criterion", Some("criterion"));
        check("my report~1.json", Some("my-report-1"));
        check("latest.json", None);
    }
}
