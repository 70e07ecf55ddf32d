//! decoder: a pre-normalised transformer decoder with learned positions and an untied head, as GPT-2 is one (Radford et
//! al. 2019): what it is made of, what it costs, and its f64 oracle.
//!
//! ```text
//! x = token_embedding[id] + position_embedding[position]
//! for every layer:  x += attention(norm1(x) · qkv + b) · out + b          causal, heads side by side in a row
//!                   x += activation(norm2(x) · up + b) · down + b
//! logits = norm(x) · head
//! ```
//!
//! No op of the ABI, but composed of them by the host; so it has no contract, and this is the one place that defines it.

mod oracle;

pub use oracle::Oracle;

use crate::generator::Fill;
use crate::{Cost, find};

/// Sizes and kinds: all that distinguishes one decoder from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoder {
    /// Token ids are below this.
    pub vocabulary: usize,
    /// Most positions.
    pub context: usize,
    /// Width of the residual stream; a multiple of `heads`.
    pub width: usize,
    /// Blocks.
    pub layers: usize,
    /// Attention heads.
    pub heads: usize,
    /// Width of the feed-forward block.
    pub hidden: usize,
    /// Before either half of a block, and before the head.
    pub normalisation: Normalisation,
    /// In the feed-forward block.
    pub activation: Activation,
}

/// How rows are normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalisation {
    /// With gain and bias.
    Layernorm,
    /// With gain only.
    Rmsnorm,
}

/// What stands between the two halves of a feed-forward block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// GELU by its tanh form.
    GeluTanh,
    /// GELU by its erf form.
    GeluErf,
    /// SiLU.
    Silu,
}

impl Normalisation {
    /// The op's name.
    pub fn op(self) -> &'static str {
        match self {
            Self::Layernorm => "layernorm",
            Self::Rmsnorm => "rmsnorm",
        }
    }
}

impl Activation {
    /// The op's name.
    pub fn op(self) -> &'static str {
        match self {
            Self::GeluTanh => "gelu_tanh",
            Self::GeluErf => "gelu_erf",
            Self::Silu => "silu",
        }
    }
}

/// One weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// `layer.0.qkv.weight`.
    pub name: String,
    /// Row-major.
    pub dims: Vec<usize>,
    /// What it is filled with.
    pub fill: Fill,
}

/// Embeddings and biases are uniform within this; matrices by Xavier's rule.
const SMALL: f32 = 0.02;

impl Weight {
    fn small(name: impl Into<String>, dims: &[usize]) -> Self {
        Self { name: name.into(), dims: dims.to_vec(), fill: Fill::Range(SMALL) }
    }

    /// Uniform within `√(6 / (rows + columns))` (Glorot and Bengio 2010): neither signals nor gradients grow.
    fn xavier(name: impl Into<String>, dims: [usize; 2]) -> Self {
        let limit = (6.0 / (dims[0] + dims[1]) as f64).sqrt() as f32;
        Self { name: name.into(), dims: dims.to_vec(), fill: Fill::Range(limit) }
    }

    /// Between 0.5 and 1.5: with gains of one, a kernel that forgets them is right.
    fn gain(name: impl Into<String>, width: usize) -> Self {
        Self { name: name.into(), dims: vec![width], fill: Fill::Gain }
    }

    /// Elements.
    pub fn elements(&self) -> usize {
        self.dims.iter().product()
    }
}

/// Where the weights of a layer begin, and what follows in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerWeights {
    /// Index of `norm1`'s gain; its bias follows, if it has one.
    pub norm1: usize,
    /// Index of the matrix of queries, keys and values `[width × 3·width]`; its bias follows, as with all matrices here.
    pub qkv: usize,
    /// Index of the matrix behind the attention `[width × width]`.
    pub out: usize,
    /// Index of `norm2`'s gain.
    pub norm2: usize,
    /// Index of the matrix into the feed-forward block `[width × hidden]`.
    pub up: usize,
    /// Index of the matrix out of it `[hidden × width]`.
    pub down: usize,
}

impl Decoder {
    /// Added to variances and mean squares; what GPT-2 has, and the ops here.
    pub const EPS: f32 = 1e-5;

    /// Index of the token embedding `[vocabulary × width]` among the weights.
    pub const TOKEN_EMBEDDING: usize = 0;

    /// Index of the position embedding `[context × width]` among the weights.
    pub const POSITION_EMBEDDING: usize = 1;

    /// Elements of a head.
    pub fn head_dim(&self) -> usize {
        self.width / self.heads
    }

    /// Tensors of a normalisation: the gain, and the bias if there is one.
    fn norm_tensors(&self) -> usize {
        if self.normalisation == Normalisation::Layernorm { 2 } else { 1 }
    }

    /// Indices of a layer's weights.
    pub fn layer(&self, layer: usize) -> LayerWeights {
        let norm = self.norm_tensors();
        let norm1 = 2 + layer * (2 * norm + 8);
        let qkv = norm1 + norm;
        let norm2 = qkv + 4;
        LayerWeights { norm1, qkv, out: qkv + 2, norm2, up: norm2 + norm, down: norm2 + norm + 2 }
    }

    /// Index of the last normalisation's gain.
    pub fn last_norm(&self) -> usize {
        self.layer(self.layers).norm1
    }

    /// Index of the head `[width × vocabulary]`, which has no bias and comes last.
    pub fn head(&self) -> usize {
        self.last_norm() + self.norm_tensors()
    }

    /// All weights, in the order of their indices.
    pub fn weights(&self) -> Vec<Weight> {
        let Self { vocabulary, context, width, hidden, .. } = *self;
        let mut weights = vec![
            Weight::small("token_embedding", &[vocabulary, width]),
            Weight::small("position_embedding", &[context, width]),
        ];
        let linear = |weights: &mut Vec<Weight>, name: String, dims: [usize; 2]| {
            weights.push(Weight::xavier(format!("{name}.weight"), dims));
            weights.push(Weight::small(format!("{name}.bias"), &dims[1..]));
        };
        for layer in 0..self.layers {
            self.norm(&mut weights, &format!("layer.{layer}.norm1"));
            linear(&mut weights, format!("layer.{layer}.qkv"), [width, 3 * width]);
            linear(&mut weights, format!("layer.{layer}.out"), [width, width]);
            self.norm(&mut weights, &format!("layer.{layer}.norm2"));
            linear(&mut weights, format!("layer.{layer}.up"), [width, hidden]);
            linear(&mut weights, format!("layer.{layer}.down"), [hidden, width]);
        }
        self.norm(&mut weights, "norm");
        weights.push(Weight::xavier("head.weight", [width, vocabulary]));
        weights
    }

    fn norm(&self, weights: &mut Vec<Weight>, name: &str) {
        weights.push(Weight::gain(format!("{name}.gain"), self.width));
        if self.normalisation == Normalisation::Layernorm {
            weights.push(Weight::small(format!("{name}.bias"), &[self.width]));
        }
    }

    /// Elements of all weights.
    pub fn parameters(&self) -> usize {
        self.weights().iter().map(Weight::elements).sum()
    }

    /// Bytes of keys and values that a position leaves in a cache.
    pub fn kv_bytes(&self) -> usize {
        2 * self.layers * self.width * size_of::<f32>()
    }

    /// One pass over `batch` sequences of `new` positions each behind `past` cached ones, with logits for `rows` of them.
    ///
    /// Flops are those of the ops. Bytes are what cannot be avoided: matrices, gains and biases once, rows of embeddings,
    /// the cache, logits; what passes from op to op stays in a core's cache.
    pub fn cost(&self, batch: usize, new: usize, past: usize, rows: usize) -> Cost {
        let Self { vocabulary, context, width, layers, hidden, heads, .. } = *self;
        let positions = batch * new;
        let flops = |op: &str, size: &[usize]| find(op).map_or(0, |op| op.problem(size).cost.flops);
        let norm = flops(self.normalisation.op(), &[positions, width]);
        let layer = flops("matmul_bias", &[positions, 3 * width, width])
            + flops("attention", &[batch, new, past + new, heads, self.head_dim()])
            + flops("matmul_bias", &[positions, width, width])
            + flops("matmul_bias", &[positions, hidden, width])
            + flops(self.activation.op(), &[positions * hidden])
            + flops("matmul_bias", &[positions, width, hidden])
            + 2 * (norm + flops("add", &[positions * width]));
        let rest = flops("add", &[positions * width]) + norm + flops("matmul", &[rows, vocabulary, width]);
        let tables = (vocabulary + context) * width;
        let elements = self.parameters() - tables + 2 * positions * width + rows * vocabulary;
        let cache = batch * (past + new) * self.kv_bytes();
        Cost { flops: layers as u64 * layer + rest, bytes: (elements * size_of::<f32>() + cache) as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gpt(vocabulary: usize, context: usize, width: usize, layers: usize) -> Decoder {
        Decoder {
            vocabulary,
            context,
            width,
            layers,
            heads: 4,
            hidden: 4 * width,
            normalisation: Normalisation::Layernorm,
            activation: Activation::GeluTanh,
        }
    }

    #[test]
    fn the_original_models_have_so_many_parameters() {
        assert_eq!(gpt(256, 64, 128, 2).parameters(), 470_528);
        assert_eq!(gpt(512, 128, 256, 4).parameters(), 3_454_464);
    }

    #[test]
    fn indices_are_those_of_the_names() {
        for normalisation in [Normalisation::Layernorm, Normalisation::Rmsnorm] {
            let decoder = Decoder { normalisation, ..gpt(256, 64, 128, 3) };
            let weights = decoder.weights();
            let name = |index: usize| weights[index].name.as_str();
            let last = decoder.layer(2);
            assert_eq!(name(last.norm1), "layer.2.norm1.gain");
            assert_eq!(name(last.qkv), "layer.2.qkv.weight");
            assert_eq!(name(last.qkv + 1), "layer.2.qkv.bias");
            assert_eq!(name(last.out), "layer.2.out.weight");
            assert_eq!(name(last.norm2), "layer.2.norm2.gain");
            assert_eq!(name(last.up), "layer.2.up.weight");
            assert_eq!(name(last.down), "layer.2.down.weight");
            assert_eq!(name(decoder.last_norm()), "norm.gain");
            assert_eq!((name(decoder.head()), decoder.head()), ("head.weight", weights.len() - 1));
        }
    }

    #[test]
    fn a_decoded_token_reads_the_weights_once() {
        let medium = gpt(512, 128, 256, 4);
        let cost = medium.cost(1, 1, 20, 1);
        // PERFORMANCE.md: 13.1 MB and 6.55 MFLOP for a token; norms, attention and activation come on top.
        assert!((13.1e6..13.5e6).contains(&(cost.bytes as f64)), "{cost:?}");
        assert!((6.55e6..6.85e6).contains(&(cost.flops as f64)), "{cost:?}");
        assert_eq!(medium.kv_bytes(), 8 << 10);
    }
}
