//! A strided view of memory; it never owns.

use core::ffi::c_void;

/// Most dimensions a [`Tensor`] can have.
pub const MAX_RANK: usize = 4;

/// Element types. A `u32` in [`Tensor`], because a foreign value may be none of these.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DType(pub u32);

impl DType {
    /// IEEE 754 binary32.
    pub const F32: Self = Self(1);
    /// 32-bit unsigned integer (token ids).
    pub const U32: Self = Self(2);

    /// Bytes of one element; 0 for a type this version does not know.
    pub const fn size(self) -> usize {
        match self {
            Self::F32 | Self::U32 => 4,
            _ => 0,
        }
    }
}

/// A view of up to four dimensions, outermost first, strides in elements.
///
/// The host aligns `data` to 64 bytes where it times and to the element where it checks. Inputs
/// and outputs never overlap, except that an op which allows it may get `out.data == x.data`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Tensor {
    /// First element; NULL for "no such operand".
    pub data: *mut c_void,
    /// See [`DType`].
    pub dtype: DType,
    /// Dimensions used, 1 to 4.
    pub rank: u32,
    /// Sizes, none of them 0; those beyond `rank` are 1.
    pub dims: [u64; MAX_RANK],
    /// Distance between neighbours in elements; those beyond `rank` are 0.
    pub strides: [i64; MAX_RANK],
}

// SAFETY: a view is an address and numbers; whoever follows the address answers for it.
unsafe impl Send for Tensor {}

impl Tensor {
    /// "No such operand".
    pub const NONE: Self =
        Self { data: core::ptr::null_mut(), dtype: DType(0), rank: 0, dims: [1; MAX_RANK], strides: [0; MAX_RANK] };

    /// A contiguous row-major view of `dims` (1 to 4 of them) at `data`.
    pub fn contiguous(data: *mut c_void, dtype: DType, dims: &[usize]) -> Self {
        let mut tensor = Self { data, dtype, rank: dims.len() as u32, ..Self::NONE };
        let mut stride = 1;
        for axis in (0..dims.len()).rev() {
            tensor.dims[axis] = dims[axis] as u64;
            tensor.strides[axis] = stride;
            stride *= dims[axis] as i64;
        }
        tensor
    }

    /// Is there an operand at all?
    pub fn is_some(&self) -> bool {
        !self.data.is_null()
    }

    /// Elements in the view.
    pub fn elements(&self) -> usize {
        self.dims.iter().product::<u64>() as usize
    }

    /// Do the elements lie row-major without gaps? (The stride of a dimension of size 1 is never used.)
    pub fn is_contiguous(&self) -> bool {
        let mut expected = 1;
        (0..(self.rank as usize).min(MAX_RANK)).rev().all(|axis| {
            let fits = self.dims[axis] == 1 || self.strides[axis] == expected;
            expected *= self.dims[axis] as i64;
            fits
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contiguous_views_are_row_major() {
        let view = Tensor::contiguous(core::ptr::null_mut(), DType::F32, &[3, 5, 7]);
        assert_eq!(view.strides, [35, 7, 1, 0]);
        assert_eq!(view.elements(), 105);
        assert!(view.is_contiguous());
    }

    #[test]
    fn a_column_slice_is_not_contiguous_but_a_single_row_is() {
        let mut view = Tensor::contiguous(core::ptr::null_mut(), DType::F32, &[3, 5]);
        view.strides[0] = 9;
        assert!(!view.is_contiguous());
        view.dims[0] = 1;
        assert!(view.is_contiguous());
    }
}
