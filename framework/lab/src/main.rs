//! `cargo xtask lab`: experiments that prove from outside what smbench says of its verdicts (METHOD §6).
//!
//! It runs the `smbench` beside it as anybody would, on a plugin of which the truth is known, and reads the JSON of
//! `docs/run.schema.json`. Nothing here calls smbench's own code but for a quantile.

mod answer;
mod args;
mod conduct;
mod criterion;
mod experiment;
mod finding;
mod million;
mod neighbour;
mod report;
mod smbench;
mod step;
mod table;
mod tally;

use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use clap::Parser;

use args::Args;
use conduct::Laboratory;
use experiment::{EXPERIMENTS, Experiment};
use step::Effort;
use table::{Header, Row};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        // The lab starts itself again for what needs a process of its own.
        [neighbour::WORD, seconds] => neighbour::disturb(seconds),
        [million::WORD, plugin, elements] => million::print(plugin, elements),
        _ => lab(&Args::parse()),
    };
    done.unwrap_or_else(|why| {
        eprintln!("error: {why}");
        ExitCode::from(2)
    })
}

fn lab(args: &Args) -> Result<ExitCode, String> {
    let chosen = experiment::choose(&args.names)?;
    if args.list {
        print!("{}", table::list(EXPERIMENTS));
        return Ok(ExitCode::SUCCESS);
    }
    let mut laboratory = Laboratory::open(args.effort(), args.seed)?;
    let (began, load) = (Instant::now(), fs::read_to_string("/proc/loadavg").unwrap_or_default());
    predict(&laboratory, &chosen)?;
    let rows: Vec<Row> = chosen.iter().map(|experiment| conduct(&mut laboratory, *experiment)).collect();
    let header = Header {
        command: command(),
        effort: args.effort(),
        seed: args.seed,
        run: laboratory.first(),
        load: load.split(' ').next().unwrap_or("?").to_owned(),
        took: began.elapsed(),
    };
    let text = table::markdown(&header, &rows);
    print!("{text}");
    if let Some(file) = &args.out {
        fs::write(file, &text).map_err(at(file))?;
    }
    // A smoke run claims nothing, neither success nor failure.
    let failed = args.effort() == Effort::Full && rows.iter().any(Row::failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Says how long it will take, before it does.
fn predict(laboratory: &Laboratory, chosen: &[&dyn Experiment]) -> Result<(), String> {
    let mut all = Duration::ZERO;
    for experiment in chosen {
        let predicted = laboratory.predict(*experiment)?;
        eprintln!("{:24} about {}", experiment.name(), table::shown(predicted));
        all += predicted;
    }
    eprintln!("{:24} about {}; leave the machine alone meanwhile", "together", table::shown(all));
    Ok(())
}

/// One experiment; what goes wrong in it is its own row, and the others go on.
fn conduct(laboratory: &mut Laboratory, experiment: &'static dyn Experiment) -> Row {
    let began = Instant::now();
    let findings = laboratory.conduct(experiment).map(|answers| experiment.judge(&answers));
    let row = Row { experiment, findings, took: began.elapsed() };
    eprint!("{}", row.told(laboratory.effort));
    row
}

/// The command line as it was given to cargo.
fn command() -> String {
    env::args().skip(1).fold("cargo xtask lab".to_owned(), |line, word| format!("{line} {word}"))
}

/// What the system said of a file, as the lab's errors say it.
fn at(path: &std::path::Path) -> impl Fn(io::Error) -> String {
    let shown = path.display().to_string();
    move |error| format!("{shown}: {error}")
}
