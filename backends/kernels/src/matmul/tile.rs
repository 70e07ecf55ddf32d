//! The tile: a few rows of `a` times a strip of `b`, summed in registers.
//!
//! Each step of depth loads the strip's two registers, or the one that its columns fill, and for each row broadcasts one
//! element of `a` into two FMAs. The loads are few beside the FMAs, which are independent of each other and so hide their own
//! latency.

use super::PREFETCH;
use crate::simd::{Simd, prefetch};

/// Columns of `b` as wide as the tile, packed or as they lie.
#[derive(Clone, Copy)]
pub(crate) struct Strip {
    pub data: *const f32,
    /// From one depth to the next.
    pub row_stride: usize,
    /// Comes from afar, and whatever lies after it is read next: see [`PREFETCH`].
    pub streams: bool,
}

/// A tile's place in `c`.
#[derive(Clone, Copy)]
pub(crate) struct Corner {
    pub c: *mut f32,
    pub row_stride: usize,
    /// Columns to write; of those beyond two registers the tile writes none.
    pub cols: usize,
    pub start: Start,
}

/// What the product is added to.
#[derive(Clone, Copy)]
pub(crate) enum Start {
    Zero,
    Bias(*const f32),
    /// What earlier panels left in `c`.
    Sofar,
}

/// `c += a[rows×depth] · strip`, `rows` being at most [`Simd::TILE_ROWS`].
///
/// # Safety
/// `a` is valid for `rows` rows of `depth`, `strip` for `depth` rows of two registers, and the corner for `rows` rows of its
/// columns, as is its bias.
#[inline(always)]
pub(crate) unsafe fn tile<S: Simd>(
    rows: usize,
    depth: usize,
    a: *const f32,
    a_row_stride: usize,
    strip: Strip,
    corner: Corner,
) {
    // The number of rows is a constant in each branch, so that the accumulators are registers.
    macro_rules! branches {
        ($registers:literal, $streams:literal: $($rows:literal)*) => {
            match rows {
                $($rows if $rows <= S::TILE_ROWS => {
                    // SAFETY: the caller's promise.
                    unsafe { rows_of::<S, $rows, $registers, $streams>(depth, a, a_row_stride, strip, corner) }
                })*
                _ => unreachable!("a tile of {rows} rows"),
            }
        };
    }
    if corner.cols <= S::LANES {
        branches!(1, false: 1 2 3 4 5 6 7 8 9 10 11 12)
    } else if strip.streams {
        branches!(2, true: 1 2 3 4 5 6 7 8 9 10 11 12)
    } else {
        branches!(2, false: 1 2 3 4 5 6 7 8 9 10 11 12)
    }
}

/// # Safety
/// As [`tile`], with `R` rows and a strip of `N` registers.
#[inline(always)]
unsafe fn rows_of<S: Simd, const R: usize, const N: usize, const STREAMS: bool>(
    depth: usize,
    a: *const f32,
    a_row_stride: usize,
    strip: Strip,
    corner: Corner,
) {
    // SAFETY: the caller's promise.
    let mut sums = unsafe { corner.begin::<S, N, R>() };
    // Pointers that move: with offsets from the start, AVX2 has too few integer registers and reads the stride from the stack.
    let (mut a, mut b) = (a, strip.data);
    for _ in 0..depth {
        // SAFETY: i < R, and both pointers are `depth` times inside what the caller promised.
        unsafe {
            if STREAMS {
                prefetch(b.wrapping_add(PREFETCH), 2 * S::LANES);
            }
            let mut row = [S::splat(0.0); N];
            for (j, register) in row.iter_mut().enumerate() {
                *register = S::load(b.add(j * S::LANES));
            }
            for (i, sums) in sums.iter_mut().enumerate() {
                let factor = S::splat(*a.add(i * a_row_stride));
                for (register, sum) in row.iter().zip(sums) {
                    *sum = factor.mul_add(*register, *sum);
                }
            }
        }
        (a, b) = (a.wrapping_add(1), b.wrapping_add(strip.row_stride));
    }
    // SAFETY: the caller's promise.
    unsafe { corner.finish(&sums) };
}

impl Corner {
    /// The corner so many columns further to the right.
    ///
    /// # Safety
    /// The columns lie inside the corner.
    #[inline(always)]
    pub(super) unsafe fn right_by(self, cols: usize) -> Self {
        // SAFETY: the caller says so; a bias is as long as a row.
        unsafe {
            let start = match self.start {
                Start::Bias(bias) => Start::Bias(bias.add(cols)),
                other => other,
            };
            Corner { c: self.c.add(cols), cols: self.cols - cols, start, ..self }
        }
    }

    /// What the sums of `R` rows begin with, `N` registers each.
    ///
    /// # Safety
    /// The corner is valid for so many rows, as is its bias.
    #[inline(always)]
    pub(super) unsafe fn begin<S: Simd, const N: usize, const R: usize>(self) -> [[S; N]; R] {
        let mut sums = [[S::splat(0.0); N]; R];
        // SAFETY: the caller says so, and i < R.
        unsafe {
            match self.start {
                Start::Zero => {}
                Start::Bias(bias) => sums = [self.load(bias); R],
                Start::Sofar => {
                    for (i, row) in sums.iter_mut().enumerate() {
                        *row = self.load(self.c.add(i * self.row_stride));
                    }
                }
            }
        }
        sums
    }

    /// Writes the sums of `R` rows; what lies beyond the corner's columns is dropped.
    ///
    /// # Safety
    /// The corner is valid for so many rows.
    #[inline(always)]
    pub(super) unsafe fn finish<S: Simd, const N: usize, const R: usize>(self, sums: &[[S; N]; R]) {
        let whole = self.is_whole::<S>(N);
        for (i, row) in sums.iter().enumerate() {
            for (j, sum) in row.iter().enumerate() {
                // SAFETY: the caller says so, and i < R; First(..) writes as many columns as are left.
                unsafe {
                    let c = self.c.wrapping_add(i * self.row_stride + j * S::LANES);
                    if whole { sum.store(c) } else { sum.store_first(c, self.left::<S>(j)) }
                }
            }
        }
    }

    /// A row of the corner, or of its bias; 0 beyond its columns.
    ///
    /// # Safety
    /// `row` is valid for the corner's columns.
    #[inline(always)]
    unsafe fn load<S: Simd, const N: usize>(self, row: *const f32) -> [S; N] {
        let (whole, mut registers) = (self.is_whole::<S>(N), [S::splat(0.0); N]);
        for (j, register) in registers.iter_mut().enumerate() {
            let from = row.wrapping_add(j * S::LANES);
            // SAFETY: the caller says so.
            *register = unsafe { if whole { S::load(from) } else { S::load_first(from, self.left::<S>(j), 0.0) } };
        }
        registers
    }

    /// Whether its columns fill `n` registers.
    #[inline(always)]
    fn is_whole<S: Simd>(self, n: usize) -> bool {
        self.cols >= n * S::LANES
    }

    /// How many lanes of register `j` are columns of the corner.
    #[inline(always)]
    fn left<S: Simd>(self, j: usize) -> usize {
        self.cols.saturating_sub(j * S::LANES).min(S::LANES)
    }
}
