//! Packing: a panel of `b` copied into strips as wide as the tile, so that the tile reads one sequence of whole registers.
//!
//! Strip `s` holds columns `s·w ..` of the panel, depth by depth: `packed[(s·depth + p)·w + j] = b[p][s·w + j]`, where `w` is the
//! tile's width. Columns beyond the panel are 0; the tile multiplies and forgets them.

use super::{MatmulShape, MatmulTask, PANEL_COLS, PANEL_DEPTH, Panel};
use crate::simd::{Simd, TRANSPOSE};

/// Memory for one packed panel, kept between calls; one per thread.
#[derive(Default)]
pub struct MatmulScratch {
    lines: Vec<Line>,
}

/// A cache line, so that no register of a packed strip straddles two.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

const LINE: usize = 16;

/// The widest strip of any tier, two AVX-512 registers; every tier's width divides it.
const WIDEST_STRIP: usize = 32;

impl MatmulScratch {
    /// Empty; the first product fills it.
    pub fn new() -> Self {
        MatmulScratch::default()
    }

    /// Bytes held now.
    pub fn bytes(&self) -> usize {
        size_of_val(self.lines.as_slice())
    }

    /// Room for one panel of the product; a single row packs nothing.
    pub(super) fn reserve(&mut self, shape: MatmulShape) -> *mut f32 {
        let n = if shape.m == 1 { 0 } else { shape.n };
        let cols = n.min(PANEL_COLS).next_multiple_of(WIDEST_STRIP);
        let lines = cols * shape.k.min(PANEL_DEPTH) / LINE;
        if self.lines.len() < lines {
            self.lines.resize(lines, Line([0.0; LINE]));
        }
        self.lines.as_mut_ptr().cast()
    }
}

impl MatmulTask {
    /// Packs a panel.
    ///
    /// # Safety
    /// The panel lies inside `b`, and `packed` has room for it.
    #[inline(always)]
    pub(super) unsafe fn pack<S: Simd>(self, panel: Panel) {
        let width = 2 * S::LANES;
        for offset in (0..panel.cols).step_by(width) {
            let (col, cols) = (panel.col + offset, width.min(panel.cols - offset));
            if self.reads_in_place::<S>(cols) {
                continue;
            }
            // SAFETY: columns col.. and depth depth_start.. lie inside b; the strip lies inside `packed`.
            unsafe {
                let strip = self.packed.add(offset * panel.depth);
                if self.trans_b {
                    let b = self.b.add(col * self.b_row_stride + panel.depth_start);
                    pack_rows::<S>(b, self.b_row_stride, panel.depth, cols, strip);
                } else {
                    let b = self.b.add(panel.depth_start * self.b_row_stride + col);
                    pack_columns::<S>(b, self.b_row_stride, panel.depth, cols, strip);
                }
            }
        }
    }
}

/// Copies `depth` rows of `cols` columns into a strip.
///
/// # Safety
/// `b` is valid for these rows and columns, `strip` for `depth` times the strip's width; `cols` is at most that width.
#[inline(always)]
unsafe fn pack_columns<S: Simd>(b: *const f32, row_stride: usize, depth: usize, cols: usize, strip: *mut f32) {
    let width = 2 * S::LANES;
    for p in 0..depth {
        // SAFETY: row p of both.
        unsafe {
            let (from, to) = (b.add(p * row_stride), strip.add(p * width));
            if cols == width {
                S::load(from).store(to);
                S::load(from.add(S::LANES)).store(to.add(S::LANES));
            } else {
                let low = cols.min(S::LANES);
                S::load_first(from, low, 0.0).store(to);
                S::load_first(from.add(low), cols - low, 0.0).store(to.add(S::LANES));
            }
        }
    }
}

/// Transposes `cols` rows of length `depth` into a strip: 8×8 blocks, then what is left element by element.
///
/// # Safety
/// `b` is valid for these rows, `strip` for `depth` times the strip's width; `cols` is at most that width.
#[inline(always)]
unsafe fn pack_rows<S: Simd>(b: *const f32, row_stride: usize, depth: usize, cols: usize, strip: *mut f32) {
    let width = 2 * S::LANES;
    let whole_cols = cols - cols % TRANSPOSE;
    let whole_depth = depth - depth % TRANSPOSE;
    // SAFETY: row j and depth p stay below cols and depth, and the strip is `width` wide.
    unsafe {
        for j in (0..whole_cols).step_by(TRANSPOSE) {
            for p in (0..whole_depth).step_by(TRANSPOSE) {
                S::transpose(b.add(j * row_stride + p), row_stride, strip.add(p * width + j), width);
            }
        }
        for j in 0..cols {
            let done = if j < whole_cols { whole_depth } else { 0 };
            for p in done..depth {
                *strip.add(p * width + j) = *b.add(j * row_stride + p);
            }
        }
        for p in 0..depth {
            strip.add(p * width + cols).write_bytes(0, width - cols);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scratch_grows_once_and_lies_on_cache_lines() {
        let mut scratch = MatmulScratch::new();
        let shape = MatmulShape { m: 2, n: 1000, k: 1000 };
        assert_eq!(scratch.reserve(shape).align_offset(64), 0);
        assert_eq!(scratch.bytes(), PANEL_COLS * PANEL_DEPTH * size_of::<f32>());
        let kept = scratch.reserve(shape);
        assert_eq!(scratch.reserve(MatmulShape { m: 9, n: 33, k: 7 }), kept);
    }
}
