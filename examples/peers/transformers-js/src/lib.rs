//! smbench peer `transformers-js`: whole decoders in Transformers.js, in a Node of the context's own. It is asked as its users
//! ask it, `await model(inputs)`, with ids and the keys and values of the last call; each answer travels through a pipe, and
//! the receipt says what that costs.

#![deny(unsafe_code)]

mod node;

use std::ffi::CStr;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use node::{Node, Verb};
use smbench_peer_onnx::{head_size, hugging_face};
use smbench_sdk::extension::model::{self, Model, ModelSpec, Pass, Weights};
use smbench_sdk::extension::receipt::{self, Receipt, Receipts};
use smbench_sdk::{Backend, CreateArgs, Error, ExtensionEntry, OpEntry, Result};

/// A context.
struct TransformersJs {
    node: Shared,
    round_trip: Duration,
    threads: usize,
}

/// A decoder: its number in Node, which forgets it when it is dropped.
struct Built {
    node: Shared,
    number: [u8; 4],
    batch: usize,
}

type Shared = Arc<Mutex<Node>>;

/// Where `get` puts the library.
const MODULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../target/peers/transformers-js");

impl Backend for TransformersJs {
    const NAME: &'static CStr = c"transformers-js";
    const VENDOR: &'static CStr = c"huggingface";
    const OPS: &'static [OpEntry<Self>] = &[];
    const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[model::entry(), receipt::entry()];

    fn create(args: &CreateArgs<'_>) -> Result<Self> {
        let modules = Path::new(MODULES);
        if !modules.exists() {
            let get = "get it with `examples/peers/transformers-js/get`";
            return Err(Error::unsupported(format!("Transformers.js is not at {MODULES}; {get}")));
        }
        let start = || -> io::Result<Self> {
            let mut node = Node::start(modules, args.threads)?;
            let round_trip = node.round_trip()?;
            Ok(Self { node: Arc::new(Mutex::new(node)), round_trip, threads: args.threads })
        };
        start().map_err(|error| Error::unsupported(format!("Node does not answer: {error}")))
    }
}

impl Model for TransformersJs {
    type Built = Built;

    fn build(&mut self, spec: &ModelSpec, weights: &Weights<'_>) -> Result<Built> {
        let (file, config) = (hugging_face(spec, weights)?, config(spec));
        let length = (config.len() as u32).to_le_bytes();
        let mut node = lock(&self.node);
        let number = node.ask(Verb::Build, &[&length, config.as_bytes(), &file]).map_err(failed)?;
        let number = number.try_into().map_err(|_| Error::failed("Node's answer is no number"))?;
        Ok(Built { node: Arc::clone(&self.node), number, batch: spec.batch })
    }

    fn forward(&mut self, built: &mut Built, pass: Pass<'_>) -> Result {
        if built.batch > 1 && pass.new > 1 && pass.past_len > 0 {
            return Err(Error::unsupported("several positions behind a past, in more than one sequence"));
        }
        let words = [built.batch as u32, pass.past_len as u32, u32::from(pass.last_only)].map(u32::to_le_bytes);
        let ids: Vec<u8> = pass.ids.iter().flat_map(|id| id.to_le_bytes()).collect();
        let mut node = lock(&built.node);
        let logits = node.ask(Verb::Forward, &[&built.number, words.as_flattened(), &ids]).map_err(failed)?;
        let (logits, rest) = logits.as_chunks();
        if logits.len() != pass.logits.len() || !rest.is_empty() {
            return Err(Error::failed(format!("{} logits came, for {}", logits.len(), pass.logits.len())));
        }
        pass.logits.iter_mut().zip(logits).for_each(|(place, bytes)| *place = f32::from_le_bytes(*bytes));
        Ok(())
    }
}

impl Drop for Built {
    fn drop(&mut self) {
        // A Node that does not answer any more has forgotten everything.
        _ = lock(&self.node).ask(Verb::Forget, &[&self.number]);
    }
}

fn lock(node: &Shared) -> MutexGuard<'_, Node> {
    node.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Receipts for TransformersJs {
    fn model(&self) -> Receipt {
        let micros = self.round_trip.as_secs_f64() * 1e6;
        Receipt {
            implementation: format!(
                "await model(…) on onnxruntime-node; {micros:.0} µs of a pass are the way to Node and back"
            ),
            threads: self.threads,
            ..Receipt::default()
        }
    }
}

/// What Transformers.js must know to make the first, empty keys and values. Heads are as the graph has them.
fn config(spec: &ModelSpec) -> String {
    let (layers, heads) = (spec.layers, spec.heads);
    let width = heads * head_size(spec);
    format!(
        r#"{{"model_type":"gpt2","architectures":["GPT2LMHeadModel"],"n_layer":{layers},"n_head":{heads},"n_embd":{width}}}"#
    )
}

fn failed(error: io::Error) -> Error {
    Error::failed(error.to_string())
}

smbench_sdk::export_backend!(TransformersJs);
