//! Matrix product: `c[i][j] = Σ_p a[i][p]·b[p][j] + bias[j]`, or with `b[j][p]` where `b` is given transposed.
//!
//! 2·m·n·k flops. Error within `k` roundings of `Σ|a·b|`; sums run in no fixed order, so tiers differ in the last digits.
//! The plan is Goto's (Goto and van de Geijn 2008, doi:10.1145/1356052.1356053), with `a` read in place:
//!
//! ```text
//! for columns of b, PANEL_COLS at a time
//!   for depth, PANEL_DEPTH at a time             pack that panel of b into strips as wide as the tile   (pack.rs)
//!     for rows of a, as many as the tile has
//!       for strips of the panel                  tile of c += rows of a · strip                         (tile.rs)
//! ```
//!
//! Where the rows of `b` are near each other, or few rows of `a` would read a packed panel again, the tiles read `b` as it lies,
//! except for the columns that do not fill a strip. The rows of `a` are dealt out evenly among the tiles. A single row has no use for tiles at
//! all (row.rs). Of a `b` that stays the same, all strips are packed once, and every product reads those.

mod matrix;
mod pack;
mod problem;
mod row;
mod tile;

use crate::kernels::{Kernel, Kernels};
use crate::simd::Simd;

pub use matrix::MatrixMut;
pub use pack::MatmulScratch;
pub(crate) use pack::{PackTask, WIDEST_STRIP, pack_columns, pack_rows};
pub use problem::{Matmul, MatmulShape};
pub(crate) use row::{row_times, row_times_pairs, row_times_transposed};
pub(crate) use tile::{Corner, Start, Strip, tile};

impl Kernels {
    /// `c = a·b + bias`. `scratch` grows on first use; afterwards nothing is allocated.
    pub fn matmul(&self, problem: &Matmul<'_>, c: MatrixMut<'_>, scratch: &mut MatmulScratch) {
        problem.check(&c);
        let task = MatmulTask {
            shape: problem.shape,
            a: problem.a.as_ptr(),
            a_row_stride: problem.a_row_stride,
            b: problem.b.as_ptr(),
            b_row_stride: problem.b_row_stride,
            trans_b: problem.trans_b,
            bias: problem.bias.map(<[f32]>::as_ptr),
            c: c.as_ptr(),
            c_row_stride: c.row_stride(),
            strips: problem.packed_b.map(<[f32]>::as_ptr),
            panel: if problem.packed_b.is_some() { std::ptr::null_mut() } else { scratch.reserve(problem.shape) },
        };
        // SAFETY: the sizes are checked, `c` is exclusive, and `scratch` holds a panel; the table was chosen for this CPU.
        unsafe { (self.matmul)(task) }
    }
}

/// Depth of a panel: `c` is read and written once for every so many elements of the sum. Measured 2026-11-25 on Zen 5 with
/// AVX-512, all in one process, GFLOPS at 512³ / 768³, `b` in place: depth 512 × 256 columns 264 / 255, 256 × 256 257 / 253,
/// 128 × 512 253 / 250.
const PANEL_DEPTH: usize = 512;

/// Columns of a panel: 512 × 256 × 4 B = 512 KiB stay in an L2 of 1 MiB beside the rows of `a` that pass by. Measured as above:
/// 128 columns 263 / 254, 384 263 / 253, and at 1024³ 244 / 224 against 246.
const PANEL_COLS: usize = 256;

/// From so many elements on, rows of `b` are a page apart: they share few sets of the caches, and reading them again from there
/// costs more than packing them once. Measured as above, in place against packed: 64³ 264 to 253, 256³ 268 to 260, 512³ 264 to
/// 259, 768³ 255 to 252, and with AVX2 64³ 126 to 123, 512³ the same; but 500×4096×1024 227 to 241, with AVX2 600×1024×1024 94
/// to 128.
const FAR_ROWS: usize = 1024;

/// Up to so many tiles of rows, even those are read where they lie: packing must pay by the tiles that read the panel again.
/// Measured as above: 60×1024×1024 251 to 212, 100×4096×512 244 to 226; AVX2 would have half as many, 48×1024×1024 95 to 106.
const IN_PLACE_TILES: usize = 8;

/// Up to so many rows of `a`, a transposed `b` is read once per row instead of being packed. Measured as above at
/// n = k = 512: 53 to 33 with four rows; the two meet at eight.
const SEPARATE_ROWS: usize = 6;

/// How far ahead tiles prefetch strips that were packed before, in elements: 12 KiB, three pages, since the hardware stops
/// at the end of each. Measured 2026-11-25 on Zen 5 with AVX-512, 8 MB of weights in turn, so that they come from L3, against
/// `b` as it lies: without 0.75 to 0.97 at ten rows, with 1.08 to 1.29, which is the FMA peak; 6 KiB come near, 4 KiB do not.
/// A `b` as it lies or a panel packed just now gain nothing.
const PREFETCH: usize = 3072;

/// The operation with its operands, checked.
#[derive(Clone, Copy)]
pub(crate) struct MatmulTask {
    shape: MatmulShape,
    a: *const f32,
    a_row_stride: usize,
    b: *const f32,
    b_row_stride: usize,
    trans_b: bool,
    bias: Option<*const f32>,
    c: *mut f32,
    c_row_stride: usize,
    /// All of `b`, packed before.
    strips: Option<*const f32>,
    /// Room for a panel of it, packed now.
    panel: *mut f32,
}

/// A block of `b`: columns from `col`, depth from `depth`.
#[derive(Clone, Copy)]
struct Panel {
    col: usize,
    cols: usize,
    depth_start: usize,
    depth: usize,
}

impl Kernel for MatmulTask {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let MatmulShape { m, n, k } = self.shape;
        match self.strips {
            // SAFETY: the caller's promise.
            Some(strips) if m == 1 => return unsafe { self.row_of_strips::<S>(strips) },
            // SAFETY: the caller's promise.
            None if m == 1 || self.trans_b && m <= SEPARATE_ROWS => return unsafe { self.separate_rows::<S>() },
            _ => {}
        }
        for col in (0..n).step_by(PANEL_COLS) {
            // One panel even where k is 0: then c is the bias.
            for depth_start in (0..k.max(1)).step_by(PANEL_DEPTH) {
                let (cols, depth) = (PANEL_COLS.min(n - col), PANEL_DEPTH.min(k - depth_start));
                let panel = Panel { col, cols, depth_start, depth };
                // SAFETY: the caller's promise, and the panel lies inside b.
                unsafe {
                    if self.strips.is_none() {
                        self.pack::<S>(panel);
                    }
                    self.multiply::<S>(panel);
                }
            }
        }
    }
}

impl MatmulTask {
    /// Adds the product with a panel to `c`.
    ///
    /// # Safety
    /// As [`Kernel::run`]; the panel lies inside `b` and is the one packed.
    #[inline(always)]
    unsafe fn multiply<S: Simd>(self, panel: Panel) {
        let strip_cols = 2 * S::LANES;
        let (m, mut row) = (self.shape.m, 0);
        // Evenly: a last tile of few rows would have too few sums to hide an FMA's latency.
        for tiles in (1..=m.div_ceil(S::TILE_ROWS)).rev() {
            let rows = (m - row).div_ceil(tiles);
            for offset in (0..panel.cols).step_by(strip_cols) {
                let cols = strip_cols.min(panel.cols - offset);
                // SAFETY: rows and columns lie inside c, depth inside a, and the strip inside the packed panel.
                unsafe {
                    let a = self.a.add(row * self.a_row_stride + panel.depth_start);
                    let strip = self.strip::<S>(panel, offset, cols);
                    let corner = self.corner(row, panel.col + offset, cols, panel.depth_start == 0);
                    tile::<S>(rows, panel.depth, a, self.a_row_stride, strip, corner);
                }
            }
            row += rows;
        }
    }

    /// The strip `offset` columns into a panel.
    ///
    /// # Safety
    /// The strip lies inside the panel, which lies inside `b` and is packed where `reads_in_place` says no.
    #[inline(always)]
    unsafe fn strip<S: Simd>(self, panel: Panel, offset: usize, cols: usize) -> Strip {
        // SAFETY: the caller says so.
        unsafe {
            if let Some(strips) = self.strips {
                let data = strips.add((panel.col + offset) * self.shape.k + panel.depth_start * 2 * S::LANES);
                Strip { data, row_stride: 2 * S::LANES, streams: true }
            } else if self.reads_in_place::<S>(cols) {
                let data = self.b.add(panel.depth_start * self.b_row_stride + panel.col + offset);
                Strip { data, row_stride: self.b_row_stride, streams: false }
            } else {
                Strip { data: self.panel.add(offset * panel.depth), row_stride: 2 * S::LANES, streams: false }
            }
        }
    }

    /// Whether tiles read a strip of so many columns from `b` itself; a ragged one must be filled up.
    #[inline(always)]
    fn reads_in_place<S: Simd>(self, cols: usize) -> bool {
        let pays = self.b_row_stride < FAR_ROWS || self.shape.m <= IN_PLACE_TILES * S::TILE_ROWS;
        !self.trans_b && pays && cols == 2 * S::LANES
    }

    /// Where a tile goes, and what it is added to.
    ///
    /// # Safety
    /// `row` and `col` lie inside `c`.
    #[inline(always)]
    unsafe fn corner(self, row: usize, col: usize, cols: usize, first: bool) -> Corner {
        // SAFETY: the caller says so; the bias is as long as a row of c.
        unsafe {
            let start = match self.bias {
                _ if !first => Start::Sofar,
                Some(bias) => Start::Bias(bias.add(col)),
                None => Start::Zero,
            };
            Corner { c: self.c.add(row * self.c_row_stride + col), row_stride: self.c_row_stride, cols, start }
        }
    }
}

#[cfg(test)]
mod tests;
