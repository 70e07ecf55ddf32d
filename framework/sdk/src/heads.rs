//! Vectors of many heads at many positions, wherever they lie: slices of a fused QKV matrix, or of a KV cache.

use crate::{HeadsShape, HeadsStrides};

/// `[batch × len × heads × head_dim]` to read: each vector of `head_dim` is contiguous, all else may lie apart or, as
/// heads that share their keys do, upon each other.
#[derive(Clone, Copy, Debug)]
pub struct Heads<'a> {
    data: &'a [f32],
    shape: HeadsShape,
    strides: HeadsStrides,
}

/// `[batch × len × heads × head_dim]` to write; see [`Heads`]. No two vectors share an element.
#[derive(Debug)]
pub struct HeadsMut<'a> {
    data: &'a mut [f32],
    shape: HeadsShape,
    strides: HeadsStrides,
}

macro_rules! sizes {
    () => {
        /// How many vectors there are.
        pub fn shape(&self) -> HeadsShape {
            self.shape
        }

        /// From each to the next.
        pub fn strides(&self) -> HeadsStrides {
            self.strides
        }
    };
}

impl<'a> Heads<'a> {
    /// Panics unless `data` ends exactly with the last vector.
    pub fn new(data: &'a [f32], shape: HeadsShape, strides: HeadsStrides) -> Self {
        assert_fits(data.len(), shape, strides);
        Self { data, shape, strides }
    }

    sizes!();

    /// From the first element of the first vector to the last of the last, gaps included.
    pub fn data(&self) -> &'a [f32] {
        self.data
    }

    /// The vector of head `h` at position `i` of sequence `b`.
    pub fn head(&self, b: usize, i: usize, h: usize) -> &'a [f32] {
        &self.data[self.strides.offset(b, i, h)..][..self.shape.head_dim]
    }
}

impl<'a> HeadsMut<'a> {
    /// Panics unless `data` ends exactly with the last vector, and no two vectors share an element.
    pub fn new(data: &'a mut [f32], shape: HeadsShape, strides: HeadsStrides) -> Self {
        assert_fits(data.len(), shape, strides);
        assert!(strides.keep_apart(shape), "vectors of {shape:?} with {strides:?} overlap");
        Self { data, shape, strides }
    }

    sizes!();

    /// From the first element of the first vector to the last of the last; the gaps are not yours to write.
    pub fn data(&mut self) -> &mut [f32] {
        self.data
    }

    /// The vector of head `h` at position `i` of sequence `b`.
    pub fn head(&mut self, b: usize, i: usize, h: usize) -> &mut [f32] {
        &mut self.data[self.strides.offset(b, i, h)..][..self.shape.head_dim]
    }
}

#[track_caller]
fn assert_fits(len: usize, shape: HeadsShape, strides: HeadsStrides) {
    assert_eq!(Some(len), strides.span(shape), "data does not end with the last vector of {shape:?} with {strides:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: HeadsShape = HeadsShape { batch: 2, len: 3, heads: 2, head_dim: 2 };

    #[test]
    fn vectors_of_a_slice_of_a_wider_matrix_are_found() {
        let data: Vec<f32> = (0..60).map(|i| i as f32).collect();
        let strides = HeadsStrides { batch: 30, position: 7, head: 3 };
        let heads = Heads::new(&data[..30 + 14 + 3 + 2], SHAPE, strides);
        assert_eq!(heads.head(0, 0, 1), [3.0, 4.0]);
        assert_eq!(heads.head(1, 2, 1), [47.0, 48.0]);
    }

    #[test]
    fn head_by_head_is_a_layout_too() {
        let mut data = [0.0; 24];
        let strides = HeadsStrides { batch: 12, position: 2, head: 6 };
        HeadsMut::new(&mut data, SHAPE, strides).head(0, 1, 1).fill(1.0);
        assert_eq!(data[8..10], [1.0, 1.0]);
        assert_eq!(data.iter().sum::<f32>(), 2.0);
    }

    #[test]
    #[should_panic(expected = "overlap")]
    fn what_overlaps_is_not_for_writing() {
        HeadsMut::new(&mut [0.0; 6], SHAPE, HeadsStrides { batch: 0, position: 2, head: 0 });
    }
}
