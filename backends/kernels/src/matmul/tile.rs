//! The tile: a few rows of `a` times a strip of `b`, summed in registers.
//!
//! Each step of depth loads the strip's two registers, and for each row broadcasts one element of `a` into two FMAs. The
//! loads are few beside the FMAs, which are independent of each other and so hide their own latency.

use super::PREFETCH;
use crate::simd::{First, Simd, Whole, Width, prefetch};

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
        ($streams:literal: $($rows:literal)*) => {
            match rows {
                $($rows if $rows <= S::TILE_ROWS => {
                    // SAFETY: the caller's promise.
                    unsafe { rows_of::<S, $rows, $streams>(depth, a, a_row_stride, strip, corner) }
                })*
                _ => unreachable!("a tile of {rows} rows"),
            }
        };
    }
    if strip.streams {
        branches!(true: 1 2 3 4 5 6 7 8 9 10 11 12)
    } else {
        branches!(false: 1 2 3 4 5 6 7 8 9 10 11 12)
    }
}

/// # Safety
/// As [`tile`], with `R` rows.
#[inline(always)]
unsafe fn rows_of<S: Simd, const R: usize, const STREAMS: bool>(
    depth: usize,
    a: *const f32,
    a_row_stride: usize,
    strip: Strip,
    corner: Corner,
) {
    let mut sums = [[S::splat(0.0); 2]; R];
    for p in 0..depth {
        // SAFETY: p < depth, i < R.
        unsafe {
            if STREAMS {
                prefetch(strip.data.wrapping_add(p * strip.row_stride + PREFETCH), 2 * S::LANES);
            }
            let low = S::load(strip.data.add(p * strip.row_stride));
            let high = S::load(strip.data.add(p * strip.row_stride + S::LANES));
            for (i, sums) in sums.iter_mut().enumerate() {
                let factor = S::splat(*a.add(i * a_row_stride + p));
                *sums = [factor.mul_add(low, sums[0]), factor.mul_add(high, sums[1])];
            }
        }
    }
    for (i, [low, high]) in sums.into_iter().enumerate() {
        // SAFETY: i < R.
        unsafe { corner.write_row(i, low, high) };
    }
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

    /// # Safety
    /// Row `i` of the corner is valid.
    #[inline(always)]
    pub(super) unsafe fn write_row<S: Simd>(self, i: usize, low: S, high: S) {
        // SAFETY: the caller says so; First(..) writes as many columns as the corner has.
        unsafe {
            if self.cols >= 2 * S::LANES {
                self.write(i, 0, low, Whole);
                self.write(i, S::LANES, high, Whole);
            } else {
                self.write(i, 0, low, First(self.cols.min(S::LANES)));
                if self.cols > S::LANES {
                    self.write(i, S::LANES, high, First(self.cols - S::LANES));
                }
            }
        }
    }

    /// # Safety
    /// Row `i` of the corner is valid for `width` columns from `col`.
    #[inline(always)]
    unsafe fn write<S: Simd>(self, i: usize, col: usize, sum: S, width: impl Width) {
        // SAFETY: the caller says so.
        unsafe {
            let c = self.c.add(i * self.row_stride + col);
            let start = match self.start {
                Start::Zero => S::splat(0.0),
                Start::Bias(bias) => width.load(bias.add(col), 0.0),
                Start::Sofar => width.load(c, 0.0),
            };
            width.store(sum + start, c);
        }
    }
}
