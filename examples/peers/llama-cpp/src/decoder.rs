//! The decoder in llama.cpp's words: architecture `gpt2`, tokenizer `no_vocab`.

use smbench_sdk::extension::model::{Activation, ModelSpec, Normalisation, Weights};
use smbench_sdk::{Error, Result};

use crate::gguf::Gguf;

/// The decoder as GGUF, if it is one that llama.cpp's GPT-2 can be: layernorm, and GELU in its tanh form.
pub fn gguf<'a>(spec: &ModelSpec, weights: &Weights<'a>) -> Result<Gguf<'a>> {
    if spec.normalisation != Normalisation::Layernorm || spec.activation != Activation::GeluTanh {
        return Err(Error::unsupported("llama.cpp's GPT-2 has layernorm and GELU in its tanh form"));
    }
    let mut gguf = Gguf::default();
    gguf.text("general.architecture", "gpt2");
    gguf.number("gpt2.vocab_size", spec.vocabulary);
    gguf.number("gpt2.context_length", spec.context);
    gguf.number("gpt2.embedding_length", spec.width);
    gguf.number("gpt2.block_count", spec.layers);
    gguf.number("gpt2.feed_forward_length", spec.hidden);
    gguf.number("gpt2.attention.head_count", spec.heads);
    gguf.float("gpt2.attention.layer_norm_epsilon", spec.eps);
    gguf.text("tokenizer.ggml.model", "no_vocab");
    let mut file = Named { gguf, weights };
    file.plain("token_embedding", "token_embd.weight")?;
    file.plain("position_embedding", "position_embd.weight")?;
    for layer in 0..spec.layers {
        let (ours, theirs) = (format!("layer.{layer}"), format!("blk.{layer}"));
        file.norm(&format!("{ours}.norm1"), &format!("{theirs}.attn_norm"))?;
        file.linear(&format!("{ours}.qkv"), &format!("{theirs}.attn_qkv"))?;
        file.linear(&format!("{ours}.out"), &format!("{theirs}.attn_output"))?;
        file.norm(&format!("{ours}.norm2"), &format!("{theirs}.ffn_norm"))?;
        file.linear(&format!("{ours}.up"), &format!("{theirs}.ffn_up"))?;
        file.linear(&format!("{ours}.down"), &format!("{theirs}.ffn_down"))?;
    }
    file.norm("norm", "output_norm")?;
    file.matrix("head.weight", "output.weight")?;
    Ok(file.gguf)
}

/// Weights on their way from our names to llama.cpp's.
struct Named<'a, 'w> {
    gguf: Gguf<'a>,
    weights: &'w Weights<'a>,
}

impl Named<'_, '_> {
    fn norm(&mut self, ours: &str, theirs: &str) -> Result {
        self.plain(&format!("{ours}.gain"), &format!("{theirs}.weight"))?;
        self.plain(&format!("{ours}.bias"), &format!("{theirs}.bias"))
    }

    fn linear(&mut self, ours: &str, theirs: &str) -> Result {
        self.matrix(&format!("{ours}.weight"), &format!("{theirs}.weight"))?;
        self.plain(&format!("{ours}.bias"), &format!("{theirs}.bias"))
    }

    fn plain(&mut self, ours: &str, theirs: &str) -> Result {
        let weight = self.weights.get(ours)?;
        self.gguf.tensor(theirs.to_owned(), &weight.dims, weight.data);
        Ok(())
    }

    fn matrix(&mut self, ours: &str, theirs: &str) -> Result {
        let weight = self.weights.get(ours)?;
        let dims = weight.dims[..].try_into().map_err(|_| Error::invalid(format!("`{ours}` is no matrix")))?;
        self.gguf.transposed(theirs.to_owned(), dims, weight.data);
        Ok(())
    }
}
