//! An operand between guards.

use smbench_abi::{DType, Tensor};
use smbench_ops::{POISON, is_poison};

/// Memory for one operand, on no better boundary than its element's, with guards before, after and between rows.
pub struct Buffer {
    data: Vec<f32>,
    dims: Vec<usize>,
    row_stride: usize,
}

/// Elements before and after; odd, so that the operand is on no boundary of a vector.
const GUARD: usize = 17;

impl Buffer {
    /// An operand whose rows are `gap` elements apart.
    pub fn new(dims: &[usize], gap: usize) -> Self {
        let (row_stride, rows) = match dims {
            [.., cols] if dims.len() > 1 => (cols + gap, dims[..dims.len() - 1].iter().product()),
            _ => (dims.iter().product(), 1),
        };
        let data = vec![POISON; GUARD + row_stride * rows + GUARD];
        Self { data, dims: dims.to_vec(), row_stride }
    }

    pub fn tensor(&mut self) -> Tensor {
        let mut tensor = Tensor::contiguous(self.data[GUARD..].as_mut_ptr().cast(), DType::F32, &self.dims);
        if let [_, _] = self.dims[..] {
            tensor.strides[0] = self.row_stride as i64;
        }
        tensor
    }

    pub fn write(&mut self, values: &[f32]) {
        let rows = values.chunks(self.cols());
        let stride = self.row_stride;
        self.data[GUARD..].chunks_mut(stride).zip(rows).for_each(|(to, row)| to[..row.len()].copy_from_slice(row));
    }

    pub fn poison(&mut self) {
        self.data.fill(POISON);
    }

    pub fn read(&self) -> Vec<f32> {
        self.rows().flat_map(|row| &row[..self.cols()]).copied().collect()
    }

    pub fn guards_hold(&self) -> bool {
        let between = self.rows().flat_map(|row| &row[self.cols()..]);
        let around = self.data[..GUARD].iter().chain(&self.data[self.data.len() - GUARD..]);
        between.chain(around).all(|&value| is_poison(value))
    }

    fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.data[GUARD..self.data.len() - GUARD].chunks(self.row_stride)
    }

    fn cols(&self) -> usize {
        if self.dims.len() > 1 { self.dims[self.dims.len() - 1] } else { self.row_stride }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_beside_the_operand_is_seen() {
        let mut buffer = Buffer::new(&[2, 3], 2);
        buffer.write(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(buffer.read(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert!(buffer.guards_hold());
        for index in [0, GUARD - 1, GUARD + 3, GUARD + 10] {
            let kept = std::mem::replace(&mut buffer.data[index], 1.0);
            assert!(!buffer.guards_hold(), "{index}");
            buffer.data[index] = kept;
        }
    }
}
