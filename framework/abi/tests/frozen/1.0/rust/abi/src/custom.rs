//! Ops that are a vendor's own (`acme.topk/1`): one argument struct for all of them, filled from what a suite declares.

use core::ffi::c_char;

use crate::{ArgsHeader, Tensor};

/// A named number that a custom op takes beside its tensors.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// NUL-terminated UTF-8: `"k"`.
    pub name: *const c_char,
    /// Whole numbers are exact up to 2⁵³.
    pub value: f64,
}

/// Arguments of every op whose id has a vendor's name before its dot. Tensors are contiguous and of f32, and outputs are
/// no inputs; names and order are those of the suite.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CustomArgs {
    /// See [`ArgsHeader`].
    pub header: ArgsHeader,
    /// Length of `inputs`.
    pub input_count: u32,
    /// Length of `outputs`, at least 1.
    pub output_count: u32,
    /// What is read.
    pub inputs: *const Tensor,
    /// What is overwritten.
    pub outputs: *const Tensor,
    /// Numbers: an axis, a count, a threshold.
    pub attributes: *const Attribute,
    /// Length of `attributes`.
    pub attribute_count: usize,
}
