//! The same graph with the inputs and outputs that Hugging Face's libraries expect of a decoder:
//!
//! | input | type, shape |
//! |---|---|
//! | `input_ids`, `position_ids` | i64 `[batch, new]` |
//! | `attention_mask` | i64 `[batch, past + new]`; of its values only their number is looked at |
//! | `past_key_values.N.key`, `.value` | f32 `[batch, heads, past, head]` of layer `N` |
//!
//! Outputs are `logits`, f32 `[batch, new, vocabulary]`, and `present.N.key`, `.value`.

use smbench_sdk::Result;
use smbench_sdk::extension::model::{ModelSpec, Weights};

use crate::decoder::{Past, Writer, head_size, name};
use crate::graph::Dim::{self, Fixed, Free};
use crate::graph::Domain::Onnx;
use crate::graph::{Element, Graph, Op};

const ROWS_OF_LOGITS: &str = "logits.rows";

/// The file. It always remembers keys and values: whoever wants none gives a past of no positions.
pub fn hugging_face(spec: &ModelSpec, weights: &Weights<'_>) -> Result<Vec<u8>> {
    let spec = ModelSpec { cached: true, ..*spec };
    let mut writer = Writer { graph: Graph::default(), spec: &spec, weights, logits: ROWS_OF_LOGITS };
    inputs(&mut writer.graph, &spec);
    writer.body()?;
    outputs(&mut writer.graph, &spec);
    Ok(writer.graph.into_file())
}

/// What the decoder's own inputs are made of.
fn inputs(graph: &mut Graph<'_>, spec: &ModelSpec) {
    let new = [Fixed(spec.batch), Free("new")];
    let int = || Op::new(Onnx, "Cast").int("to", Element::Int as usize);
    graph.shape("all", &[-1]);
    for (theirs, ours) in [("input_ids", name::IDS), ("position_ids", name::POSITIONS)] {
        graph.input(theirs, Element::Long, &new);
        graph.node(Op::new(Onnx, "Reshape"), &[theirs, "all"], &[&format!("{ours}.long")]);
        graph.node(int(), &[&format!("{ours}.long")], &[ours]);
    }
    graph.input("attention_mask", Element::Long, &[Fixed(spec.batch), Free("total")]);
    graph.shape("zero", &[0]);
    graph.shape("one", &[1]);
    graph.shape("batch", &[spec.batch as i64]);
    graph.node(Op::new(Onnx, "Shape").int("start", 1), &["attention_mask"], &["total.vector"]);
    graph.node(Op::new(Onnx, "Sub"), &["total.vector", "one"], &["last.vector"]);
    graph.node(Op::new(Onnx, "Expand"), &["last.vector", "batch"], &["last.long"]);
    graph.node(int(), &["last.long"], &[name::LAST]);
    graph.node(Op::new(Onnx, "Squeeze"), &["total.vector", "zero"], &["total.long"]);
    graph.node(int(), &["total.long"], &[name::TOTAL]);
    // All positions.
    graph.node(Op::new(Onnx, "Size"), &["input_ids"], &["tokens.count"]);
    graph.node(Op::new(Onnx, "Squeeze"), &["zero", "zero"], &["first"]);
    graph.node(Op::new(Onnx, "Squeeze"), &["one", "zero"], &["step"]);
    graph.node(Op::new(Onnx, "Range"), &["first", "tokens.count", "step"], &[name::ROWS]);
    for (theirs, ours) in names(spec, "past_key_values").zip(Past::inputs(spec)) {
        graph.input(&theirs, Element::Float, &cache(spec, "past"));
        graph.node(Op::new(Onnx, "Identity"), &[&theirs], &[&ours]);
    }
}

/// What the decoder's own outputs become.
fn outputs(graph: &mut Graph<'_>, spec: &ModelSpec) {
    graph.shape("by sequence and position", &[spec.batch as i64, -1, spec.vocabulary as i64]);
    graph.node(Op::new(Onnx, "Reshape"), &[ROWS_OF_LOGITS, "by sequence and position"], &[name::LOGITS]);
    graph.output(name::LOGITS, Element::Float, &[Fixed(spec.batch), Free("new"), Fixed(spec.vocabulary)]);
    for (theirs, ours) in names(spec, "present").zip(Past::outputs(spec)) {
        graph.node(Op::new(Onnx, "Identity"), &[&ours], &[&theirs]);
        graph.output(&theirs, Element::Float, &cache(spec, "total"));
    }
}

/// Keys and values of each layer in turn.
fn names(spec: &ModelSpec, word: &'static str) -> impl Iterator<Item = String> {
    (0..spec.layers).flat_map(move |layer| ["key", "value"].map(|part| format!("{word}.{layer}.{part}")))
}

fn cache(spec: &ModelSpec, positions: &'static str) -> [Dim; 4] {
    [Fixed(spec.batch), Fixed(spec.heads), Free(positions), Fixed(head_size(spec))]
}
