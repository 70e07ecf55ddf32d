//! smbench peer `rten`: whole decoders in rten, which reads them as ONNX and runs them in a thread pool of the context's
//! own. Keys and values are handed to rten and come back longer by what is new: it writes into the room that is left.

#![deny(unsafe_code)]

use std::ffi::CStr;
use std::sync::Arc;

use rten::{Model as Graph, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::{AsView, Layout, NdTensor, NdTensorView};
use smbench_peer_onnx::{self as onnx, failed};
use smbench_sdk::extension::model::{Model, ModelSpec, Pass, Weights};
use smbench_sdk::extension::receipt::{Receipt, Receipts};
use smbench_sdk::extension::session::Runner;
use smbench_sdk::extension::{self, Session};
use smbench_sdk::{Backend, CreateArgs, Error, ExtensionEntry, OpEntry, Result};

/// A context.
struct Rten {
    threads: Threads,
    /// How many.
    count: usize,
}

/// rten's own threads.
#[derive(Clone)]
struct Threads(Arc<ThreadPool>);

/// A decoder.
struct Built {
    spec: ModelSpec,
    graph: Graph,
    inputs: Inputs,
    /// Logits, and what `past` becomes.
    outputs: Vec<NodeId>,
    feed: onnx::Feed,
    /// Keys and values of each layer, `[batch, heads, positions, head]`, with room for the whole context; none before the
    /// first pass.
    past: Vec<NdTensor<f32, 4>>,
}

/// The graph's inputs.
struct Inputs {
    ids: NodeId,
    positions: NodeId,
    last: NodeId,
    total: NodeId,
    rows: NodeId,
    past: Vec<NodeId>,
}

/// The axis of `past` along which positions lie.
const POSITIONS: usize = 2;

impl Backend for Rten {
    const NAME: &'static CStr = c"rten";
    const VENDOR: &'static CStr = c"robertknight";
    const OPS: &'static [OpEntry<Self>] = &[];
    const EXTENSIONS: &'static [ExtensionEntry<Self>] =
        &[extension::model::entry(), extension::receipt::entry(), extension::session::entry()];

    fn create(args: &CreateArgs<'_>) -> Result<Self> {
        Ok(Self { threads: Threads(Arc::new(ThreadPool::with_num_threads(args.threads))), count: args.threads })
    }
}

impl Receipts for Rten {
    fn model(&self) -> Receipt {
        Receipt {
            implementation: "rten's fused attention; weights prepacked".to_owned(),
            threads: self.count,
            ..Receipt::default()
        }
    }
}

impl Session for Rten {
    type Runner = Threads;

    fn runner(&self) -> Threads {
        self.threads.clone()
    }
}

impl Runner for Threads {
    fn run(&self, body: impl FnOnce() + Send) {
        self.0.run(body);
    }
}

impl Model for Rten {
    type Built = Built;

    fn build(&mut self, spec: &ModelSpec, weights: &Weights<'_>) -> Result<Built> {
        let file = onnx::decoder(spec, weights)?;
        let mut options = ModelOptions::with_all_ops();
        let graph = options.prepack_weights(true).load(file).map_err(failed)?;
        let node = |name: &str| graph.node_id(name).map_err(failed);
        let inputs = Inputs {
            ids: node(onnx::name::IDS)?,
            positions: node(onnx::name::POSITIONS)?,
            last: node(onnx::name::LAST)?,
            total: node(onnx::name::TOTAL)?,
            rows: node(onnx::name::ROWS)?,
            past: onnx::Past::inputs(spec).map(|name| node(&name)).collect::<Result<_>>()?,
        };
        let presents = onnx::Past::outputs(spec).map(|name| node(&name));
        let outputs = std::iter::once(node(onnx::name::LOGITS)).chain(presents).collect::<Result<_>>()?;
        Ok(Built { spec: *spec, graph, inputs, outputs, feed: onnx::Feed::default(), past: Vec::new() })
    }

    fn forward(&mut self, built: &mut Built, pass: Pass<'_>) -> Result {
        built.feed.fill(&built.spec, &pass)?;
        let past = built.take_past(pass.past_len)?;
        let Built { graph, inputs, outputs, feed, .. } = &*built;
        let vector = |values| ValueOrView::from(NdTensorView::<i32, 1>::from(values));
        let mut values = vec![
            (inputs.ids, vector(&*feed.ids)),
            (inputs.positions, vector(&*feed.positions)),
            (inputs.last, vector(&*feed.last)),
            (inputs.total, Value::from(feed.total).into()),
            (inputs.rows, vector(&*feed.rows)),
        ];
        values.extend(inputs.past.iter().copied().zip(past.into_iter().map(|past| Value::from(past).into())));
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.threads.0)));
        let mut answers = graph.run(values, outputs, Some(options)).map_err(failed)?.into_iter();
        let logits = answers.next().ok_or_else(|| Error::failed("rten gave no logits"))?;
        let logits: NdTensor<f32, 2> = logits.try_into().map_err(failed)?;
        pass.logits.copy_from_slice(logits.data().ok_or_else(|| Error::failed("rten's logits have gaps"))?);
        built.past = answers.map(|present| present.try_into().map_err(failed)).collect::<Result<_>>()?;
        Ok(())
    }
}

impl Built {
    /// Keys and values of so many positions; what was remembered of later ones is forgotten. They come back when the
    /// graph has run; if it fails, all is forgotten.
    fn take_past(&mut self, len: usize) -> Result<Vec<NdTensor<f32, 4>>> {
        let mut past = std::mem::take(&mut self.past);
        if past.is_empty() {
            let ModelSpec { batch, heads, context, .. } = self.spec;
            let size = [batch, heads, context, onnx::head_size(&self.spec)];
            past = self.inputs.past.iter().map(|_| NdTensor::with_capacity(size, POSITIONS)).collect();
        }
        for tensor in &mut past {
            let known = tensor.size(POSITIONS);
            if len > known {
                return Err(Error::invalid(format!("{len} positions are past, and {known} remembered")));
            }
            tensor.clip_dim(POSITIONS, 0..len);
        }
        Ok(past)
    }
}

smbench_sdk::export_backend!(Rten);
