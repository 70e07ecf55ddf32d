//! One op: into the host's buffer, into the backend's own, or over its input.

mod backend_output;
mod host_output;
mod in_place;

use smbench_abi::Tensor;
use smbench_core::cache::Cache;
use smbench_core::outcome::Extremes;
use smbench_harness::{Buffers, Depth, Look, Slot, Workload};
use smbench_ops::{Args, Furthest, InPlace, Op, Operand, Problem, Regime};

use crate::extremes::extremes;
use crate::suite::Output;

/// Ops that simpler ones add up to.
const COMPOSED: [&str; 3] = ["add_layernorm", "attention", "attention_full"];

/// Are all operands the host's, each at one place?
pub fn flushable(output: Output) -> bool {
    output == Output::Host
}

/// Can the op be run this way?
pub fn supported(op: &str, output: Output, cache: Cache) -> Result<(), String> {
    let never = smbench_ops::find(op).is_none_or(|op| op.in_place() == InPlace::Never);
    match output {
        Output::InPlace if never => Err(format!("`{op}` cannot be run in place: leave `output` out")),
        Output::Composed if !COMPOSED.contains(&op) => {
            Err(format!("`{op}` is not composed of other ops; {} are: leave `output` out", COMPOSED.join(", ")))
        }
        _ if cache == Cache::Cold && !flushable(output) => Err(format!(
            "`{op}` cannot be run cold with this `output`: only the host's buffers can be flushed; leave one of them out"
        )),
        _ => Ok(()),
    }
}

/// The workload of `op` at `size`.
pub fn workload(op: &'static dyn Op, size: &[usize], output: Output, cache: Cache) -> Box<dyn Workload> {
    let subject = Subject { op, problem: op.problem(size) };
    match output {
        Output::Host => Box::new(host_output::HostOutput { subject, cache }),
        Output::Backend | Output::Composed => Box::new(backend_output::BackendOutput { subject, output }),
        Output::InPlace => Box::new(in_place::InPlaceOp::new(subject)),
    }
}

/// An op at a size: what the three ways of running one share.
struct Subject {
    op: &'static dyn Op,
    problem: Problem,
}

impl Subject {
    /// `matmul 127x65x33`.
    fn title(&self) -> String {
        let size: Vec<String> = self.problem.size.iter().map(ToString::to_string).collect();
        format!("{} {}", self.op.name(), size.join("x"))
    }

    /// The op run the same way at its conformance sizes; caches change no result.
    fn variants(&self, output: Output) -> Vec<Box<dyn Workload>> {
        self.op.check_sizes().iter().map(|size| workload(self.op, size, output, Cache::Hot)).collect()
    }

    fn input_slots(&self) -> impl Iterator<Item = Slot> {
        self.problem.inputs.iter().map(|operand| slot(operand, false))
    }

    fn output_slots(&self) -> impl Iterator<Item = Slot> {
        self.problem.outputs.iter().map(|operand| slot(operand, true))
    }

    /// Fills the inputs, which come first in `buffers`.
    fn fill(&self, buffers: &Buffers, regime: Regime, seed: u64) {
        for index in 0..self.problem.inputs.len() {
            buffers.write(index, |values| smbench_ops::fill_input(&self.problem, index, values, regime, seed));
        }
    }

    /// Tensors over the inputs and outputs, which come in this order in `buffers`.
    fn tensors(&self, buffers: &Buffers) -> Vec<Tensor> {
        let operands = self.problem.inputs.iter().chain(&self.problem.outputs);
        operands.enumerate().map(|(index, operand)| tensor(operand, buffers, index)).collect()
    }

    /// The op's arguments over these tensors.
    fn args(&self, buffers: &Buffers) -> Args {
        self.op.bind(&self.problem, &self.tensors(buffers))
    }

    /// Verifies the operand at `output` (and those after it) against the oracle of the inputs.
    fn verify(&self, buffers: &Buffers, output: usize, look: Look) -> Result<Extremes, String> {
        let inputs: Vec<&[f32]> = (0..self.problem.inputs.len()).map(|index| buffers.values(index)).collect();
        let outputs: Vec<&[f32]> =
            (output..output + self.problem.outputs.len()).map(|index| buffers.values(index)).collect();
        let (op, problem) = (self.op, &self.problem);
        let deviation = match look.depth {
            Depth::All => smbench_ops::verify_all(op, problem, &inputs, &outputs)?,
            Depth::Most => smbench_ops::verify_some(op, problem, &inputs, &outputs, 4096, look.seed)?,
            Depth::Some => smbench_ops::verify_some(op, problem, &inputs, &outputs, 64, look.seed)?,
        };
        let tell =
            |element: &Furthest| format!("{}: {}", self.title(), smbench_ops::tell(op, problem, &inputs, element));
        Ok(extremes(&deviation, tell))
    }
}

fn slot(operand: &Operand, output: bool) -> Slot {
    Slot { output, ..Slot::input(operand.name, &operand.dims).of(operand.dtype()) }
}

fn tensor(operand: &Operand, buffers: &Buffers, index: usize) -> Tensor {
    Tensor::contiguous(buffers.place(index).cast(), operand.dtype(), &operand.dims)
}
