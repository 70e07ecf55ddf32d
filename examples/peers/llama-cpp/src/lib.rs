//! smbench peer `llama-cpp`: whole decoders in llama.cpp, which gets them as GGUF and runs them on ggml's CPU kernels.
//!
//! Weights are f32. Keys and values are remembered in f16, which is llama.cpp's default, or in f32 (option `cache`); GELU is
//! looked up in a table of f16 in either case. Option `keep` names a file that the last GGUF is left in.

#![deny(unsafe_code)]

mod decoder;
#[allow(unsafe_code)]
mod engine;
mod gguf;

use std::ffi::CStr;
use std::fs::File;
use std::io::BufWriter;
use std::thread;

use engine::{Cache, Decoder, Sizes, Threads};
use smbench_sdk::extension::model::{self, Model, ModelSpec, Pass, Weights};
use smbench_sdk::extension::receipt::{self, Receipt, Receipts};
use smbench_sdk::extension::session::{self, Runner, Session};
use smbench_sdk::{Backend, CreateArgs, Error, ExtensionEntry, OpEntry, Result};

/// A context.
struct LlamaCpp {
    threads: Threads,
    cache: Cache,
    /// Where the last GGUF is left, if anywhere.
    keep: Option<String>,
}

impl Backend for LlamaCpp {
    const NAME: &'static CStr = c"llama-cpp";
    const VENDOR: &'static CStr = c"ggml-org";
    const OPS: &'static [OpEntry<Self>] = &[];
    const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[model::entry(), receipt::entry(), session::entry()];
    const OPTIONS: &'static [&'static str] = &["cache", "keep"];

    /// No more threads than cores: ggml's wait for each other by spinning.
    fn create(args: &CreateArgs<'_>) -> Result<Self> {
        let cache = match args.option("cache") {
            None | Some("f16") => Cache::F16,
            Some("f32") => Cache::F32,
            Some(other) => return Err(Error::unsupported(format!("cache is `{other}`, and may be f16 or f32"))),
        };
        let threads = args.threads.min(thread::available_parallelism().map_or(1, usize::from));
        let threads = Threads::new(threads).ok_or_else(|| Error::out_of_memory("ggml makes no threads"))?;
        Ok(Self { threads, cache, keep: args.option("keep").map(str::to_owned) })
    }
}

impl Model for LlamaCpp {
    type Built = Decoder;

    fn build(&mut self, spec: &ModelSpec, weights: &Weights<'_>) -> Result<Decoder> {
        let gguf = decoder::gguf(spec, weights)?;
        if let Some(path) = &self.keep {
            let kept = File::create(path).and_then(|file| gguf.write(&mut BufWriter::new(file)));
            kept.map_err(|error| Error::failed(format!("cannot write {path}: {error}")))?;
        }
        let ModelSpec { batch, context, vocabulary, .. } = *spec;
        Decoder::load(&gguf, Sizes { batch, context, vocabulary, cache: self.cache }, &self.threads)
            .map_err(Error::failed)
    }

    fn forward(&mut self, decoder: &mut Decoder, pass: Pass<'_>) -> Result {
        decoder.forward(pass.ids, pass.past_len, pass.last_only, pass.logits).map_err(Error::failed)
    }
}

impl Receipts for LlamaCpp {
    fn model(&self) -> Receipt {
        let cache = self.cache.word();
        Receipt {
            implementation: format!(
                "llama.cpp on ggml {}; weights in f32, keys and values in {cache}",
                engine::version()
            ),
            tier: engine::tier().to_owned(),
            threads: self.threads.count,
            ..Receipt::default()
        }
    }
}

/// Between passes of one sample ggml's threads spin, as they do for its users; behind them they would take the other core
/// from whoever is measured next.
impl Session for LlamaCpp {
    type Runner = Threads;

    fn runner(&self) -> Threads {
        self.threads.clone()
    }
}

impl Runner for Threads {
    fn run(&self, body: impl FnOnce() + Send) {
        body();
        self.rest();
    }
}

smbench_sdk::export_backend!(LlamaCpp);
