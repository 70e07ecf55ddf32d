//! An operand between guards.

use smbench_abi::{DType, Tensor};
use smbench_ops::{Operand, POISON, is_poison};

/// Memory for one operand, on no better boundary than its element's, with guards before, after and between rows.
pub struct Buffer {
    data: Vec<f32>,
    dims: Vec<usize>,
    dtype: DType,
    layout: RowLayout,
}

/// Where rows lie. A row is what an op may rely on to be contiguous: the last dimension of a matrix, and of vectors of
/// heads all that belong to one position, as in a slice of a fused matrix.
struct RowLayout {
    cols: usize,
    stride: usize,
    /// Rows of a block: of heads a sequence, which a KV cache has room after; else all.
    per_block: usize,
    block_stride: usize,
    rows: usize,
}

/// Elements before and after; odd, so that the operand is on no boundary of a vector.
const GUARD: usize = 17;

impl Buffer {
    /// An operand whose rows are `gap` elements apart.
    pub fn new(operand: &Operand, gap: usize) -> Self {
        let layout = RowLayout::of(&operand.dims, gap);
        let data = vec![POISON; GUARD + layout.start(layout.rows - 1) + layout.cols + GUARD];
        Self { data, dims: operand.dims.clone(), dtype: operand.dtype(), layout }
    }

    pub fn tensor(&mut self) -> Tensor {
        let mut tensor = Tensor::contiguous(self.data[GUARD..].as_mut_ptr().cast(), self.dtype, &self.dims);
        let (stride, block_stride) = (self.layout.stride as i64, self.layout.block_stride as i64);
        match self.dims[..] {
            [_, _] => tensor.strides[0] = stride,
            [_, _, _, _] => tensor.strides[..2].copy_from_slice(&[block_stride, stride]),
            _ => {}
        }
        tensor
    }

    pub fn write(&mut self, values: &[f32]) {
        for (row, values) in values.chunks(self.layout.cols).enumerate() {
            self.row_mut(row).copy_from_slice(values);
        }
    }

    pub fn poison(&mut self) {
        self.data.fill(POISON);
    }

    pub fn read(&self) -> Vec<f32> {
        let row = |row| &self.data[GUARD + self.layout.start(row)..][..self.layout.cols];
        (0..self.layout.rows).flat_map(row).copied().collect()
    }

    pub fn guards_hold(&self) -> bool {
        let outside =
            self.data.iter().enumerate().filter(|(index, _)| !self.layout.contains(index.wrapping_sub(GUARD)));
        outside.into_iter().all(|(_, &value)| is_poison(value))
    }

    fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.data[GUARD + self.layout.start(row)..][..self.layout.cols]
    }
}

impl RowLayout {
    fn of(dims: &[usize], gap: usize) -> Self {
        let (blocks, per_block, cols) = match *dims {
            [batch, len, heads, head_dim] => (batch, len, heads * head_dim),
            [ref outer @ .., cols] if !outer.is_empty() => (1, outer.iter().product(), cols),
            _ => (1, 1, dims.iter().product()),
        };
        let stride = cols + if per_block > 1 || blocks > 1 { gap } else { 0 };
        Self { cols, stride, per_block, block_stride: per_block * stride + gap, rows: blocks * per_block }
    }

    /// From the first element to the start of `row`.
    fn start(&self, row: usize) -> usize {
        row / self.per_block * self.block_stride + row % self.per_block * self.stride
    }

    /// Is the element `offset` from the first part of a row?
    fn contains(&self, offset: usize) -> bool {
        let (block, within) = (offset / self.block_stride, offset % self.block_stride);
        let row = block * self.per_block + within / self.stride;
        within / self.stride < self.per_block && row < self.rows && within % self.stride < self.cols
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_beside_the_operand_is_seen() {
        let mut buffer = Buffer::new(&Operand::new("x", &[2, 3]), 2);
        buffer.write(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(buffer.read(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert!(buffer.guards_hold());
        for index in [0, GUARD - 1, GUARD + 3, GUARD + 10] {
            let kept = std::mem::replace(&mut buffer.data[index], 1.0);
            assert!(!buffer.guards_hold(), "{index}");
            buffer.data[index] = kept;
        }
    }

    #[test]
    fn heads_have_gaps_after_positions_and_sequences() {
        let mut buffer = Buffer::new(&Operand::new("q", &[2, 3, 2, 2]), 1);
        assert_eq!(buffer.tensor().strides, [16, 5, 2, 1]);
        let values: Vec<f32> = (0..24).map(|i| i as f32).collect();
        buffer.write(&values);
        assert_eq!(buffer.read(), values);
        assert!(buffer.guards_hold());
        for index in [4, 14, 15, 16 + 9] {
            let kept = std::mem::replace(&mut buffer.data[GUARD + index], 1.0);
            assert!(!buffer.guards_hold(), "{index}");
            buffer.data[GUARD + index] = kept;
        }
    }
}
