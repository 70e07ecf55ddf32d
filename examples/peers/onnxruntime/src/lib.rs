//! smbench peer `onnxruntime`: whole decoders in ONNX Runtime, through the crate `ort`. Inputs, logits, keys and values lie
//! in tensors that are bound once for each number of new positions, so that a pass costs no look-up and no allocation of
//! ours, and keys and values are appended where they lie.

#![deny(unsafe_code)]

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::CStr;
use std::fs;
use std::path::Path;
use std::ptr;
use std::sync::OnceLock;

use ort::AsPointer;
use ort::environment::Environment;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{IoBinding, Session};
use ort::value::Tensor;
use smbench_peer_onnx::{self as onnx, failed, name};
use smbench_sdk::extension::model::{self, Model, ModelSpec, Pass, Weights};
use smbench_sdk::extension::receipt::{self, Receipt, Receipts};
use smbench_sdk::{Backend, CreateArgs, Error, ExtensionEntry, OpEntry, Result};

/// A context.
struct OnnxRuntime {
    environment: &'static Environment,
    threads: usize,
    /// Where the last ONNX file is left, if anywhere.
    keep: Option<String>,
}

/// A decoder.
struct Built {
    spec: ModelSpec,
    session: Session,
    /// Keys and values of each layer, `[batch, heads, context, head]`. How much of them counts, every pass says anew.
    past: Vec<Tensor<f32>>,
    feed: onnx::Feed,
    /// By the number of new positions, and whether the last logits only are wanted.
    passes: HashMap<(usize, bool), Bound>,
}

/// Inputs and outputs of passes of one shape.
struct Bound {
    binding: IoBinding,
    ids: Tensor<i32>,
    positions: Tensor<i32>,
    last: Tensor<i32>,
    total: Tensor<i32>,
    rows: Tensor<i32>,
    logits: Tensor<f32>,
}

/// Where the library is, unless the option `library` says otherwise.
const LIBRARY: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../target/peers/onnxruntime/libonnxruntime.so.1.32.0");

impl Backend for OnnxRuntime {
    const NAME: &'static CStr = c"onnxruntime";
    const VENDOR: &'static CStr = c"microsoft";
    const OPS: &'static [OpEntry<Self>] = &[];
    const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[model::entry(), receipt::entry()];
    const OPTIONS: &'static [&'static str] = &["library", "keep"];

    fn create(args: &CreateArgs<'_>) -> Result<Self> {
        let environment = environment(Path::new(args.option("library").unwrap_or(LIBRARY)))?;
        Ok(Self { environment, threads: args.threads, keep: args.option("keep").map(str::to_owned) })
    }
}

/// ONNX Runtime has one environment in a process: the first context opens the library.
fn environment(library: &Path) -> Result<&'static Environment> {
    static ENVIRONMENT: OnceLock<Result<Environment>> = OnceLock::new();
    let open = || {
        if !library.exists() {
            let get = "get it with `examples/peers/onnxruntime/get`";
            return Err(Error::unsupported(format!("ONNX Runtime is not at {}; {get}", library.display())));
        }
        ort::init_from(library).map_err(failed)?.build().map_err(failed)
    };
    ENVIRONMENT.get_or_init(open).as_ref().map_err(Error::clone)
}

impl Model for OnnxRuntime {
    type Built = Built;

    fn build(&mut self, spec: &ModelSpec, weights: &Weights<'_>) -> Result<Built> {
        let file = onnx::decoder(spec, weights)?;
        self.keep.iter().try_for_each(|path| fs::write(path, &file)).map_err(failed)?;
        let session = self.session(&file).map_err(failed)?;
        let size = [spec.batch, spec.heads, spec.context, onnx::head_size(spec)];
        let past = onnx::Past::inputs(spec).map(|_| Tensor::new(session.allocator(), size));
        let past = past.collect::<ort::Result<_>>().map_err(failed)?;
        Ok(Built { spec: *spec, session, past, feed: onnx::Feed::default(), passes: HashMap::new() })
    }

    fn forward(&mut self, built: &mut Built, pass: Pass<'_>) -> Result {
        built.feed.fill(&built.spec, &pass)?;
        built.run((pass.new, pass.last_only), pass.logits).map_err(failed)
    }
}

impl Receipts for OnnxRuntime {
    fn model(&self) -> Receipt {
        Receipt {
            implementation: "GroupQueryAttention; all optimisations but SkipLayerNormFusion".to_owned(),
            threads: self.threads,
            ..Receipt::default()
        }
    }
}

impl OnnxRuntime {
    /// With all optimisations but one, which makes this graph slower: see the graph's own description.
    ///
    /// Its threads wait by spinning, as they do by default, but not beyond a pass: there they would take the other core
    /// from whoever is measured next.
    fn session(&self, file: &[u8]) -> ort::Result<Session> {
        Session::builder(self.environment)?
            .with_intra_threads(self.threads)?
            .with_inter_threads(1)?
            .with_optimization_level(GraphOptimizationLevel::All)?
            .with_disabled_optimizers("SkipLayerNormFusion")?
            .with_config_entry("session.force_spinning_stop", "1")?
            .commit_from_memory(file)
    }
}

impl Built {
    fn run(&mut self, shape: (usize, bool), logits: &mut [f32]) -> ort::Result<()> {
        let Self { spec, session, past, feed, passes } = self;
        let bound = match passes.entry(shape) {
            Entry::Occupied(bound) => bound.into_mut(),
            Entry::Vacant(place) => place.insert(Bound::new(spec, session, past, feed)?),
        };
        bound.write(feed);
        run(session, &bound.binding)?;
        logits.copy_from_slice(bound.logits.extract_tensor().1);
        Ok(())
    }
}

/// What `Session::run_binding` does, but that makes values of all outputs, which are at hand here: 4 % of a step of the
/// small model (2026-11).
#[allow(unsafe_code)]
fn run(session: &mut Session, binding: &IoBinding) -> ort::Result<()> {
    // SAFETY: a live session, used by this call alone, and a binding that was made for it.
    unsafe {
        ort::Error::result_from_status((ort::api().RunWithBinding)(session.ptr_mut(), ptr::null(), binding.ptr()))
    }
}

impl Bound {
    fn new(spec: &ModelSpec, session: &Session, past: &mut [Tensor<f32>], feed: &onnx::Feed) -> ort::Result<Self> {
        let (allocator, mut binding) = (session.allocator(), session.create_binding()?);
        let mut input = |name: &str, size: &[usize]| {
            let tensor = Tensor::<i32>::new(allocator, size)?;
            binding.bind_input(name, &tensor).map(|()| tensor)
        };
        let ids = input(name::IDS, &[feed.ids.len()])?;
        let positions = input(name::POSITIONS, &[feed.positions.len()])?;
        let last = input(name::LAST, &[spec.batch])?;
        let total = input(name::TOTAL, &[])?;
        let rows = input(name::ROWS, &[feed.rows.len()])?;
        let mut logits = Tensor::new(allocator, [feed.rows.len(), spec.vocabulary])?;
        binding.bind_output(name::LOGITS, &mut logits)?;
        // What is read as the past and written as the present is the same memory: nothing is copied.
        for ((input, output), tensor) in onnx::Past::inputs(spec).zip(onnx::Past::outputs(spec)).zip(past) {
            binding.bind_input(input, tensor)?;
            binding.bind_output(output, tensor)?;
        }
        Ok(Self { binding, ids, positions, last, total, rows, logits })
    }

    fn write(&mut self, feed: &onnx::Feed) {
        let write = |tensor: &mut Tensor<i32>, values: &[i32]| tensor.extract_tensor_mut().1.copy_from_slice(values);
        write(&mut self.ids, &feed.ids);
        write(&mut self.positions, &feed.positions);
        write(&mut self.last, &feed.last);
        write(&mut self.total, &[feed.total]);
        write(&mut self.rows, &feed.rows);
    }
}

smbench_sdk::export_backend!(OnnxRuntime);
