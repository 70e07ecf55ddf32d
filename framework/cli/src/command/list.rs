//! `smbench list`: what there is.

use std::fmt::Write as _;

use smbench_core::config::Config;
use smbench_host::config_file;
use smbench_host::error::Result;
use smbench_host::search::Search;
use smbench_host::store::{RunSummary, Store};
use smbench_suites::{SHIPPED, Suite};

use super::location;
use crate::args::{ListArgs, Listed};
use crate::exit::Exit;
use crate::output::print;
use crate::request::Request;
use crate::shipped::CONFIGS;

/// Prints one list, a line each, columns aligned.
pub fn list(args: &ListArgs) -> Result<Exit> {
    let rows = match args.what {
        Listed::Backends => backends(),
        Listed::Suites => suites()?,
        Listed::Configs => configs()?,
        Listed::Cases => cases(args)?,
        Listed::Ops => ops(),
        Listed::Runs => runs(args)?,
    };
    print(&aligned(&rows)).map(|()| Exit::OK)
}

type Row = Vec<String>;

fn backends() -> Vec<Row> {
    let installed = Search::from_environment().installed();
    installed.into_iter().map(|(name, path)| vec![name, path.display().to_string()]).collect()
}

fn suites() -> Result<Vec<Row>> {
    let row = |(name, text): &(&str, &str)| {
        let suite: Suite = config_file::read(name, text)?;
        Ok(vec![suite.name, suite.about])
    };
    SHIPPED.iter().map(row).collect()
}

fn configs() -> Result<Vec<Row>> {
    let row = |(name, text): &(&str, &str)| {
        let config: Config = config_file::read(name, text)?;
        Ok(vec![(*name).to_owned(), config.about])
    };
    CONFIGS.iter().map(row).collect()
}

fn cases(args: &ListArgs) -> Result<Vec<Row>> {
    let cases = Request::find(args.config.config.as_deref(), &args.select)?.cases(&args.select)?;
    let row = |case: smbench_core::case::Case| {
        let threads = if case.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", case.threads) };
        vec![case.id, threads, format!("{} bound", case.bound.word())]
    };
    Ok(cases.into_iter().map(row).collect())
}

fn ops() -> Vec<Row> {
    let row = |op: &&dyn smbench_ops::Op| vec![op.name().to_owned(), op.dims().join("×"), op.formula().to_owned()];
    smbench_ops::OPS.iter().map(row).collect()
}

fn runs(args: &ListArgs) -> Result<Vec<Row>> {
    let row = |run: RunSummary| {
        let launches = format!("{}/{} launches", run.launches_stored, run.launches_planned);
        let label = run.label.unwrap_or_default();
        let cases = format!("{} cases", run.cases);
        vec![
            run.id,
            run.created,
            run.state.word().to_owned(),
            run.config,
            run.backends.join(","),
            cases,
            launches,
            label,
        ]
    };
    Ok(location(&args.store).open()?.list()?.into_iter().map(row).collect())
}

/// Columns as wide as their widest cell, two spaces between.
fn aligned(rows: &[Row]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(aligned(&[row(["a", "x"]), row(["bcd×", "y"])]), "a     x\nbcd×  y\n");
    }
}
