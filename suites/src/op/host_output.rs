//! One op into a buffer of the host's, the same addresses for every backend.

use std::ffi::CStr;

use smbench_core::cache::Cache;
use smbench_core::outcome::Extremes;
use smbench_core::schedule::CallRule;
use smbench_harness::{Bound, Buffers, Call, CallError, Instance, Layout, Look, Workload};
use smbench_ops::Regime;

use super::Subject;
use crate::suite::Output;

/// The op; its buffers are the inputs, then the outputs.
pub struct HostOutput {
    /// The op.
    pub subject: Subject,
    /// Flushed before every call?
    pub cache: Cache,
}

impl Workload for HostOutput {
    fn variants(&self) -> Vec<Box<dyn Workload>> {
        self.subject.variants(Output::Host)
    }

    fn receipt_id(&self, _instance: &Instance) -> &'static CStr {
        self.subject.op.id()
    }

    fn title(&self) -> String {
        self.subject.title()
    }

    fn layout(&self) -> Layout {
        Layout { slots: self.subject.input_slots().chain(self.subject.output_slots()).collect() }
    }

    fn calls(&self) -> CallRule {
        if self.cache.is_hot() { CallRule::default() } else { CallRule::COLD }
    }

    fn fill(&self, buffers: &Buffers, regime: Regime, seed: u64) {
        self.subject.fill(buffers, regime, seed);
    }

    fn refillable(&self) -> bool {
        true
    }

    fn bind<'a>(&'a self, instance: &'a Instance, buffers: &'a Buffers) -> Result<Box<dyn Bound + 'a>, CallError> {
        Ok(Box::new(Bind(instance.call(self.subject.op.id(), self.subject.args(buffers), buffers)?)))
    }

    fn verify(&self, buffers: &Buffers, look: Look) -> Result<Extremes, String> {
        self.subject.verify(buffers, self.subject.problem.inputs.len(), look)
    }
}

struct Bind<'a>(Call<'a>);

impl Bound for Bind<'_> {
    fn run(&mut self, calls: u64) -> Result<(), CallError> {
        self.0.repeat(calls)
    }
}
