//! A decoder in the hands of one backend: weights, cache, and a pass through it.

use smbench_abi::Tensor;
use smbench_core::message::Span;
use smbench_harness::{CallError, Instance, Prepared, Tap, copy};
use smbench_ops::decoder::{Decoder, Normalisation};

use crate::compose::view::{part, rows};
use crate::compose::{Attention, Ids, Matrix, NormWeights, Ops};

/// What the contract calls a matrix that is multiplied by.
const MATMUL_B: &std::ffi::CStr = c"matmul.b";

/// A decoder in the hands of one backend.
pub struct Built<'a> {
    decoder: &'a Decoder,
    instance: &'a Instance,
    parts: Parts<'a>,
}

/// What a built model consists of. All of it is used again for the next one, so that what allocates and is looked up in a
/// creation is the backend's.
pub struct Parts<'a> {
    /// The backend's ops, and where their results go.
    pub ops: Ops<'a>,
    /// By index.
    pub weights: Vec<Tensor>,
    /// By the index of the weight.
    prepared: Vec<Option<Prepared>>,
    /// Keys and values of each layer, `[batch × context × width]`; none where nothing is cached.
    cache: Vec<[Tensor; 2]>,
}

impl<'a> Parts<'a> {
    /// Of a backend and these weights; the rest is the backend's to make.
    pub fn of(instance: &'a Instance, weights: impl Iterator<Item = Tensor>) -> Self {
        Self { ops: Ops::of(instance), weights: weights.collect(), prepared: Vec::new(), cache: Vec::new() }
    }
}

/// One pass through the model: `batch` sequences of `new` positions each, behind `past` cached ones.
#[derive(Clone, Copy)]
pub struct Pass {
    /// `[batch × new]`.
    pub ids: Ids,
    /// `[batch × new]`.
    pub positions: Ids,
    /// Sequences.
    pub batch: usize,
    /// Positions that the cache holds already.
    pub past: usize,
    /// Logits for the last position of each sequence only.
    pub last_only: bool,
    /// Where logits go.
    pub logits: Tensor,
}

impl<'a> Built<'a> {
    /// Has the backend prepare the weights in `parts`, and makes a cache for `batch` sequences.
    pub fn new(
        tap: &mut impl Tap,
        decoder: &'a Decoder,
        instance: &'a Instance,
        mut parts: Parts<'a>,
        batch: Option<usize>,
    ) -> Result<Self, CallError> {
        for (index, weight) in parts.weights.iter().enumerate() {
            let prepared = match is_matrix(decoder, index) && instance.has_weights() {
                true => tap.around("prepare weights", || instance.prepare(weight, MATMUL_B))?,
                false => None,
            };
            parts.prepared.push(prepared);
        }
        if let Some(batch) = batch {
            let size = [batch, decoder.context, decoder.width];
            for _ in 0..decoder.layers {
                let mut half = || tap.around(Span::MEMORY, || parts.ops.scratch.acquire(&size));
                parts.cache.push([half()?, half()?]);
            }
        }
        Ok(Self { decoder, instance, parts })
    }

    /// Gives back what [`Self::new`] asked for; the weights stay with whoever had them before.
    pub fn end(self, tap: &mut impl Tap) -> Parts<'a> {
        let mut parts = self.parts;
        for prepared in parts.prepared.drain(..).flatten() {
            tap.around("release weights", || self.instance.unprepare(prepared));
        }
        for half in parts.cache.drain(..).flatten() {
            tap.around(Span::MEMORY, || parts.ops.scratch.release(&half));
        }
        parts
    }

    fn matrix(&self, index: usize) -> Matrix<'_> {
        let Parts { weights, prepared, .. } = &self.parts;
        let bias = if index == self.decoder.head() { Tensor::NONE } else { weights[index + 1] };
        Matrix { b: weights[index], bias, prepared: prepared[index].as_ref() }
    }

    fn norm(&self, index: usize) -> NormWeights {
        let has_bias = self.decoder.normalisation == Normalisation::Layernorm;
        NormWeights { gain: self.parts.weights[index], bias: has_bias.then(|| self.parts.weights[index + 1]) }
    }

    /// From ids to logits. Every result goes into a tensor of the backend's own and is released when the next op has read it.
    pub fn forward(&self, tap: &mut impl Tap, pass: &Pass) -> Result<(), CallError> {
        let (ops, decoder) = (&self.parts.ops, self.decoder);
        let count = pass.ids.len();
        let (x, normal) = (self.embed(tap, pass)?, ops.acquire(tap, count, decoder.width)?);
        ops.normalise(tap, x, self.norm(decoder.layer(0).norm1), normal)?;
        for layer in 0..decoder.layers {
            let indices = decoder.layer(layer);
            let attended = self.attend(tap, pass, layer, normal)?;
            ops.add_normalise(tap, [x, attended], self.norm(indices.norm2), [x, normal])?;
            ops.release(tap, &attended);
            let fed = self.feed_forward(tap, layer, normal, count)?;
            // The norm before the next layer, or before the head.
            ops.add_normalise(tap, [x, fed], self.norm(decoder.layer(layer + 1).norm1), [x, normal])?;
            ops.release(tap, &fed);
        }
        let rows = if pass.last_only { last_rows(&normal, pass.batch, count, decoder.width) } else { normal };
        ops.matmul(tap, "matmul head", rows, self.matrix(decoder.head()), pass.logits)?;
        ops.release(tap, &normal);
        ops.release(tap, &x);
        Ok(())
    }

    fn embed(&self, tap: &mut impl Tap, pass: &Pass) -> Result<Tensor, CallError> {
        let (ops, width) = (&self.parts.ops, self.decoder.width);
        let x = ops.acquire(tap, pass.ids.len(), width)?;
        ops.embed(tap, self.parts.weights[Decoder::TOKEN_EMBEDDING], pass.ids, x)?;
        let positions = ops.acquire(tap, pass.ids.len(), width)?;
        ops.embed(tap, self.parts.weights[Decoder::POSITION_EMBEDDING], pass.positions, positions)?;
        ops.add(tap, x, positions, x)?;
        ops.release(tap, &positions);
        Ok(x)
    }

    /// `attention(x · qkv + b) · out + b`
    fn attend(&self, tap: &mut impl Tap, pass: &Pass, layer: usize, x: Tensor) -> Result<Tensor, CallError> {
        let (ops, decoder, indices) = (&self.parts.ops, self.decoder, self.decoder.layer(layer));
        let (count, width) = (pass.ids.len(), decoder.width);
        let qkv = ops.acquire(tap, count, 3 * width)?;
        ops.matmul(tap, "matmul qkv", x, self.matrix(indices.qkv), qkv)?;
        let mixed = ops.acquire(tap, count, width)?;
        ops.attend(tap, self.heads(pass, layer, &qkv, &mixed))?;
        ops.release(tap, &qkv);
        let out = ops.acquire(tap, count, width)?;
        ops.matmul(tap, "matmul out", mixed, self.matrix(indices.out), out)?;
        ops.release(tap, &mixed);
        Ok(out)
    }

    /// Queries out of the fused matrix; keys and values too, or out of the cache, to which the new ones are copied.
    fn heads(&self, pass: &Pass, layer: usize, qkv: &Tensor, out: &Tensor) -> Attention {
        let (heads, size, width) = (self.decoder.heads, self.decoder.head_dim(), self.decoder.width);
        let (batch, new) = (pass.batch, pass.ids.len() / pass.batch);
        let fused =
            |third: usize| part(qkv, third * width, [batch, new, heads, size], [new * 3 * width, 3 * width, size, 1]);
        let out = part(out, 0, [batch, new, heads, size], [new * width, width, size, 1]);
        let [k, v] = match self.parts.cache.get(layer) {
            None => [fused(1), fused(2)],
            Some(cache) => [0, 1].map(|half| self.cached(pass, &cache[half], &fused(half + 1))),
        };
        Attention { causal: true, q: fused(0), k, v, out }
    }

    /// Copies new keys (or values) to the cache, and gives all of them.
    fn cached(&self, pass: &Pass, cache: &Tensor, new: &Tensor) -> Tensor {
        let (heads, size, width) = (self.decoder.heads, self.decoder.head_dim(), self.decoder.width);
        let (batch, count, room) = (pass.batch, new.dims[1] as usize, self.decoder.context * width);
        let rows = part(new, 0, [batch, count, width], [new.strides[0] as usize, new.strides[1] as usize, 1]);
        copy(&rows, &part(cache, pass.past * width, [batch, count, width], [room, width, 1]));
        part(cache, 0, [batch, pass.past + count, heads, size], [room, width, size, 1])
    }

    /// `activation(x · up + b) · down + b`
    fn feed_forward(&self, tap: &mut impl Tap, layer: usize, x: Tensor, count: usize) -> Result<Tensor, CallError> {
        let (ops, decoder, indices) = (&self.parts.ops, self.decoder, self.decoder.layer(layer));
        let hidden = ops.acquire(tap, count, decoder.hidden)?;
        ops.matmul(tap, "matmul up", x, self.matrix(indices.up), hidden)?;
        ops.activate(tap, decoder.activation, hidden)?;
        let out = ops.acquire(tap, count, decoder.width)?;
        ops.matmul(tap, "matmul down", hidden, self.matrix(indices.down), out)?;
        ops.release(tap, &hidden);
        Ok(out)
    }
}

/// Is something multiplied by this weight? Asked of every weight inside the clock, so no layer is searched for.
fn is_matrix(decoder: &Decoder, index: usize) -> bool {
    let (first, second) = (decoder.layer(0).norm1, decoder.layer(1).norm1);
    if !(first..decoder.last_norm()).contains(&index) {
        return index == decoder.head();
    }
    let indices = decoder.layer((index - first) / (second - first));
    [indices.qkv, indices.out, indices.up, indices.down].contains(&index)
}

/// The last of each sequence's rows.
fn last_rows(matrix: &Tensor, batch: usize, count: usize, width: usize) -> Tensor {
    let new = count / batch;
    match batch {
        1 => rows(matrix, new - 1, 1, width),
        _ => part(matrix, (new - 1) * width, [batch, width], [new * width, 1]),
    }
}

#[cfg(test)]
mod tests {
    use smbench_ops::decoder::Activation;

    use super::*;

    #[test]
    fn matrices_are_told_from_the_rest() {
        for normalisation in [Normalisation::Layernorm, Normalisation::Rmsnorm] {
            let activation = Activation::Silu;
            let (vocabulary, context, width, layers, heads, hidden) = (7, 5, 6, 3, 2, 10);
            let decoder = Decoder { vocabulary, context, width, layers, heads, hidden, normalisation, activation };
            for (index, weight) in decoder.weights().iter().enumerate() {
                let want = weight.dims.len() == 2 && !weight.name.ends_with("embedding");
                assert_eq!(is_matrix(&decoder, index), want, "{}", weight.name);
            }
        }
    }
}
