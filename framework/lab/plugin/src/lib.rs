//! The subject of experiments: smbench's kernels, with a `Pace` of which the truth is known. Without options it runs
//! each call once, and a byte copy of it is the same code.

#![deny(unsafe_code)]

mod op;
mod pace;
mod share;

use std::ffi::CStr;

use pace::Pace;
use smbench_kernels::{Kernels, MatmulScratch};
use smbench_sdk::extension::{self, Session};
use smbench_sdk::{Backend, CreateArgs, ExtensionEntry, OpEntry, Result, ThreadPool, op as sdk};

/// A context.
struct Subject {
    kernels: &'static Kernels,
    pace: Pace,
    threads: ThreadPool,
    /// For packed panels; one per thread.
    scratch: Vec<MatmulScratch>,
}

impl Backend for Subject {
    const NAME: &'static CStr = c"lab";
    const VENDOR: &'static CStr = c"smbench";

    const OPS: &'static [OpEntry<Self>] = &[
        sdk::matmul::entry(),
        sdk::add::entry(),
        sdk::mul::entry(),
        sdk::scale::entry(),
        sdk::gelu::entry(),
        sdk::softmax::entry(),
        sdk::layernorm::entry(),
    ];

    const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[extension::session::entry()];

    const OPTIONS: &'static [&'static str] = Pace::OPTIONS;

    fn create(args: &CreateArgs<'_>) -> Result<Self> {
        Ok(Self {
            kernels: Kernels::best(),
            pace: Pace::new(|key| args.option(key), pace::unix_seconds())?,
            threads: ThreadPool::new(args.threads)?,
            scratch: (0..args.threads).map(|_| MatmulScratch::new()).collect(),
        })
    }
}

impl Session for Subject {
    type Runner = ThreadPool;

    fn runner(&self) -> ThreadPool {
        self.threads.clone()
    }
}

smbench_sdk::export_backend!(Subject);
