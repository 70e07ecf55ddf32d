//! One op over its first input, again and again, without drifting off (METHOD §2.4): a GELU repeated on
//! its own output ends in denormals, and times something else.

use std::ffi::CStr;

use smbench_abi::Tensor;
use smbench_core::outcome::Extremes;
use smbench_core::schedule::CallRule;
use smbench_harness::{Bound, Buffers, Call, CallError, Instance, Layout, Look, Slot, Workload};
use smbench_ops::{InPlace, Regime, Undo};

use super::{Subject, tensor};
use crate::suite::Output;

/// The op; its buffers are the inputs, the negated second input where that undoes it, then the slots.
pub struct InPlaceOp {
    subject: Subject,
    way: InPlace,
    negate: bool,
    slots: usize,
}

/// A ring takes this much memory at most …
const RING_BYTES: usize = 32 << 20;
/// … and has this many slots at most: 4,096 calls of 50 ns make a sample of 0.2 ms.
const RING_SLOTS: usize = 4096;

impl InPlaceOp {
    /// The way follows from the op.
    pub fn new(subject: Subject) -> Self {
        let way = subject.op.in_place();
        let undo = subject.op.undo(&subject.problem, &no_tensors(&subject));
        let negate = way == InPlace::Reversible && matches!(undo, Some(Undo::NegatedInput));
        let bytes = subject.problem.inputs[0].elements() * size_of::<f32>();
        let slots = if way == InPlace::Ring { (RING_BYTES / bytes).clamp(1, RING_SLOTS) } else { 1 };
        Self { subject, way, negate, slots }
    }

    /// Index of the first slot.
    fn first_slot(&self) -> usize {
        self.subject.problem.inputs.len() + usize::from(self.negate)
    }

    /// Operands of a call on slot `slot`, with `second` in place of the second input.
    fn tensors(&self, buffers: &Buffers, slot: usize, second: usize) -> Vec<Tensor> {
        let problem = &self.subject.problem;
        let place = self.first_slot() + slot;
        let index = |input: usize| match input {
            0 => place,
            1 => second,
            other => other,
        };
        let inputs = problem.inputs.iter().enumerate().map(|(input, operand)| tensor(operand, buffers, index(input)));
        inputs.chain(problem.outputs.iter().map(|operand| tensor(operand, buffers, place))).collect()
    }
}

/// Descriptors without memory, to ask what kind of undoing an op has.
fn no_tensors(subject: &Subject) -> Vec<Tensor> {
    vec![Tensor::NONE; subject.problem.inputs.len() + subject.problem.outputs.len()]
}

impl Workload for InPlaceOp {
    fn variants(&self) -> Vec<Box<dyn Workload>> {
        self.subject.variants(Output::InPlace)
    }

    fn receipt_id(&self, _instance: &Instance) -> &'static CStr {
        self.subject.op.id()
    }

    fn title(&self) -> String {
        format!("{} in place", self.subject.title())
    }

    fn layout(&self) -> Layout {
        let first = &self.subject.problem.inputs[0];
        let negated = self.subject.problem.inputs.get(1).filter(|_| self.negate);
        let negated = negated.map(|operand| Slot::input("negated", &operand.dims));
        let slot = Slot::output("in place", &first.dims);
        let slots = std::iter::repeat_n(slot, self.slots);
        Layout { slots: self.subject.input_slots().chain(negated).chain(slots).collect() }
    }

    fn calls(&self) -> CallRule {
        match self.way {
            InPlace::Reversible => CallRule { multiple: 2, ..CallRule::default() },
            InPlace::Ring => CallRule { most: Some(self.slots as u64), ..CallRule::default() },
            InPlace::Idempotent | InPlace::Never => CallRule::default(),
        }
    }

    fn fill(&self, buffers: &Buffers, regime: Regime, seed: u64) {
        self.subject.fill(buffers, regime, seed);
        if self.negate {
            let second = buffers.values(1);
            buffers.write(self.first_slot() - 1, |negated| {
                negated.iter_mut().zip(second).for_each(|(negated, value)| *negated = -value);
            });
        }
    }

    fn bind<'a>(&'a self, instance: &'a Instance, buffers: &'a Buffers) -> Result<Box<dyn Bound + 'a>, CallError> {
        let Subject { op, problem } = &self.subject;
        let call = |args| instance.call(op.id(), args, buffers);
        let slots = (0..self.slots).map(|slot| call(op.bind(problem, &self.tensors(buffers, slot, 1))));
        let slots = slots.collect::<Result<Vec<_>, _>>()?;
        let undo = match op.undo(problem, &self.tensors(buffers, 0, 1)) {
            Some(Undo::With(args)) => Some(call(args)?),
            Some(Undo::NegatedInput) => Some(call(op.bind(problem, &self.tensors(buffers, 0, self.first_slot() - 1)))?),
            None => None,
        };
        Ok(Box::new(Bind { workload: self, buffers, slots, undo, used: usize::MAX }))
    }

    fn verify(&self, buffers: &Buffers, look: Look) -> Result<Extremes, String> {
        self.subject.verify(buffers, self.first_slot(), look)
    }
}

struct Bind<'a> {
    workload: &'a InPlaceOp,
    buffers: &'a Buffers,
    slots: Vec<Call<'a>>,
    undo: Option<Call<'a>>,
    /// Slots that no longer hold the input.
    used: usize,
}

impl Bound for Bind<'_> {
    fn restore(&mut self) {
        let first = self.workload.first_slot();
        let input = self.buffers.values(0);
        for slot in 0..self.used.min(self.slots.len()) {
            self.buffers.write(first + slot, |values| values.copy_from_slice(input));
        }
        self.used = 0;
    }

    fn run(&mut self, calls: u64) -> Result<(), CallError> {
        self.used = self.slots.len().min(calls as usize);
        match (&self.undo, self.workload.way) {
            (Some(undo), InPlace::Reversible) => (0..calls / 2).try_for_each(|_| {
                self.slots[0].repeat(1)?;
                undo.repeat(1)
            }),
            (_, InPlace::Ring) => self.slots.iter().take(calls as usize).try_for_each(|slot| slot.repeat(1)),
            _ => self.slots[0].repeat(calls),
        }
    }

    /// The pairs leave the input itself; what is verified is one call forward.
    fn reveal(&mut self) -> Result<(), CallError> {
        self.used = 1;
        self.restore();
        self.used = 1;
        self.slots[0].repeat(1)
    }
}
