//! gelu: Gaussian error linear unit (Hendrycks & Gimpel 2016, arXiv:1606.08415), element by element.

use smbench_abi::op as raw;

use crate::{Backend, Error, Io, Op, OpEntry, Operand, Result};

/// Gaussian error linear unit, element by element.
pub trait Gelu {
    /// Overwrites the output.
    fn gelu(&mut self, args: GeluArgs<'_>) -> Result;
}

/// Operands of [`Gelu`].
pub struct GeluArgs<'a> {
    /// Which of the two formulas.
    pub form: GeluForm,
    /// `x` and `out`.
    pub io: Io<'a>,
}

/// Which GELU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GeluForm {
    /// `x/2 · (1 + tanh(sqrt(2/π) · (x + 0.044715 x³)))`.
    Tanh,
    /// `x/2 · (1 + erf(x / sqrt 2))`.
    Erf,
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend + Gelu>() -> OpEntry<B> {
    OpEntry::of::<Shim>()
}

struct Shim;

impl<B: Gelu> Op<B> for Shim {
    type Args = raw::GeluArgs;

    #[inline]
    unsafe fn run(backend: &mut B, args: &raw::GeluArgs) -> Result {
        let form = form(args.form)?;
        let x = Operand::contiguous("x", &args.x)?;
        let out = Operand::contiguous("out", &args.out)?;
        // SAFETY: the caller vouches for the memory.
        let io = unsafe { x.into_io(out)? };
        backend.gelu(GeluArgs { form, io })
    }
}

fn form(form: raw::GeluForm) -> Result<GeluForm> {
    match form {
        raw::GeluForm::TANH => Ok(GeluForm::Tanh),
        raw::GeluForm::ERF => Ok(GeluForm::Erf),
        other => Err(Error::unsupported(format!("gelu has no form {}", other.0))),
    }
}
