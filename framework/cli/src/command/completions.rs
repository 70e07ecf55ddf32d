//! `smbench completions`: a completion script for a shell.

use clap::CommandFactory;
use smbench_host::error::Result;

use crate::args::Args;
use crate::exit::Exit;
use crate::output::print;

/// Prints the script.
pub fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "smbench", &mut script);
    print(&String::from_utf8_lossy(&script)).map(|()| Exit::OK)
}
