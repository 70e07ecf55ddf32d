//! Parts of tensors, as tensors: numbers only, nothing is read.

use smbench_abi::{DType, Tensor};

/// `dims` elements with `strides` between them, from element `first` of `whole`.
pub fn part<const N: usize>(whole: &Tensor, first: usize, dims: [usize; N], strides: [usize; N]) -> Tensor {
    let element = whole.dtype.size();
    let data = whole.data.cast::<u8>().wrapping_add(first * element).cast();
    let mut tensor = Tensor { data, dtype: whole.dtype, rank: N as u32, ..Tensor::NONE };
    for axis in 0..N {
        tensor.dims[axis] = dims[axis] as u64;
        tensor.strides[axis] = strides[axis] as i64;
    }
    tensor
}

/// Rows `first ..` of a contiguous matrix of `cols` columns.
pub fn rows(matrix: &Tensor, first: usize, rows: usize, cols: usize) -> Tensor {
    part(matrix, first * cols, [rows, cols], [cols, 1])
}

/// The host's memory at `place` as ids or positions.
pub fn ids(place: *mut f32, len: usize) -> Tensor {
    Tensor::contiguous(place.cast(), DType::U32, &[len])
}

/// The host's memory at `place` as numbers.
pub fn numbers(place: *mut f32, dims: &[usize]) -> Tensor {
    Tensor::contiguous(place.cast(), DType::F32, dims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_begin_where_they_should() {
        let mut memory = [0.0_f32; 60];
        let whole = numbers(memory.as_mut_ptr(), &[4, 15]);
        let at = |tensor: &Tensor| (tensor.data.addr() - whole.data.addr()) / size_of::<f32>();
        let heads = part(&whole, 5, [1, 4, 1, 5], [60, 15, 5, 1]);
        assert_eq!((at(&heads), heads.rank, heads.dims, heads.strides), (5, 4, [1, 4, 1, 5], [60, 15, 5, 1]));
        let last = rows(&whole, 3, 1, 15);
        assert_eq!((at(&last), last.dims[..2].to_vec()), (45, vec![1, 15]));
        assert_eq!(ids(memory.as_mut_ptr(), 3).dtype, DType::U32);
    }
}
