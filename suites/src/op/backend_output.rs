//! One op, or the simpler ones that it is composed of, into a tensor of the backend's own: acquire, op, release, all of it
//! timed.

use std::ffi::CStr;

use smbench_abi::Tensor;
use smbench_core::message::Span;
use smbench_core::outcome::Extremes;
use smbench_core::schedule::CallRule;
use smbench_harness::{Bound, Buffers, Call, CallError, Instance, Layout, Look, Quiet, Tap, Trace, Workload};
use smbench_ops::Regime;

use super::Subject;
use crate::compose::{Attention, NormWeights, Ops};
use crate::suite::Output;

/// The op; the host's outputs only receive a copy that is verified.
pub struct BackendOutput {
    /// The op.
    pub subject: Subject,
    /// Fused or composed.
    pub output: Output,
}

impl Workload for BackendOutput {
    fn variants(&self) -> Vec<Box<dyn Workload>> {
        self.subject.variants(self.output)
    }

    fn receipt_id(&self, _instance: &Instance) -> &'static CStr {
        self.subject.op.id()
    }

    fn title(&self) -> String {
        match self.output {
            Output::Composed => format!("{} composed of other ops", self.subject.title()),
            _ => format!("{} into its own memory", self.subject.title()),
        }
    }

    fn layout(&self) -> Layout {
        Layout { slots: self.subject.input_slots().chain(self.subject.output_slots()).collect() }
    }

    fn calls(&self) -> CallRule {
        CallRule::default()
    }

    fn fill(&self, buffers: &Buffers, regime: Regime, seed: u64) {
        self.subject.fill(buffers, regime, seed);
    }

    fn refillable(&self) -> bool {
        true
    }

    fn bind<'a>(&'a self, instance: &'a Instance, buffers: &'a Buffers) -> Result<Box<dyn Bound + 'a>, CallError> {
        if !instance.has_memory() {
            return Err(CallError::unsupported("the plugin has no `memory` extension"));
        }
        let run = match self.output {
            Output::Composed => Run::Parts(Box::new(Ops::unfused(instance))),
            _ => Run::Op(Box::new(instance.call(self.subject.op.id(), self.subject.args(buffers), buffers)?)),
        };
        let tensors = self.subject.tensors(buffers);
        Ok(Box::new(Bind { subject: &self.subject, instance, buffers, run, tensors }))
    }

    fn verify(&self, buffers: &Buffers, look: Look) -> Result<Extremes, String> {
        self.subject.verify(buffers, self.subject.problem.inputs.len(), look)
    }
}

struct Bind<'a> {
    subject: &'a Subject,
    instance: &'a Instance,
    buffers: &'a Buffers,
    run: Run<'a>,
    /// Inputs, then outputs; the outputs are replaced in every call.
    tensors: Vec<Tensor>,
}

/// What runs between acquire and release.
enum Run<'a> {
    /// The op itself, looked up once.
    Op(Box<Call<'a>>),
    /// What it is composed of.
    Parts(Box<Ops<'a>>),
}

impl Bind<'_> {
    /// One call; `prepare` sees the tensors before it, `look` the results before they are released.
    fn once(
        &mut self,
        tap: &mut impl Tap,
        prepare: impl Fn(&Tensor),
        look: impl Fn(usize, &Tensor),
    ) -> Result<(), CallError> {
        let first = self.subject.problem.inputs.len();
        for (index, operand) in self.subject.problem.outputs.iter().enumerate() {
            self.tensors[first + index] = tap.around(Span::MEMORY, || self.instance.acquire(&operand.dims, false))?;
            prepare(&self.tensors[first + index]);
        }
        let ran = self.compute(tap);
        for (index, tensor) in self.tensors[first..].iter().enumerate() {
            look(first + index, tensor);
            tap.around(Span::MEMORY, || self.instance.release(tensor));
        }
        ran
    }

    fn compute(&mut self, tap: &mut impl Tap) -> Result<(), CallError> {
        let Subject { op, problem } = self.subject;
        match &mut self.run {
            Run::Op(call) => {
                call.rebind(op.bind(problem, &self.tensors));
                tap.around(op.name(), || call.repeat(1))
            }
            Run::Parts(ops) => parts(ops, tap, op.name(), &self.tensors),
        }
    }
}

/// A fused op by simpler ones, over its operands.
fn parts(ops: &Ops<'_>, tap: &mut impl Tap, op: &str, tensors: &[Tensor]) -> Result<(), CallError> {
    match (op, tensors) {
        ("add_layernorm", &[x, residual, gain, bias, sum, out]) => {
            ops.add_normalise(tap, [x, residual], NormWeights { gain, bias: Some(bias) }, [sum, out])
        }
        ("attention" | "attention_full", &[q, k, v, out]) => {
            ops.attend(tap, Attention { causal: op == "attention", q, k, v, out })
        }
        _ => unreachable!("`supported` has refused it"),
    }
}

impl Bound for Bind<'_> {
    fn run(&mut self, calls: u64) -> Result<(), CallError> {
        (0..calls).try_for_each(|_| self.once(&mut Quiet, |_| (), |_, _| ()))
    }

    fn trace(&mut self) -> Result<Option<Vec<Span>>, CallError> {
        Trace::call(|trace| self.once(trace, |_| (), |_, _| ())).map(Some)
    }

    fn reveal(&mut self) -> Result<(), CallError> {
        let (instance, buffers) = (self.instance, self.buffers);
        // The pool may hand out the tensor that holds the last call's result.
        let copy = |index: usize, tensor: &Tensor| instance.copy_out(tensor, buffers, index);
        self.once(&mut Quiet, |tensor| instance.poison(tensor), copy)
    }
}
