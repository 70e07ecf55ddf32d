//! The commands, one file each.

mod ab;
mod chart;
mod check;
mod compare;
mod completions;
mod doctor;
mod export;
mod gc;
mod history;
mod import;
mod list;
mod loop_case;
mod new;
mod note;
mod replay;
mod run;
mod show;

use std::env;
use std::path::Path;

use smbench_core::run::Run;
use smbench_host::error::Result;
use smbench_host::store::location::Location;
use smbench_host::store::{Store, find_run};

use crate::args::{Command, StoreArgs};
use crate::exit::Exit;

/// Runs a command.
pub fn run(command: Command) -> Result<Exit> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Ab(args) => ab::ab(&args),
        Command::Show(args) => show::show(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Chart(args) => chart::chart(&args),
        Command::History(args) => history::history(&args),
        Command::List(args) => list::list(&args),
        Command::New(args) => new::new(&args),
        Command::Check(args) => check::check(&args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Loop(args) => loop_case::loop_case(&args),
        Command::Import(args) => import::import(&args),
        Command::Export(args) => export::export(&args),
        Command::Note(args) => note::note(&args),
        Command::Gc(args) => gc::gc(&args),
        Command::Completions { shell } => completions::completions(shell),
    }
}

/// Where runs are kept.
pub fn location(args: &StoreArgs) -> Location {
    args.store.as_deref().map_or_else(|| Location::find(Path::new(".")), Location::named)
}

/// The runs behind what was typed.
fn find_runs(texts: &[String], store: &StoreArgs) -> Result<Vec<Run>> {
    let open = || location(store).open().map(|store| Box::new(store) as Box<dyn Store>);
    texts.iter().map(|text| find_run(text, open)).collect()
}

/// The command line, as it can be typed again.
pub fn command_line() -> String {
    let quoted = |argument: String| match argument.contains([' ', '|', '*', '(', '$', '"']) {
        true => format!("'{argument}'"),
        false => argument,
    };
    let arguments: Vec<String> = env::args().skip(1).map(quoted).collect();
    format!("smbench {}", arguments.join(" "))
}
