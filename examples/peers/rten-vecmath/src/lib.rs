//! smbench peer `rten-vecmath`: its vectorised ops on slices, as rten calls them, on the caller's thread.

use std::ffi::CStr;
use std::mem::MaybeUninit;

use rten_simd::{SimdOp, SimdUnaryOp};
use rten_vecmath::{ApproxGelu, Normalize, NormalizeOptions, Silu, Softmax, Sum, SumSquare, SumSquareSub};
use smbench_sdk::extension::{self, Receipt, Receipts};
use smbench_sdk::op::{self, GeluArgs, GeluForm, LayernormArgs, RmsnormArgs, SiluArgs, SoftmaxArgs};
use smbench_sdk::{Backend, CreateArgs, Error, ExtensionEntry, Io, OpEntry, Result};

/// A context has no state.
struct RtenVecmath;

impl Backend for RtenVecmath {
    const NAME: &'static CStr = c"rten-vecmath";
    const VENDOR: &'static CStr = c"robertknight";
    const OPS: &'static [OpEntry<Self>] = &[
        op::gelu::entry().runs("Gelu, ApproxGelu"),
        op::silu::entry().runs("Silu"),
        op::softmax::entry().runs("Softmax"),
        op::layernorm::entry().runs("Sum, SumSquareSub, Normalize"),
        op::rmsnorm::entry().runs("SumSquare, Normalize"),
    ];
    const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[extension::receipt::entry()];

    fn create(_: &CreateArgs<'_>) -> Result<Self> {
        Ok(Self)
    }
}

impl Receipts for RtenVecmath {
    /// It does not say which instructions it chose.
    fn receipt(&self, _: &OpEntry<Self>) -> Receipt {
        Receipt { threads: 1, ..Receipt::default() }
    }
}

impl op::Gelu for RtenVecmath {
    fn gelu(&mut self, args: GeluArgs<'_>) -> Result {
        match args.form {
            GeluForm::Tanh => unary(ApproxGelu {}, args.io),
            GeluForm::Erf => unary(rten_vecmath::Gelu {}, args.io),
        }
        Ok(())
    }
}

impl op::Silu for RtenVecmath {
    fn silu(&mut self, args: SiluArgs<'_>) -> Result {
        unary(Silu {}, args.io);
        Ok(())
    }
}

impl op::Softmax for RtenVecmath {
    fn softmax(&mut self, args: SoftmaxArgs<'_>) -> Result {
        if args.causal {
            return Err(Error::unsupported("a causal softmax"));
        }
        for row in args.io.rows(args.shape.cols) {
            match row {
                Io::Separate { x, out } => Softmax::new(x, uninit(out)).dispatch(),
                Io::InPlace(x) => Softmax::new_mut(x).dispatch(),
            };
        }
        Ok(())
    }
}

impl op::Layernorm for RtenVecmath {
    fn layernorm(&mut self, args: LayernormArgs<'_>) -> Result {
        let LayernormArgs { shape, eps, io, gamma, beta } = args;
        for row in io.rows(shape.cols) {
            let cols = shape.cols as f32;
            let mean = Sum::new(row.x()).dispatch() / cols;
            let variance = SumSquareSub::new(row.x(), mean).dispatch() / cols;
            let scale = 1.0 / (variance + eps).sqrt();
            let (element_scale, element_bias) = (Some(gamma), Some(beta));
            normalize(row, NormalizeOptions { pre_scale_bias: mean, scale, element_scale, bias: 0.0, element_bias });
        }
        Ok(())
    }
}

impl op::Rmsnorm for RtenVecmath {
    fn rmsnorm(&mut self, args: RmsnormArgs<'_>) -> Result {
        let RmsnormArgs { shape, eps, io, gamma } = args;
        for row in io.rows(shape.cols) {
            let mean_square = SumSquare::new(row.x()).dispatch() / shape.cols as f32;
            let scale = 1.0 / (mean_square + eps).sqrt();
            normalize(row, NormalizeOptions { scale, element_scale: Some(gamma), ..NormalizeOptions::default() });
        }
        Ok(())
    }
}

fn unary(op: impl SimdUnaryOp<f32>, io: Io<'_>) {
    match io {
        Io::Separate { x, out } => _ = op.map(x, uninit(out)),
        Io::InPlace(x) => op.map_mut(x),
    }
}

fn normalize(row: Io<'_>, options: NormalizeOptions<'_>) {
    match row {
        Io::Separate { x, out } => Normalize::new(x, uninit(out), options).dispatch(),
        Io::InPlace(x) => Normalize::new_mut(x, options).dispatch(),
    };
}

/// rten-vecmath writes to memory that nobody has filled.
fn uninit(out: &mut [f32]) -> &mut [MaybeUninit<f32>] {
    // SAFETY: the two have one layout, and rten-vecmath writes nothing but numbers.
    unsafe { &mut *(std::ptr::from_mut(out) as *mut [MaybeUninit<f32>]) }
}

smbench_sdk::export_backend!(RtenVecmath);
