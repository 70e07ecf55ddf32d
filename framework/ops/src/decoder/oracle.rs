//! The decoder in f64: slow, plain, and easy to believe.

use super::{Activation, Decoder, Normalisation};
use crate::tolerance::Expected;

/// Everything a sequence's logits follow from, in f64.
#[derive(Clone, Debug)]
pub struct Oracle {
    /// Rows of the head's input, one for each position.
    rows: Vec<f64>,
    width: usize,
    vocabulary: usize,
    epsilons: f64,
}

impl Decoder {
    /// Runs a sequence from its first position. As no position sees a later one, a longer sequence serves for all its
    /// beginnings, and a cache changes nothing.
    pub fn oracle(&self, weights: &[&[f32]], ids: &[u32]) -> Oracle {
        let mut x = self.embed(weights, ids);
        for layer in 0..self.layers {
            self.attend(weights, layer, &mut x);
            self.feed_forward(weights, layer, &mut x);
        }
        let rows = self.normalise(weights, self.last_norm(), &x);
        let Self { width, vocabulary, .. } = *self;
        Oracle { rows, width, vocabulary, epsilons: self.epsilons() }
    }

    fn embed(&self, weights: &[&[f32]], ids: &[u32]) -> Vec<f64> {
        let (tokens, positions) = (weights[Self::TOKEN_EMBEDDING], weights[Self::POSITION_EMBEDDING]);
        let row = |table: &'_ [f32], index: usize| table[index * self.width..(index + 1) * self.width].to_vec();
        let rows = ids.iter().enumerate().map(|(position, &id)| (row(tokens, id as usize), row(positions, position)));
        rows.flat_map(|(token, position)| {
            token.into_iter().zip(position).map(|(token, position)| f64::from(token) + f64::from(position))
        })
        .collect()
    }

    /// `x += attention(norm1(x) · qkv + b) · out + b`
    fn attend(&self, weights: &[&[f32]], layer: usize, x: &mut [f64]) {
        let indices = self.layer(layer);
        let normal = self.normalise(weights, indices.norm1, x);
        let qkv = linear(&normal, weights, indices.qkv, self.width);
        let mut attended = vec![0.0; x.len()];
        for position in 0..x.len() / self.width {
            for head in 0..self.heads {
                self.head_at(&qkv, position, head, &mut attended);
            }
        }
        add(x, &linear(&attended, weights, indices.out, self.width));
    }

    /// One head of one position over all positions up to it.
    fn head_at(&self, qkv: &[f64], position: usize, head: usize, attended: &mut [f64]) {
        let (size, width) = (self.head_dim(), self.width);
        let part = |position: usize, of: usize| &qkv[position * 3 * width + of * width + head * size..][..size];
        let query = part(position, 0);
        let score = |key: usize| dot(query, part(key, 1)) / (size as f64).sqrt();
        let scores: Vec<f64> = (0..=position).map(score).collect();
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exponentials: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
        let sum: f64 = exponentials.iter().sum();
        let out = &mut attended[position * width + head * size..][..size];
        for (key, exponential) in exponentials.iter().enumerate() {
            out.iter_mut().zip(part(key, 2)).for_each(|(out, value)| *out += exponential / sum * value);
        }
    }

    /// `x += activation(norm2(x) · up + b) · down + b`
    fn feed_forward(&self, weights: &[&[f32]], layer: usize, x: &mut [f64]) {
        let indices = self.layer(layer);
        let normal = self.normalise(weights, indices.norm2, x);
        let mut hidden = linear(&normal, weights, indices.up, self.width);
        hidden.iter_mut().for_each(|value| *value = self.activation.of(*value));
        add(x, &linear(&hidden, weights, indices.down, self.hidden));
    }

    fn normalise(&self, weights: &[&[f32]], gain: usize, x: &[f64]) -> Vec<f64> {
        let row = |row: &[f64]| -> Vec<f64> {
            let centre = match self.normalisation {
                Normalisation::Layernorm => row.iter().sum::<f64>() / row.len() as f64,
                Normalisation::Rmsnorm => 0.0,
            };
            let square = row.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / row.len() as f64;
            let scale = 1.0 / (square + f64::from(Self::EPS)).sqrt();
            let scaled = row.iter().zip(weights[gain]).map(|(x, &gain)| (x - centre) * scale * f64::from(gain));
            match self.normalisation {
                Normalisation::Layernorm => {
                    scaled.zip(weights[gain + 1]).map(|(x, &bias)| x + f64::from(bias)).collect()
                }
                Normalisation::Rmsnorm => scaled.collect(),
            }
        };
        x.chunks_exact(self.width).flat_map(row).collect()
    }

    /// How many epsilons of the largest logit a right f32 implementation may be off: roundings of a sum grow with the
    /// root of its length, and every block adds its own. Measured 2026-11, with the shipped backends on both shipped
    /// models: under a fiftieth of it. Keys and values in f16 are some five times outside.
    fn epsilons(&self) -> f64 {
        8.0 * (self.layers + 1) as f64 * (self.width as f64).sqrt()
    }
}

impl Oracle {
    /// Positions there are.
    pub fn positions(&self) -> usize {
        self.rows.len() / self.width
    }

    /// The exact logits of a position, and how far a right implementation may be from each.
    pub fn logits(&self, head: &[f32], position: usize) -> Vec<Expected> {
        let row = &self.rows[position * self.width..(position + 1) * self.width];
        let mut logits = vec![0.0; self.vocabulary];
        for (x, weights) in row.iter().zip(head.chunks_exact(self.vocabulary)) {
            logits.iter_mut().zip(weights).for_each(|(logit, &weight)| *logit += x * f64::from(weight));
        }
        let largest = logits.iter().fold(0.0_f64, |largest, logit| largest.max(logit.abs()));
        logits.into_iter().map(|logit| Expected::new(logit, largest, self.epsilons)).collect()
    }
}

impl Activation {
    fn of(self, x: f64) -> f64 {
        match self {
            Self::GeluTanh => {
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
                0.5 * x * (1.0 + inner.tanh())
            }
            Self::GeluErf => 0.5 * x * (1.0 + libm::erf(x / std::f64::consts::SQRT_2)),
            Self::Silu => x / (1.0 + (-x).exp()),
        }
    }
}

/// `x · weights[matrix] + weights[matrix + 1]`, rows of `x` being `inner` long. Row by row of the matrix, which the
/// compiler makes vectors of: a model's own size is computed in every launch.
fn linear(x: &[f64], weights: &[&[f32]], matrix: usize, inner: usize) -> Vec<f64> {
    let (matrix, bias) = (weights[matrix], weights[matrix + 1]);
    let row = |x: &[f64]| {
        let mut out: Vec<f64> = bias.iter().map(|&bias| f64::from(bias)).collect();
        for (x, weights) in x.iter().zip(matrix.chunks_exact(bias.len())) {
            out.iter_mut().zip(weights).for_each(|(out, &weight)| *out += x * f64::from(weight));
        }
        out
    };
    x.chunks_exact(inner).flat_map(row).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(x: &mut [f64], y: &[f64]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Regime, fill};

    fn decoder(normalisation: Normalisation) -> Decoder {
        Decoder {
            vocabulary: 7,
            context: 5,
            width: 6,
            layers: 2,
            heads: 3,
            hidden: 10,
            normalisation,
            activation: Activation::Silu,
        }
    }

    fn weights(decoder: &Decoder) -> Vec<Vec<f32>> {
        let weights = decoder.weights().into_iter().enumerate().map(|(index, weight)| {
            let mut values = vec![0.0; weight.elements()];
            fill(&mut values, weight.fill, Regime::Usual, index as u64);
            values
        });
        weights.collect()
    }

    #[test]
    fn a_position_sees_nothing_that_follows() {
        for normalisation in [Normalisation::Layernorm, Normalisation::Rmsnorm] {
            let decoder = decoder(normalisation);
            let weights = weights(&decoder);
            let weights: Vec<&[f32]> = weights.iter().map(Vec::as_slice).collect();
            let (short, long) = (decoder.oracle(&weights, &[3, 1, 6]), decoder.oracle(&weights, &[3, 1, 6, 0, 5]));
            let head = weights[decoder.head()];
            for position in 0..3 {
                assert_eq!(short.logits(head, position), long.logits(head, position));
            }
            assert_ne!(long.logits(head, 3), long.logits(head, 4));
            assert_eq!(long.positions(), 5);
        }
    }

    /// With one position, attention is the value itself, and everything can be followed by hand.
    #[test]
    fn one_position_by_hand() {
        let decoder = Decoder { layers: 1, ..decoder(Normalisation::Rmsnorm) };
        let weights = weights(&decoder);
        let weights: Vec<&[f32]> = weights.iter().map(Vec::as_slice).collect();
        let as_f64 = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let (token, position) = (as_f64(&weights[0][12..18]), as_f64(&weights[1][..6]));
        let mut x: Vec<f64> = token.iter().zip(&position).map(|(a, b)| a + b).collect();
        let rms = |x: &[f64], gain: &[f32]| -> Vec<f64> {
            let mean = x.iter().map(|x| x * x).sum::<f64>() / 6.0 + f64::from(1e-5_f32);
            x.iter().zip(gain).map(|(x, &gain)| x / mean.sqrt() * f64::from(gain)).collect()
        };
        // layer: 2 norm1, 3 and 4 qkv, 5 and 6 out, 7 norm2, 8 and 9 up, 10 and 11 down; 12 norm, 13 head.
        let qkv = linear(&rms(&x, weights[2]), &weights, 3, 6);
        add(&mut x, &linear(&qkv[12..], &weights, 5, 6));
        let hidden: Vec<f64> =
            linear(&rms(&x, weights[7]), &weights, 8, 6).iter().map(|x| x / (1.0 + (-x).exp())).collect();
        add(&mut x, &linear(&hidden, &weights, 10, 10));
        let last = rms(&x, weights[12]);
        let expected = decoder.oracle(&weights, &[2]).logits(weights[13], 0);
        for (column, expected) in expected.iter().enumerate() {
            let by_hand: f64 = (0..6).map(|row| last[row] * f64::from(weights[13][row * 7 + column])).sum();
            assert!((by_hand - expected.value).abs() < 1e-12, "{by_hand} {expected:?}");
        }
    }
}
