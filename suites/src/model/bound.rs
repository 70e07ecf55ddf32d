//! What is timed: a creation, or tokens.

use std::sync::Arc;
use std::time::Instant;

use smbench_abi::Tensor;
use smbench_core::message::Span;
use smbench_core::samples::Stamps;
use smbench_harness::{Bound, Buffers, CallError, Instance, NamedWeights, Quiet, Tap, Trace, copy};

use super::Model;
use super::built::{Built, Parts, Pass};
use super::engine::{Engine, Whole};
use super::phase::Phase;
use crate::compose::Ids;
use crate::compose::view::numbers;

/// Tokens, from a model that is there.
pub struct Generation<'a> {
    model: &'a Model,
    buffers: &'a Buffers,
    engine: Engine<'a>,
    stamps: Stamps,
}

impl<'a> Generation<'a> {
    /// Builds the model. A decode's prompt goes into the cache once and for all: no step writes over it. Its logits land
    /// where the first steps will write theirs.
    pub fn new(model: &'a Model, instance: &'a Instance, buffers: &'a Buffers) -> Result<Self, CallError> {
        let engine = Engine::new(&mut Quiet, model, instance, buffers)?;
        let this = Self { model, buffers, engine, stamps: Stamps::default() };
        if let Phase::Decode { prompt, .. } = model.phase() {
            this.first_pass(&mut Quiet, prompt, true)?;
        }
        Ok(this)
    }

    fn call(&mut self, tap: &mut impl Tap) -> Result<(), CallError> {
        match self.model.phase() {
            Phase::Creation => unreachable!("a creation has a type of its own"),
            Phase::Prefill { tokens, .. } => self.first(tap, tokens, true),
            Phase::Inference { prompt, tokens } => {
                self.first(tap, prompt, false)?;
                (1..tokens).try_for_each(|more| self.next(|this| this.first_pass(tap, prompt + more, false)))
            }
            Phase::Decode { prompt, tokens, .. } => {
                (0..tokens).try_for_each(|step| self.next(|this| this.step(tap, prompt, step)))
            }
        }
    }

    /// From the prompt to the first logits.
    fn first(&mut self, tap: &mut impl Tap, len: usize, last_only: bool) -> Result<(), CallError> {
        let start = Instant::now();
        self.first_pass(tap, len, last_only)?;
        stamp(&mut self.stamps.first_ns, start);
        Ok(())
    }

    /// One step more.
    fn next(&mut self, step: impl FnOnce(&Self) -> Result<(), CallError>) -> Result<(), CallError> {
        let start = Instant::now();
        step(self)?;
        stamp(&mut self.stamps.next_ns, start);
        Ok(())
    }

    /// The first `len` positions of every sequence, none of them cached.
    fn first_pass(&self, tap: &mut impl Tap, len: usize, last_only: bool) -> Result<(), CallError> {
        let (places, batch) = (self.model.places(), self.model.phase().batch());
        let feed = |slot: usize| Ids::new(self.buffers.place(slot), batch * len);
        let rows = if last_only { batch } else { batch * len };
        let pass = Pass {
            ids: feed(places.prompt),
            positions: feed(places.prompt_positions),
            batch,
            past: 0,
            last_only,
            logits: self.logits(0, rows),
        };
        self.engine.forward(tap, &pass)
    }

    /// Token `step` behind the prompt, of every sequence.
    fn step(&self, tap: &mut impl Tap, prompt: usize, step: usize) -> Result<(), CallError> {
        let (places, batch) = (self.model.places(), self.model.phase().batch());
        let feed = |slot: usize| Ids::new(self.buffers.place(slot).wrapping_add(step * batch), batch);
        let pass = Pass {
            ids: feed(places.next),
            positions: feed(places.next_positions),
            batch,
            past: prompt + step,
            last_only: false,
            logits: self.logits(step * batch, batch),
        };
        self.engine.forward(tap, &pass)
    }

    fn logits(&self, row: usize, rows: usize) -> Tensor {
        let vocabulary = self.model.decoder().vocabulary;
        let place = self.buffers.place(self.model.places().logits);
        numbers(place.wrapping_add(row * vocabulary), &[rows, vocabulary])
    }
}

impl Bound for Generation<'_> {
    /// Pushing a stamp must not allocate: that would be counted as the backend's.
    fn restore(&mut self) {
        self.stamps.first_ns.reserve(STAMPS);
        self.stamps.next_ns.reserve(STAMPS);
    }

    fn run(&mut self, calls: u64) -> Result<(), CallError> {
        (0..calls).try_for_each(|_| self.call(&mut Quiet))
    }

    fn stamps(&mut self) -> Stamps {
        std::mem::take(&mut self.stamps)
    }

    fn trace(&mut self) -> Result<Option<Vec<Span>>, CallError> {
        Trace::call(|trace| self.call(trace)).map(Some)
    }
}

/// Stamps of one sample; what is beyond is not kept.
const STAMPS: usize = 4096;

fn stamp(stamps: &mut Vec<u64>, start: Instant) {
    if stamps.len() < stamps.capacity() {
        stamps.push(start.elapsed().as_nanos() as u64);
    }
}

/// A creation, again and again.
pub struct Creation<'a> {
    model: &'a Model,
    instance: &'a Instance,
    buffers: &'a Buffers,
    /// Names and places of the host's weights, if the backend builds whole models of them.
    named: Option<Arc<NamedWeights>>,
    /// Of the creation before; `None` while there is a model.
    parts: Option<Parts<'a>>,
}

impl<'a> Creation<'a> {
    /// Has the backend build a model, to see whether it does.
    pub fn new(model: &'a Model, instance: &'a Instance, buffers: &'a Buffers) -> Result<Self, CallError> {
        let (named, parts) = (Arc::new(model.named(buffers)), Parts::of(instance, std::iter::empty()));
        let whole = Whole::new(&mut Quiet, model, instance, &named)?.is_some();
        if !whole {
            parts.ops.check(model.decoder())?;
        }
        Ok(Self { model, instance, buffers, named: whole.then_some(named), parts: Some(parts) })
    }

    /// The backend builds it, or the host: then the weights are loaded into tensors of the backend's own and prepared.
    fn create(&mut self, tap: &mut impl Tap) -> Result<Engine<'a>, CallError> {
        if let Some(named) = &self.named {
            let whole = Whole::new(tap, self.model, self.instance, named)?;
            return whole
                .map(Engine::Whole)
                .ok_or_else(|| CallError::unsupported("it built this model, and no longer does"));
        }
        let mut parts = self.parts.take().unwrap_or_else(|| Parts::of(self.instance, std::iter::empty()));
        for (weight, source) in self.model.weight_list().iter().zip(self.model.weights(self.buffers)) {
            let tensor = tap.around(Span::MEMORY, || parts.ops.scratch.acquire(&weight.dims))?;
            tap.around("load weights", || copy(&source, &tensor));
            parts.weights.push(tensor);
        }
        Built::new(tap, self.model.decoder(), self.instance, parts, Some(1)).map(Engine::Composed)
    }

    fn call(&mut self, tap: &mut impl Tap) -> Result<(), CallError> {
        let engine = self.create(tap)?;
        self.end(tap, engine);
        Ok(())
    }

    fn end(&mut self, tap: &mut impl Tap, engine: Engine<'a>) {
        let built = match engine {
            Engine::Whole(whole) => return whole.end(tap),
            Engine::Composed(built) => built,
        };
        let mut parts = built.end(tap);
        for weight in parts.weights.drain(..) {
            tap.around(Span::MEMORY, || parts.ops.scratch.release(&weight));
        }
        self.parts = Some(parts);
    }
}

impl Bound for Creation<'_> {
    fn run(&mut self, calls: u64) -> Result<(), CallError> {
        (0..calls).try_for_each(|_| self.call(&mut Quiet))
    }

    fn trace(&mut self) -> Result<Option<Vec<Span>>, CallError> {
        Trace::call(|trace| self.call(trace)).map(Some)
    }

    /// Whether the weights have arrived is seen by what comes out.
    fn reveal(&mut self) -> Result<(), CallError> {
        let (places, engine) = (self.model.places(), self.create(&mut Quiet)?);
        let feed = |slot: usize| Ids::new(self.buffers.place(slot), self.model.phase().prompt());
        let rows = [self.model.phase().logits(), self.model.decoder().vocabulary];
        let pass = Pass {
            ids: feed(places.prompt),
            positions: feed(places.prompt_positions),
            batch: 1,
            past: 0,
            last_only: false,
            logits: numbers(self.buffers.place(places.logits), &rows),
        };
        let passed = engine.forward(&mut Quiet, &pass);
        self.end(&mut Quiet, engine);
        passed
    }
}
