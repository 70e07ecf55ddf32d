//! Normalisation, alone and behind a sum.

use smbench_abi::op::{AddLayernormArgs, LayernormArgs, RmsnormArgs};
use smbench_abi::{ArgsHeader, Tensor};
use smbench_harness::{CallError, Tap};
use smbench_ops::decoder::Decoder;

use super::{Ops, need};

/// The weights of a normalisation.
#[derive(Clone, Copy)]
pub struct NormWeights {
    /// `[cols]`.
    pub gain: Tensor,
    /// `[cols]`: a layernorm; none: an rmsnorm.
    pub bias: Option<Tensor>,
}

impl Ops<'_> {
    /// `out = norm(x)`
    pub fn normalise(&self, tap: &mut impl Tap, x: Tensor, norm: NormWeights, out: Tensor) -> Result<(), CallError> {
        let NormWeights { gain: gamma, bias } = norm;
        let eps = Decoder::EPS;
        match bias {
            Some(beta) => {
                let header = ArgsHeader::of::<LayernormArgs>();
                let args = LayernormArgs { header, eps, reserved: 0, x, gamma, beta, out };
                tap.around("layernorm", || need(&self.layernorm)?.call(&args))
            }
            None => {
                let args = RmsnormArgs { header: ArgsHeader::of::<RmsnormArgs>(), eps, reserved: 0, x, gamma, out };
                tap.around("rmsnorm", || need(&self.rmsnorm)?.call(&args))
            }
        }
    }

    /// `sum = x + residual; out = norm(sum)`, `sum` being `x` or not: in one op where the backend has it, else in two.
    pub fn add_normalise(
        &self,
        tap: &mut impl Tap,
        [x, residual]: [Tensor; 2],
        norm: NormWeights,
        [sum, out]: [Tensor; 2],
    ) -> Result<(), CallError> {
        let (Some(fused), Some(beta)) = (&self.add_layernorm, norm.bias) else {
            self.add(tap, x, residual, sum)?;
            return self.normalise(tap, sum, norm, out);
        };
        let args = AddLayernormArgs {
            header: ArgsHeader::of::<AddLayernormArgs>(),
            eps: Decoder::EPS,
            reserved: 0,
            x,
            residual,
            gamma: norm.gain,
            beta,
            sum,
            out,
        };
        tap.around("add_layernorm", || fused.call(&args))
    }
}
