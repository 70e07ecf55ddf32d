//! Packing: a panel of `b` copied into strips as wide as the tile, so that the tile reads one sequence of whole registers.
//!
//! Strip `s` holds columns `s·w ..` of the panel, depth by depth: `packed[(s·depth + p)·w + j] = b[p][s·w + j]`, where `w` is the
//! tile's width. Columns beyond the panel are 0; the tile multiplies and forgets them. All of `b` packed at once is one panel
//! as deep as `b`, so that a part of its columns is a part of that memory.

use super::{Matmul, MatmulShape, MatmulTask, PANEL_COLS, PANEL_DEPTH, Panel};
use crate::kernels::{Kernel, Kernels};
use crate::scratch::Scratch;
use crate::simd::{Simd, TRANSPOSE};

/// Memory for one packed panel, kept between calls; one per thread.
#[derive(Default)]
pub struct MatmulScratch {
    scratch: Scratch,
}

/// The widest strip of any tier, two AVX-512 registers; every tier's width divides it.
pub(crate) const WIDEST_STRIP: usize = 32;

impl MatmulScratch {
    /// Empty; the first product fills it.
    pub fn new() -> Self {
        MatmulScratch::default()
    }

    /// Bytes held now.
    pub fn bytes(&self) -> usize {
        self.scratch.bytes()
    }

    /// Room for one panel of the product; a single row packs nothing.
    pub(super) fn reserve(&mut self, shape: MatmulShape) -> *mut f32 {
        let n = if shape.m == 1 { 0 } else { shape.n };
        let cols = n.min(PANEL_COLS).next_multiple_of(WIDEST_STRIP);
        self.scratch.reserve(cols * shape.k.min(PANEL_DEPTH))
    }
}

impl MatmulTask {
    /// Packs a panel.
    ///
    /// # Safety
    /// The panel lies inside `b`, and `self.panel` has room for it.
    #[inline(always)]
    pub(super) unsafe fn pack<S: Simd>(self, panel: Panel) {
        let width = 2 * S::LANES;
        for offset in (0..panel.cols).step_by(width) {
            let (col, cols) = (panel.col + offset, width.min(panel.cols - offset));
            if self.reads_in_place::<S>(cols) {
                continue;
            }
            // SAFETY: columns col.. and depth depth_start.. lie inside b; the strip lies inside the panel.
            unsafe {
                let strip = self.panel.add(offset * panel.depth);
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

impl MatmulShape {
    /// Elements that [`Kernels::pack_b`] makes of a `b` of this shape: whole strips.
    pub fn packed_len(self) -> usize {
        self.n.div_ceil(WIDEST_STRIP).saturating_mul(WIDEST_STRIP).saturating_mul(self.k)
    }
}

impl Kernels {
    /// Packs `problem.b` for [`Matmul::packed_b`] of any product with it on this tier, whatever the rows. `packed` is
    /// [`MatmulShape::packed_len`] long; its best place is at the start of a cache line.
    pub fn pack_b(&self, problem: &Matmul<'_>, packed: &mut [f32]) {
        problem.check_b();
        assert_eq!(packed.len(), problem.shape.packed_len(), "room for the packed b");
        let task = PackTask {
            n: problem.shape.n,
            k: problem.shape.k,
            b: problem.b.as_ptr(),
            b_row_stride: problem.b_row_stride,
            trans_b: problem.trans_b,
            packed: packed.as_mut_ptr(),
        };
        // SAFETY: the sizes are checked; the table was chosen for this CPU.
        unsafe { (self.pack_b)(task) }
    }
}

/// Packing with its operands, checked.
pub(crate) struct PackTask {
    n: usize,
    k: usize,
    b: *const f32,
    b_row_stride: usize,
    trans_b: bool,
    packed: *mut f32,
}

impl Kernel for PackTask {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let width = 2 * S::LANES;
        for col in (0..self.n).step_by(width) {
            let cols = width.min(self.n - col);
            // SAFETY: columns col.. lie inside b; whole strips of the widest tier have room for those of any.
            unsafe {
                let strip = self.packed.add(col * self.k);
                if self.trans_b {
                    pack_rows::<S>(self.b.add(col * self.b_row_stride), self.b_row_stride, self.k, cols, strip);
                } else {
                    pack_columns::<S>(self.b.add(col), self.b_row_stride, self.k, cols, strip);
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
pub(crate) unsafe fn pack_columns<S: Simd>(
    b: *const f32,
    row_stride: usize,
    depth: usize,
    cols: usize,
    strip: *mut f32,
) {
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
pub(crate) unsafe fn pack_rows<S: Simd>(b: *const f32, row_stride: usize, depth: usize, cols: usize, strip: *mut f32) {
    let width = 2 * S::LANES;
    let whole_cols = cols - cols % TRANSPOSE;
    let whole_depth = depth - depth % TRANSPOSE;
    // SAFETY: row j and depth p stay below cols and depth, and the strip is `width` wide.
    unsafe {
        if cols < width {
            strip.write_bytes(0, depth * width);
        }
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_is_enough_for_any_product() {
        let mut scratch = MatmulScratch::new();
        let shape = MatmulShape { m: 2, n: 1000, k: 1000 };
        scratch.reserve(shape);
        assert_eq!(scratch.bytes(), PANEL_COLS * PANEL_DEPTH * size_of::<f32>());
        let kept = scratch.reserve(shape);
        assert_eq!(scratch.reserve(MatmulShape { m: 9, n: 33, k: 7 }), kept);
    }
}
