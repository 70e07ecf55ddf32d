//! One op into a tensor of the backend's own: acquire, op, release, all of it timed.

use std::ffi::CStr;

use smbench_abi::Tensor;
use smbench_core::outcome::ErrorStats;
use smbench_core::schedule::CallRule;
use smbench_harness::{Bound, Buffers, CallError, Depth, Instance, Layout, Workload};
use smbench_ops::Regime;

use super::Subject;
use crate::suite::Output;

/// The op; the host's outputs only receive a copy that is verified.
pub struct BackendOutput(pub Subject);

impl Workload for BackendOutput {
    fn variants(&self) -> Vec<Box<dyn Workload>> {
        self.0.variants(Output::Backend)
    }

    fn op_id(&self) -> &'static CStr {
        self.0.op.id()
    }

    fn title(&self) -> String {
        format!("{} into its own memory", self.0.title())
    }

    fn layout(&self) -> Layout {
        Layout { slots: self.0.input_slots().chain(self.0.output_slots()).collect() }
    }

    fn calls(&self) -> CallRule {
        CallRule::default()
    }

    fn fill(&self, buffers: &Buffers, regime: Regime, seed: u64) {
        self.0.fill(buffers, regime, seed);
    }

    fn bind<'a>(&'a self, instance: &'a Instance, buffers: &'a Buffers) -> Result<Box<dyn Bound + 'a>, CallError> {
        if !instance.has_memory() {
            return Err(CallError::unsupported("the plugin has no `memory` extension"));
        }
        Ok(Box::new(Bind { subject: &self.0, instance, buffers, tensors: self.0.tensors(buffers) }))
    }

    fn verify(&self, buffers: &Buffers, depth: Depth, seed: u64) -> Result<ErrorStats, String> {
        self.0.verify(buffers, self.0.problem.inputs.len(), depth, seed)
    }
}

struct Bind<'a> {
    subject: &'a Subject,
    instance: &'a Instance,
    buffers: &'a Buffers,
    /// Inputs, then outputs; the outputs are replaced in every call.
    tensors: Vec<Tensor>,
}

impl Bind<'_> {
    /// One call; `prepare` sees the tensors before it, `look` the results before they are released.
    fn once(&mut self, prepare: impl Fn(&Tensor), look: impl Fn(usize, &Tensor)) -> Result<(), CallError> {
        let Subject { op, problem } = self.subject;
        let first = problem.inputs.len();
        for (index, operand) in problem.outputs.iter().enumerate() {
            self.tensors[first + index] = self.instance.acquire(&operand.dims, false)?;
            prepare(&self.tensors[first + index]);
        }
        let args = op.bind(problem, &self.tensors);
        let ran = self.instance.call(op.id(), args, self.buffers)?.repeat(1);
        for (index, tensor) in self.tensors[first..].iter().enumerate() {
            look(first + index, tensor);
            self.instance.release(tensor);
        }
        ran
    }
}

impl Bound for Bind<'_> {
    fn run(&mut self, calls: u64) -> Result<(), CallError> {
        (0..calls).try_for_each(|_| self.once(|_| (), |_, _| ()))
    }

    fn reveal(&mut self) -> Result<(), CallError> {
        let (instance, buffers) = (self.instance, self.buffers);
        // The pool may hand out the tensor that holds the last call's result.
        self.once(|tensor| instance.poison(tensor), |index, tensor| instance.copy_out(tensor, buffers, index))
    }
}
