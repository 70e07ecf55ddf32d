//! The command line as clap sees it.

use std::path::PathBuf;

use clap::Parser;

use crate::step::Effort;

/// Proves by experiment what smbench says of its verdicts.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask lab", max_term_width = 100)]
pub struct Args {
    /// Which experiments [default: all but those that ask to be named]
    pub names: Vec<String>,
    /// Print the experiments and what they ask, and stop
    #[arg(long)]
    pub list: bool,
    /// A smoke run: fewer cases and launches, claims nothing
    #[arg(long)]
    pub quick: bool,
    /// Where the seeds of the runs come from
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Write the table into this file, too
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

impl Args {
    /// How much is done.
    pub fn effort(&self) -> Effort {
        if self.quick { Effort::Smoke } else { Effort::Full }
    }
}
