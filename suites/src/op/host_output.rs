//! One op into a buffer of the host's, the same addresses for every backend.

use std::ffi::CStr;

use smbench_core::outcome::ErrorStats;
use smbench_core::schedule::CallRule;
use smbench_harness::{Bound, Buffers, Call, CallError, Depth, Instance, Layout, Workload};
use smbench_ops::Regime;

use super::Subject;
use crate::suite::Output;

/// The op; its buffers are the inputs, then the outputs.
pub struct HostOutput(pub Subject);

impl Workload for HostOutput {
    fn variants(&self) -> Vec<Box<dyn Workload>> {
        self.0.variants(Output::Host)
    }

    fn op_id(&self) -> &'static CStr {
        self.0.op.id()
    }

    fn title(&self) -> String {
        self.0.title()
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
        Ok(Box::new(Bind(instance.call(self.0.op.id(), self.0.args(buffers), buffers)?)))
    }

    fn verify(&self, buffers: &Buffers, depth: Depth, seed: u64) -> Result<ErrorStats, String> {
        self.0.verify(buffers, self.0.problem.inputs.len(), depth, seed)
    }
}

struct Bind<'a>(Call<'a>);

impl Bound for Bind<'_> {
    fn run(&mut self, calls: u64) -> Result<(), CallError> {
        self.0.repeat(calls)
    }
}
