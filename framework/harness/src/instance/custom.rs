//! Ops of a vendor's own.

use std::ffi::{CStr, CString};
use std::ptr;

use smbench_abi::{ArgsHeader, Attribute, CustomArgs, OpFn, Tensor};

use super::{CallError, Instance};
use crate::buffers::Buffers;

/// A custom op with its arguments, ready to be called again and again.
pub struct CustomCall<'a> {
    function: OpFn,
    args: CustomArgs,
    instance: &'a Instance,
    /// What `args` points to: moved with it, never touched.
    _lists: Lists,
}

struct Lists {
    inputs: Box<[Tensor]>,
    outputs: Box<[Tensor]>,
    attributes: Box<[Attribute]>,
    _names: Vec<CString>,
}

// SAFETY: the pointers inside lead to lists of its own, to buffers and to a context that any one thread at a time may use.
unsafe impl Send for CustomCall<'_> {}

impl Instance {
    /// A call of op `id` from `inputs` to `outputs`, which must lie in `buffers`.
    pub fn custom<'a>(
        &'a self,
        id: &CStr,
        [inputs, outputs]: [Vec<Tensor>; 2],
        attributes: &[(String, f64)],
        _buffers: &'a Buffers,
    ) -> Result<CustomCall<'a>, CallError> {
        let function = self.op(id).ok_or_else(|| CallError::unsupported(Self::lacks(id)))?;
        let name = |(name, _): &(String, f64)| {
            CString::new(name.as_str()).map_err(|_| CallError::unsupported("an attribute's name holds a NUL"))
        };
        let names = attributes.iter().map(name).collect::<Result<Vec<_>, _>>()?;
        let attributes =
            attributes.iter().zip(&names).map(|((_, value), name)| Attribute { name: name.as_ptr(), value: *value });
        let attributes = attributes.collect();
        let lists = Lists { inputs: inputs.into(), outputs: outputs.into(), attributes, _names: names };
        let args = CustomArgs {
            header: ArgsHeader { struct_size: size_of::<CustomArgs>() as u32, reserved: 0 },
            input_count: lists.inputs.len() as u32,
            output_count: lists.outputs.len() as u32,
            inputs: lists.inputs.as_ptr(),
            outputs: lists.outputs.as_ptr(),
            attributes: lists.attributes.as_ptr(),
            attribute_count: lists.attributes.len(),
        };
        Ok(CustomCall { function, args, instance: self, _lists: lists })
    }
}

impl CustomCall<'_> {
    /// Calls the op `calls` times back to back; the first that fails ends it.
    #[inline]
    pub fn repeat(&self, calls: u64) -> Result<(), CallError> {
        self.instance.repeat(self.function, ptr::from_ref(&self.args).cast(), calls)
    }
}
