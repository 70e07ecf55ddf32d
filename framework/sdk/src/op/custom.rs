//! Ops of your own (`acme.topk/1`): what they take is declared by the suite that measures them.

use std::ffi::{CStr, c_void};
use std::slice;

use smbench_abi::{self as raw, Attribute, Context, Status, Tensor};

use crate::bridge::call::{read_args, with_backend};
use crate::bridge::table::utf8;
use crate::{Backend, Error, OpEntry, Operand, Result};

/// An op that is not in the contract. A type stands for it:
///
/// ```
/// # use smbench_sdk::{Backend, CreateArgs, OpEntry, Result};
/// use smbench_sdk::op::custom::{self, CustomArgs, CustomOp};
///
/// # struct Acme;
/// # impl Backend for Acme {
/// #     const NAME: &'static std::ffi::CStr = c"acme";
/// #     const VENDOR: &'static std::ffi::CStr = c"acme corp";
/// #     const OPS: &'static [OpEntry<Self>] = &[custom::entry::<Self, Clamp>()];
/// #     fn create(_args: &CreateArgs<'_>) -> Result<Self> { Ok(Self) }
/// # }
/// /// `out = min(x, limit)`.
/// struct Clamp;
///
/// impl CustomOp<Acme> for Clamp {
///     const ID: &'static std::ffi::CStr = c"acme.clamp/1";
///
///     fn run(_acme: &mut Acme, mut args: CustomArgs<'_>) -> Result {
///         let (x, limit) = (args.input(0)?, args.attribute("limit")? as f32);
///         let out = args.output(0)?;
///         out.data.iter_mut().zip(x.data).for_each(|(out, x)| *out = x.min(limit));
///         Ok(())
///     }
/// }
/// ```
pub trait CustomOp<B>: 'static {
    /// Your name, a dot, the op's name, and its revision.
    const ID: &'static CStr;

    /// Overwrites the outputs. Their number and shapes are what a suite declares: look before you index.
    fn run(backend: &mut B, args: CustomArgs<'_>) -> Result;
}

/// The line for [`Backend::OPS`].
pub const fn entry<B: Backend, O: CustomOp<B>>() -> OpEntry<B> {
    // SAFETY: the shim keeps the contract, for contexts of `B`.
    unsafe { OpEntry::raw(O::ID, run::<B, O>) }
}

/// A tensor to read, row-major without gaps.
pub struct Input<'a> {
    /// Sizes, outermost first.
    pub dims: &'a [u64],
    /// Its elements.
    pub data: &'a [f32],
}

/// A tensor to write, row-major without gaps.
pub struct Output<'a> {
    /// Sizes, outermost first.
    pub dims: &'a [u64],
    /// Its elements.
    pub data: &'a mut [f32],
}

/// Operands of a [`CustomOp`], in the order in which the suite declares them.
pub struct CustomArgs<'a> {
    inputs: &'a [Tensor],
    outputs: &'a [Tensor],
    attributes: &'a [Attribute],
    /// A bit for each output that was handed out: a slice to write is given once.
    taken: u64,
}

/// As many outputs as `taken` has bits.
const MOST_OPERANDS: usize = u64::BITS as usize;

impl<'a> CustomArgs<'a> {
    /// How many inputs there are.
    pub fn inputs(&self) -> usize {
        self.inputs.len()
    }

    /// How many outputs there are.
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }

    /// Input number `index`.
    pub fn input(&self, index: usize) -> Result<Input<'a>> {
        let tensor = self.inputs.get(index).ok_or_else(|| missing("input", index, self.inputs.len()))?;
        // SAFETY: `read` has checked the tensor, and the host vouches for the memory.
        let data = unsafe { Operand::contiguous("an input", tensor)?.slice() };
        Ok(Input { dims: &tensor.dims[..tensor.rank as usize], data })
    }

    /// Output number `index`; each is given once.
    pub fn output(&mut self, index: usize) -> Result<Output<'a>> {
        let tensor = self.outputs.get(index).ok_or_else(|| missing("output", index, self.outputs.len()))?;
        if self.taken & (1 << index) != 0 {
            return Err(Error::failed(format!("output {index} is in use already")));
        }
        self.taken |= 1 << index;
        // SAFETY: `read` has checked that it overlaps nothing, it is given once, and the host vouches for the memory.
        let data = unsafe { Operand::contiguous("an output", tensor)?.slice_mut() };
        Ok(Output { dims: &tensor.dims[..tensor.rank as usize], data })
    }

    /// The attribute of this name; an op that can do without asks for it with `ok()`.
    pub fn attribute(&self, name: &str) -> Result<f64> {
        // SAFETY: the host vouches for the texts.
        let named = |attribute: &&Attribute| unsafe { utf8(attribute.name, "name of an attribute") } == Ok(Some(name));
        let found = self.attributes.iter().find(named);
        found.map(|attribute| attribute.value).ok_or_else(|| Error::invalid(format!("there is no attribute `{name}`")))
    }
}

#[cold]
fn missing(what: &str, index: usize, count: usize) -> Error {
    Error::invalid(format!("{what} {index} is asked for, and there are {count}"))
}

unsafe extern "C" fn run<B: Backend, O: CustomOp<B>>(
    context: *mut Context,
    args: *const c_void,
    error: *mut raw::Error,
) -> Status {
    // SAFETY: the host's promises: a context of this table, one call at a time, and operands as they say.
    unsafe { with_backend::<B>(context, error, |backend| O::run(backend, read(read_args(args)?)?)) }
}

/// # Safety
/// The lists are as long as they say, and tensors describe memory as the contract says, for `'a`.
unsafe fn read<'a>(args: &'a raw::CustomArgs) -> Result<CustomArgs<'a>> {
    let counts = [args.input_count as usize, args.output_count as usize, args.attribute_count];
    let lists = [args.inputs.is_null(), args.outputs.is_null(), args.attributes.is_null()];
    if counts.iter().zip(lists).any(|(&count, null)| count > MOST_OPERANDS || count > 0 && null) || counts[1] == 0 {
        return Err(Error::invalid("a list of the arguments is NULL, too long, or without an output"));
    }
    // SAFETY: says the caller; empty lists may be NULL.
    let (inputs, outputs, attributes) =
        unsafe { (list(args.inputs, counts[0]), list(args.outputs, counts[1]), list(args.attributes, counts[2])) };
    for tensor in inputs {
        Operand::contiguous("an input", tensor)?;
    }
    for (index, tensor) in outputs.iter().enumerate() {
        let output = Operand::contiguous("an output", tensor)?;
        for other in inputs.iter().chain(&outputs[..index]) {
            output.apart_from(&Operand::contiguous("another operand", other)?)?;
        }
    }
    Ok(CustomArgs { inputs, outputs, attributes, taken: 0 })
}

/// # Safety
/// `first` points to `count` elements for `'a`, or there are none.
unsafe fn list<'a, T>(first: *const T, count: usize) -> &'a [T] {
    // SAFETY: says the caller.
    if count == 0 { &[] } else { unsafe { slice::from_raw_parts(first, count) } }
}
