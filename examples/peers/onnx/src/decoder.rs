//! The decoder as a graph.
//!
//! | input | type, shape | is |
//! |---|---|---|
//! | `ids` | i32 `[batch·new]` | token ids, sequence by sequence |
//! | `positions` | i32 `[batch·new]` | of these tokens |
//! | `last` | i32 `[batch]` | position of each sequence's last token: `past + new - 1` |
//! | `total` | i32, one element | `past + new` |
//! | `rows` | i32 `[rows]` | rows of `[batch·new]` of which logits are wanted |
//! | `past.N` | f32 `[batch, heads, past, head]` | keys (`N` even) and values (odd) of layer `N / 2`, if they are remembered |
//!
//! Outputs are `logits`, f32 `[rows, vocabulary]`, and `present.N`, as `past.N` and longer by the new positions.
//!
//! Everything but the attention is of matrices `[batch·new, …]`: engines make one product of a MatMul and an Add only there.
//! The sum and the norm behind each half stay apart: with `SkipLayerNormalization`, which is both, ONNX Runtime 1.32 takes
//! 163 µs for 22 positions of the small model, and 123 µs so (2026-11, 1 thread). To rten it is the same.

use std::borrow::Cow;

use smbench_sdk::Result;
use smbench_sdk::extension::model::{Activation, ModelSpec, Normalisation, Weights};

use crate::graph::Dim::{Fixed, Free};
use crate::graph::Domain::{Microsoft, Onnx};
use crate::graph::{Element, Graph, Op};

/// Names of inputs and outputs.
pub mod name {
    /// Input: token ids.
    pub const IDS: &str = "ids";
    /// Input: positions of the new tokens.
    pub const POSITIONS: &str = "positions";
    /// Input: position of each sequence's last token.
    pub const LAST: &str = "last";
    /// Input: positions in all.
    pub const TOTAL: &str = "total";
    /// Input: rows of which logits are wanted.
    pub const ROWS: &str = "rows";
    /// Output: logits.
    pub const LOGITS: &str = "logits";
}

/// Names of remembered keys and values: of the input, and of the output.
pub struct Past;

impl Past {
    /// The inputs, keys and values of each layer in turn.
    pub fn inputs(spec: &ModelSpec) -> impl Iterator<Item = String> {
        Self::names(spec, "past")
    }

    /// The outputs, in the same order.
    pub fn outputs(spec: &ModelSpec) -> impl Iterator<Item = String> {
        Self::names(spec, "present")
    }

    fn names(spec: &ModelSpec, word: &'static str) -> impl Iterator<Item = String> {
        let count = if spec.cached { 2 * spec.layers } else { 0 };
        (0..count).map(move |index| format!("{word}.{index}"))
    }
}

/// Elements of a head as the graph has them: a multiple of 8, as ONNX Runtime's attention wants it. Zeros fill it up, and
/// change no product.
pub fn head_size(spec: &ModelSpec) -> usize {
    (spec.width / spec.heads).next_multiple_of(8)
}

/// The file.
pub fn decoder(spec: &ModelSpec, weights: &Weights<'_>) -> Result<Vec<u8>> {
    let mut writer = Writer { graph: Graph::default(), spec, weights, logits: name::LOGITS };
    writer.inputs_and_outputs();
    writer.body()?;
    Ok(writer.graph.into_file())
}

pub(crate) struct Writer<'a> {
    pub graph: Graph<'a>,
    pub spec: &'a ModelSpec,
    pub weights: &'a Weights<'a>,
    /// What the rows of logits are called.
    pub logits: &'static str,
}

impl Writer<'_> {
    fn inputs_and_outputs(&mut self) {
        let Self { graph, spec, .. } = self;
        let (batch, heads, head) = (Fixed(spec.batch), Fixed(spec.heads), Fixed(head_size(spec)));
        graph.input(name::IDS, Element::Int, &[Free("tokens")]);
        graph.input(name::POSITIONS, Element::Int, &[Free("tokens")]);
        graph.input(name::LAST, Element::Int, &[batch]);
        graph.input(name::TOTAL, Element::Int, &[]);
        graph.input(name::ROWS, Element::Int, &[Free("rows")]);
        graph.output(name::LOGITS, Element::Float, &[Free("rows"), Fixed(spec.vocabulary)]);
        Past::inputs(spec).for_each(|name| graph.input(&name, Element::Float, &[batch, heads, Free("past"), head]));
        Past::outputs(spec)
            .for_each(|name| graph.output(&name, Element::Float, &[batch, heads, Free("present"), head]));
    }

    /// From ids to logits.
    pub fn body(&mut self) -> Result {
        self.shapes();
        self.embed()?;
        for layer in 0..self.spec.layers {
            self.attend(layer)?;
            self.feed_forward(layer)?;
        }
        self.head()
    }

    fn shapes(&mut self) {
        let width = (self.spec.heads * head_size(self.spec)) as i64;
        self.graph.shape("flat", &[-1, width]);
        self.graph.shape("by sequence", &[self.spec.batch as i64, -1, 3 * width]);
    }

    /// `x.0 = token_embedding[id] + position_embedding[position]`, and normalised for the first layer.
    fn embed(&mut self) -> Result {
        self.weight("token_embedding")?;
        self.weight("position_embedding")?;
        self.graph.node(Op::new(Onnx, "Gather"), &["token_embedding", name::IDS], &["tokens"]);
        self.graph.node(Op::new(Onnx, "Gather"), &["position_embedding", name::POSITIONS], &["places"]);
        self.graph.node(Op::new(Onnx, "Add"), &["tokens", "places"], &["x.0"]);
        self.normalise(0)
    }

    /// `x += attention(norm1(x) · qkv + b) · out + b`
    fn attend(&mut self, layer: usize) -> Result {
        let (spec, half) = (self.spec, 2 * layer);
        let (heads, width, head, padded) = (spec.heads, spec.width, spec.width / spec.heads, head_size(spec));
        let [qkv, out] = ["qkv", "out"].map(|part| format!("layer.{layer}.{part}"));
        self.padded(&format!("{qkv}.weight"), &[width, 3 * heads * padded], head, padded)?;
        self.padded(&format!("{qkv}.bias"), &[3 * heads * padded], head, padded)?;
        self.padded(&format!("{out}.weight"), &[heads * padded, width], head * width, padded * width)?;
        self.weight(&format!("{out}.bias"))?;
        self.linear(&format!("normal.{half}"), &qkv);
        let [apart, attended, mixed] = ["apart", "attended", "mixed"].map(|part| format!("layer.{layer}.{part}"));
        self.graph.node(Op::new(Onnx, "Reshape"), &[&qkv, "by sequence"], &[&apart]);

        let cache = |word: &str| {
            [half, half + 1].map(|index| if spec.cached { format!("{word}.{index}") } else { String::new() })
        };
        let ([past_keys, past_values], [keys, values]) = (cache("past"), cache("present"));
        let op = Op::new(Microsoft, "GroupQueryAttention").int("num_heads", heads).int("kv_num_heads", heads);
        self.graph.node(
            op.float("scale", 1.0 / (head as f32).sqrt()),
            &[&apart, "", "", &past_keys, &past_values, name::LAST, name::TOTAL],
            &[&mixed, &keys, &values],
        );
        self.graph.node(Op::new(Onnx, "Reshape"), &[&mixed, "flat"], &[&attended]);
        self.linear(&attended, &out);
        self.add(half, &out)
    }

    /// `x += activation(norm2(x) · up + b) · down + b`
    fn feed_forward(&mut self, layer: usize) -> Result {
        let half = 2 * layer + 1;
        let [up, down, active] = ["up", "down", "active"].map(|part| format!("layer.{layer}.{part}"));
        for part in [&up, &down] {
            self.weight(&format!("{part}.weight"))?;
            self.weight(&format!("{part}.bias"))?;
        }
        self.linear(&format!("normal.{half}"), &up);
        let activation = match self.spec.activation {
            Activation::GeluTanh => Op::new(Onnx, "Gelu").text("approximate", "tanh"),
            Activation::GeluErf => Op::new(Onnx, "Gelu"),
            Activation::Silu => Op::new(Microsoft, "QuickGelu").float("alpha", 1.0),
        };
        self.graph.node(activation, &[&up], &[&active]);
        self.linear(&active, &down);
        self.add(half, &down)
    }

    /// `logits = norm(x) · head`, for the rows that are wanted.
    fn head(&mut self) -> Result {
        self.weight("head.weight")?;
        let normal = format!("normal.{}", 2 * self.spec.layers);
        self.graph.node(Op::new(Onnx, "Gather"), &[&normal, name::ROWS], &["wanted"]);
        self.graph.node(Op::new(Onnx, "MatMul"), &["wanted", "head.weight"], &[self.logits]);
        Ok(())
    }

    /// `linear = x · linear.weight + linear.bias`
    fn linear(&mut self, x: &str, linear: &str) {
        let product = format!("{linear}.product");
        self.graph.node(Op::new(Onnx, "MatMul"), &[x, &format!("{linear}.weight")], &[&product]);
        self.graph.node(Op::new(Onnx, "Add"), &[&product, &format!("{linear}.bias")], &[linear]);
    }

    /// After half `half` of all layers' halves: `x += change`, and normalised for what follows.
    fn add(&mut self, half: usize, change: &str) -> Result {
        self.graph.node(Op::new(Onnx, "Add"), &[&format!("x.{half}"), change], &[&format!("x.{}", half + 1)]);
        self.normalise(half + 1)
    }

    /// `normal = norm(x)`, before half `half` or the head.
    fn normalise(&mut self, half: usize) -> Result {
        let norm = match half / 2 {
            layer if layer < self.spec.layers => format!("layer.{layer}.norm{}", half % 2 + 1),
            _ => "norm".to_owned(),
        };
        let (op, parts): (_, &[&str]) = match self.spec.normalisation {
            Normalisation::Layernorm => ("LayerNormalization", &["gain", "bias"]),
            Normalisation::Rmsnorm => ("SimplifiedLayerNormalization", &["gain"]),
        };
        let mut inputs = vec![format!("x.{half}")];
        for part in parts {
            let name = format!("{norm}.{part}");
            self.weight(&name)?;
            inputs.push(name);
        }
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        self.graph.node(Op::new(Onnx, op).float("epsilon", self.spec.eps), &inputs, &[&format!("normal.{half}")]);
        Ok(())
    }

    fn weight(&mut self, name: &str) -> Result {
        let weight = self.weights.get(name)?;
        self.graph.weight(name, &weight.dims, Cow::Borrowed(weight.data));
        Ok(())
    }

    /// A weight whose every `from` elements become `to`, with zeros behind them.
    fn padded(&mut self, name: &str, dims: &[usize], from: usize, to: usize) -> Result {
        let data = self.weights.get(name)?.data;
        self.graph.weight(name, dims, pad(data, from, to));
        Ok(())
    }
}

fn pad(data: &[f32], from: usize, to: usize) -> Cow<'_, [f32]> {
    if from == to {
        return Cow::Borrowed(data);
    }
    let zeros = std::iter::repeat_n(0.0, to - from);
    data.chunks_exact(from).flat_map(|part| part.iter().copied().chain(zeros.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_fill_up_every_part() {
        assert_eq!(*pad(&[1.0, 2.0, 3.0, 4.0], 2, 3), [1.0, 2.0, 0.0, 3.0, 4.0, 0.0]);
        assert!(matches!(pad(&[1.0, 2.0], 2, 2), Cow::Borrowed(_)));
    }
}
