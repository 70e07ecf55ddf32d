//! An output matrix that can be split into windows, by rows or by columns, for several threads to fill.

use std::marker::PhantomData;

/// A row-major matrix to write, or a window of a wider one. Windows split from one matrix never share an element.
#[derive(Debug)]
pub struct MatrixMut<'a> {
    data: *mut f32,
    rows: usize,
    cols: usize,
    row_stride: usize,
    borrowed: PhantomData<&'a mut [f32]>,
}

// SAFETY: a `MatrixMut` is an exclusive borrow of its elements, and `&mut [f32]` is Send.
unsafe impl Send for MatrixMut<'_> {}

impl<'a> MatrixMut<'a> {
    /// A view of `data` with `row_stride` elements from one row to the next.
    #[track_caller]
    pub fn new(data: &'a mut [f32], rows: usize, cols: usize, row_stride: usize) -> Self {
        assert!(row_stride >= cols, "a row stride of {row_stride} is below the {cols} columns");
        assert!(data.len() >= needed(rows, cols, row_stride), "{} elements are too few", data.len());
        MatrixMut { data: data.as_mut_ptr(), rows, cols, row_stride, borrowed: PhantomData }
    }

    /// A view of `data` whose rows follow each other without gaps.
    #[track_caller]
    pub fn dense(data: &'a mut [f32], rows: usize, cols: usize) -> Self {
        MatrixMut::new(data, rows, cols, cols)
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Elements in a row.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// From one row to the next, in elements.
    pub fn row_stride(&self) -> usize {
        self.row_stride
    }

    /// The rows before `row`, and the others.
    #[track_caller]
    pub fn split_rows(self, row: usize) -> (Self, Self) {
        assert!(row <= self.rows, "row {row} is outside a matrix of {}", self.rows);
        let below = self.window(row * self.row_stride, self.rows - row, self.cols);
        (self.window(0, row, self.cols), below)
    }

    /// The columns before `col`, and the others.
    #[track_caller]
    pub fn split_cols(self, col: usize) -> (Self, Self) {
        assert!(col <= self.cols, "column {col} is outside a matrix of {}", self.cols);
        let right = self.window(col, self.rows, self.cols - col);
        (self.window(0, self.rows, col), right)
    }

    pub(super) fn as_ptr(&self) -> *mut f32 {
        self.data
    }

    // An empty window past the end gets an address that is never used, so the addition may wrap.
    fn window(&self, offset: usize, rows: usize, cols: usize) -> Self {
        MatrixMut {
            data: self.data.wrapping_add(offset),
            rows,
            cols,
            row_stride: self.row_stride,
            borrowed: PhantomData,
        }
    }
}

/// Elements from the first of a matrix to its last; 0 where there is none, and more than any slice has where the sizes
/// overflow.
pub(super) fn needed(rows: usize, cols: usize, row_stride: usize) -> usize {
    if rows == 0 || cols == 0 { 0 } else { (rows - 1).saturating_mul(row_stride).saturating_add(cols) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_where_they_should_be() {
        let mut data = [0.0; 11];
        let start = data.as_ptr() as usize;
        let at = |window: &MatrixMut<'_>| (window.as_ptr() as usize - start) / size_of::<f32>();
        let (top, bottom) = MatrixMut::new(&mut data, 3, 3, 4).split_rows(1);
        assert_eq!((at(&top), top.rows(), top.cols()), (0, 1, 3));
        let (left, right) = bottom.split_cols(2);
        assert_eq!((at(&left), left.rows(), left.cols()), (4, 2, 2));
        assert_eq!((at(&right), right.rows(), right.cols(), right.row_stride()), (6, 2, 1, 4));
    }

    #[test]
    #[should_panic(expected = "10 elements are too few")]
    fn a_short_slice_is_refused() {
        MatrixMut::new(&mut [0.0; 10], 3, 3, 4);
    }

    #[test]
    #[should_panic(expected = "column 4 is outside a matrix of 3")]
    fn a_split_outside_is_refused() {
        MatrixMut::dense(&mut [0.0; 9], 3, 3).split_cols(4);
    }
}
