//! smbench: the command line. The only crate that prints, and this the only place that exits.

mod args;
mod backend;
mod command;
mod exit;
mod gate;
mod interrupt;
#[cfg(all(target_os = "linux", target_env = "gnu", feature = "count-allocations"))]
mod malloc;
mod measure;
mod output;
mod own_case;
mod pattern;
mod png;
mod progress;
mod request;
mod shipped;
mod stored_case;
mod stored_plugin;
mod terminal;
mod view;

use std::process::ExitCode;

use clap::Parser;
use smbench_host::worker;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(worker::ARGUMENT) {
        let page = arguments.next().and_then(|descriptor| descriptor.parse().ok());
        let parent = arguments.next().and_then(|parent| parent.parse().ok());
        smbench_harness::serve(worker_host(), page, parent);
    }
    let args = args::Args::parse();
    match command::run(args.command) {
        Ok(exit) => exit.into(),
        Err(error) => {
            anstream::eprintln!("{}", error.render(true));
            ExitCode::from(error.kind.exit_code())
        }
    }
}

/// What a worker of this binary can do.
fn worker_host() -> smbench_harness::Host {
    #[cfg(all(target_os = "linux", target_env = "gnu", feature = "count-allocations"))]
    let allocations = Some(malloc::COUNTER);
    #[cfg(not(all(target_os = "linux", target_env = "gnu", feature = "count-allocations")))]
    let allocations = None;
    smbench_harness::Host { workload: smbench_suites::workload, allocations }
}
