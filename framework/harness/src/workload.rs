//! What a suite gives the harness: something to call, and a way to tell whether it was right.

use std::ffi::CStr;

use smbench_core::message::Span;
use smbench_core::outcome::Extremes;
use smbench_core::samples::Stamps;
use smbench_core::schedule::CallRule;
use smbench_ops::Regime;

use crate::buffers::{Buffers, Layout};
use crate::instance::{CallError, Instance};

/// How thoroughly an output is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every element; for small sizes.
    All,
    /// As much as a fraction of a second allows; for a case's own size.
    Most,
    /// Edges and 64 random elements; in every launch.
    Some,
}

/// How an output is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// How thoroughly.
    pub depth: Depth,
    /// Where random elements come from.
    pub seed: u64,
    /// Largest absolute error of a model's logits; what roundings of f32 may come to if none.
    pub logit_tolerance: Option<f64>,
}

/// One thing to measure, without who does it.
pub trait Workload {
    /// The same workload at the sizes where kernels go wrong: ragged, aligned, degenerate.
    fn variants(&self) -> Vec<Box<dyn Workload>>;

    /// Id that a receipt is asked for: an op's; of a model that the backend runs whole, the extension's.
    fn receipt_id(&self, instance: &Instance) -> &'static CStr;

    /// Names the variant in a message: `matmul 127x65x33`.
    fn title(&self) -> String;

    /// The host's buffers it needs.
    fn layout(&self) -> Layout;

    /// How many calls can follow each other.
    fn calls(&self) -> CallRule;

    /// Fills the inputs.
    fn fill(&self, buffers: &Buffers, regime: Regime, seed: u64);

    /// May the inputs change between calls? Not those that a backend was told would stay.
    fn refillable(&self) -> bool {
        false
    }

    /// Gets a backend ready: asks for ops, builds descriptors, acquires what is the backend's own.
    fn bind<'a>(&'a self, instance: &'a Instance, buffers: &'a Buffers) -> Result<Box<dyn Bound + 'a>, CallError>;

    /// Compares the host's outputs with the oracle.
    fn verify(&self, buffers: &Buffers, look: Look) -> Result<Extremes, String>;
}

/// A workload in the hands of one backend.
pub trait Bound: Send {
    /// Outside the clock, before every sample: whatever the calls used up is put back.
    fn restore(&mut self) {}

    /// Inside the clock: `calls` calls back to back.
    fn run(&mut self, calls: u64) -> Result<(), CallError>;

    /// Outside the clock, after every sample: when tokens came in it.
    fn stamps(&mut self) -> Stamps {
        Stamps::default()
    }

    /// One call with a clock round every op; `None` for what is not composed of several.
    fn trace(&mut self) -> Result<Option<Vec<Span>>, CallError> {
        Ok(None)
    }

    /// Outside the clock: makes the host's outputs hold a result, if running does not.
    fn reveal(&mut self) -> Result<(), CallError> {
        Ok(())
    }
}
