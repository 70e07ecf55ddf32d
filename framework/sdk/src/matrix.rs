//! Matrices whose rows may lie apart: views into larger ones.

/// A matrix to read: `rows × cols`, each row contiguous, neighbouring rows `row_stride` elements apart.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
}

/// A matrix to write; see [`Matrix`].
#[derive(Debug)]
pub struct MatrixMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
}

macro_rules! sizes {
    () => {
        /// How many rows.
        pub fn rows(&self) -> usize {
            self.rows
        }

        /// Elements in each.
        pub fn cols(&self) -> usize {
            self.cols
        }

        /// Elements from the start of one row to the start of the next, at least `cols`.
        pub fn row_stride(&self) -> usize {
            self.row_stride
        }

        /// Do the rows follow each other without gaps?
        pub fn is_contiguous(&self) -> bool {
            self.row_stride == self.cols
        }
    };
}

impl<'a> Matrix<'a> {
    /// Panics unless `data` ends exactly with the last row.
    pub fn new(data: &'a [f32], rows: usize, cols: usize, row_stride: usize) -> Self {
        assert_fits(data.len(), rows, cols, row_stride);
        Self { data, rows, cols, row_stride }
    }

    sizes!();

    /// From the first element of the first row to the last of the last, gaps included.
    pub fn data(&self) -> &'a [f32] {
        self.data
    }

    /// Row `i`.
    pub fn row(&self, i: usize) -> &'a [f32] {
        &self.data[i * self.row_stride..][..self.cols]
    }
}

impl<'a> MatrixMut<'a> {
    /// Panics unless `data` ends exactly with the last row.
    pub fn new(data: &'a mut [f32], rows: usize, cols: usize, row_stride: usize) -> Self {
        assert_fits(data.len(), rows, cols, row_stride);
        Self { data, rows, cols, row_stride }
    }

    sizes!();

    /// From the first element of the first row to the last of the last; the gaps are not yours to write.
    pub fn data(&mut self) -> &mut [f32] {
        self.data
    }

    /// Row `i`.
    pub fn row(&mut self, i: usize) -> &mut [f32] {
        &mut self.data[i * self.row_stride..][..self.cols]
    }

    /// The same matrix for a shorter time.
    pub fn reborrow(&mut self) -> MatrixMut<'_> {
        MatrixMut { data: self.data, rows: self.rows, cols: self.cols, row_stride: self.row_stride }
    }

    /// Adds `bias` to every row.
    pub fn add_to_rows(&mut self, bias: &[f32]) {
        for i in 0..self.rows {
            for (c, b) in self.row(i).iter_mut().zip(bias) {
                *c += b;
            }
        }
    }
}

#[track_caller]
fn assert_fits(len: usize, rows: usize, cols: usize, row_stride: usize) {
    assert!(rows > 0 && cols > 0 && row_stride >= cols, "{rows}×{cols} with row stride {row_stride} is no matrix");
    assert_eq!(len, (rows - 1) * row_stride + cols, "data does not end with the last row");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_view_skip_the_gaps() {
        let data = [1.0, 2.0, 0.0, 3.0, 4.0];
        let view = Matrix::new(&data, 2, 2, 3);
        assert_eq!((view.row(0), view.row(1)), (&data[..2], &data[3..]));
        assert!(!view.is_contiguous());
    }

    #[test]
    fn bias_leaves_the_gaps_alone() {
        let mut data = [1.0, 2.0, 9.0, 3.0, 4.0];
        MatrixMut::new(&mut data, 2, 2, 3).add_to_rows(&[10.0, 20.0]);
        assert_eq!(data, [11.0, 22.0, 9.0, 13.0, 24.0]);
    }
}
