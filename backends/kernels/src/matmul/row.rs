//! One row of `a` at a time: a product of vector and matrix, which reads each element of `b` once and is bound by that.

use super::{Corner, MatmulShape, MatmulTask, Strip};
use crate::simd::{First, Simd, Step, Whole, Width, sweep};

/// Rows of `b` read together. As dot products they are independent sums: an FMA takes 4 cycles and two can start in each.
/// As rows to combine they share a pass over `c`: measured on Zen 4 at 1×512×2048, 42 GFLOPS against 38 with four. On Zen 5
/// blocks of 256 columns held in registers are behind at 1×512×512 (60 to 62) and 1×1024×1024 (51 to 57), and so is a prefetch
/// of the next eight rows (59 and 54).
const ROWS_AT_ONCE: usize = 8;

/// Fewer pairs of registers are too few independent sums, of which an FMA's latency hides 8.
const FEWEST_PAIRS: usize = 4;

/// `c[n] = a[k] · b[k×n]`; of `b` the rows and their stride.
///
/// # Safety
/// The pointers are valid for these sizes, and `c` overlaps nothing.
#[inline(always)]
pub(crate) unsafe fn row_times<S: Simd>(n: usize, k: usize, a: *const f32, b: (*const f32, usize), c: *mut f32) {
    // SAFETY: the caller's promise.
    unsafe { MatmulTask::of_row(n, k, a, b, c).combination::<S>() }
}

/// `c[n] = a[k] · b[n×k]ᵀ`; of `b` the rows and their stride.
///
/// # Safety
/// As [`row_times`].
#[inline(always)]
pub(crate) unsafe fn row_times_transposed<S: Simd>(
    n: usize,
    k: usize,
    a: *const f32,
    b: (*const f32, usize),
    c: *mut f32,
) {
    // SAFETY: the caller's promise.
    unsafe { MatmulTask { trans_b: true, ..MatmulTask::of_row(n, k, a, b, c) }.dots::<S>() }
}

impl MatmulTask {
    /// A single row, without bias and packing.
    #[inline(always)]
    fn of_row(n: usize, k: usize, a: *const f32, (b, b_row_stride): (*const f32, usize), c: *mut f32) -> Self {
        MatmulTask {
            shape: MatmulShape { m: 1, n, k },
            a,
            a_row_stride: k,
            b,
            b_row_stride,
            trans_b: false,
            bias: None,
            c,
            c_row_stride: n,
            strips: None,
            panel: std::ptr::null_mut(),
        }
    }

    /// The only row, from packed strips: each is one sequence of registers, read from end to end. Measured 2026-11-25 on Zen 5
    /// with AVX-512, 8 MB of weights in turn, so that they come from L3: 1.2 to 1.4 times as fast as `combination` from
    /// 1×384×128 to 1×1024×256, 1.0 to 1.15 as `dots`; with AVX2 1.1 to 1.2, portable 0.9 to 1.2. Prefetching as the tiles do
    /// changed nothing.
    ///
    /// # Safety
    /// As [`run`](crate::kernels::Kernel::run); `strips` are those of `b`.
    #[inline(always)]
    pub(super) unsafe fn row_of_strips<S: Simd>(self, strips: *const f32) {
        let MatmulShape { n, k, .. } = self.shape;
        let width = 2 * S::LANES;
        for col in (0..n).step_by(width) {
            // SAFETY: the strip of column col.. is as deep as b, and the corner lies inside c.
            unsafe {
                let strip = Strip { data: strips.add(col * k), row_stride: width, streams: true };
                row_times_pair::<S>(k, self.a, strip, self.corner(0, col, width.min(n - col), true));
            }
        }
    }

    /// The whole product, row by row.
    ///
    /// # Safety
    /// As [`run`](crate::kernels::Kernel::run).
    #[inline(always)]
    pub(super) unsafe fn separate_rows<S: Simd>(self) {
        let (n, width) = (self.shape.n, 2 * S::LANES);
        let fits = n.is_multiple_of(width) && (FEWEST_PAIRS..=S::TILE_ROWS).contains(&(n / width));
        for i in 0..self.shape.m {
            // SAFETY: the caller's promise, and i < m.
            unsafe {
                let (a, c) = (self.a.add(i * self.a_row_stride), self.c.add(i * self.c_row_stride));
                let row = MatmulTask { a, c, ..self };
                if self.trans_b {
                    row.dots::<S>();
                } else if fits {
                    row.row_of_pairs::<S>(n / width);
                } else {
                    row.combination::<S>();
                }
            }
        }
    }

    /// The first row, `c = bias + Σ_p a[p] · b[p]`: several rows of `b` at a time are read from end to end, so that prefetching
    /// follows them, while `c` stays in L1.
    ///
    /// # Safety
    /// As [`run`](crate::kernels::Kernel::run).
    #[inline(always)]
    unsafe fn combination<S: Simd>(self) {
        let MatmulShape { n, k, .. } = self.shape;
        let blocks = k - k % ROWS_AT_ONCE;
        // SAFETY: bias and c hold n elements, and each call stays below row k.
        unsafe {
            match self.bias {
                Some(bias) => bias.copy_to_nonoverlapping(self.c, n),
                None => self.c.write_bytes(0, n),
            }
            for p in (0..blocks).step_by(ROWS_AT_ONCE) {
                sweep::<S>(n, &mut AddRows::<S, ROWS_AT_ONCE>::new(self, p));
            }
            for p in blocks..k {
                sweep::<S>(n, &mut AddRows::<S, 1>::new(self, p));
            }
        }
    }

    /// The first row, where its `pairs` are no more than the tile has: each is summed in registers, and `b` read from end to end. Measured as in matmul.rs: 1×256×256 89 GFLOPS against 66, 1×384×128 87 to 64, 1×128×512 93 to 67.
    ///
    /// # Safety
    /// As [`run`](crate::kernels::Kernel::run).
    #[inline(always)]
    unsafe fn row_of_pairs<S: Simd>(self, pairs: usize) {
        macro_rules! branches {
            ($($pairs:literal)*) => {
                match pairs {
                    $($pairs if $pairs <= S::TILE_ROWS => {
                        let strip = Strip { data: self.b, row_stride: self.b_row_stride, streams: false };
                        // SAFETY: the caller's promise; strip and corner are whole rows.
                        unsafe {
                            let corner = self.corner(0, 0, self.shape.n, true);
                            row_times_strip::<S, $pairs, 1>(self.shape.k, self.a, strip, corner);
                        }
                    })*
                    _ => unreachable!("a row of {pairs} pairs"),
                }
            };
        }
        branches!(4 5 6 7 8 9 10 11 12)
    }

    /// The first row, `c[j] = a · b[j]`, `b` being given transposed: several rows of `b` at a time.
    ///
    /// # Safety
    /// As [`run`](crate::kernels::Kernel::run).
    #[inline(always)]
    unsafe fn dots<S: Simd>(self) {
        let n = self.shape.n;
        let blocks = n - n % ROWS_AT_ONCE;
        // SAFETY: each call stays below column n.
        unsafe {
            for col in (0..blocks).step_by(ROWS_AT_ONCE) {
                self.dots_of::<S, ROWS_AT_ONCE>(col);
            }
            for col in blocks..n {
                self.dots_of::<S, 1>(col);
            }
        }
    }

    /// `N` elements of `c` from column `col`.
    ///
    /// # Safety
    /// As [`run`](crate::kernels::Kernel::run); the columns lie inside `c`.
    #[inline(always)]
    unsafe fn dots_of<S: Simd, const N: usize>(self, col: usize) {
        let MatmulShape { k, .. } = self.shape;
        let whole = k - k % S::LANES;
        let mut sums = [S::splat(0.0); N];
        // SAFETY: reads stay below depth k in rows col.. of b.
        unsafe {
            let b = self.b.add(col * self.b_row_stride);
            for p in (0..whole).step_by(S::LANES) {
                self.dots_step(&mut sums, b, p, Whole);
            }
            if whole < k {
                self.dots_step(&mut sums, b, whole, First(k - whole));
            }
            let c = self.c.add(col);
            if let Ok(eight) = <[S; 8]>::try_from(sums.as_slice()) {
                S::store_sums(eight, c);
            } else {
                for (i, sum) in sums.into_iter().enumerate() {
                    *c.add(i) = sum.sum();
                }
            }
            if let Some(bias) = self.bias {
                for i in 0..N {
                    *c.add(i) += *bias.add(col + i);
                }
            }
        }
    }

    /// # Safety
    /// `width` elements from `p` lie inside `a` and each of the `N` rows at `b`.
    #[inline(always)]
    unsafe fn dots_step<S: Simd, const N: usize>(self, sums: &mut [S; N], b: *const f32, p: usize, width: impl Width) {
        // SAFETY: the caller says so.
        unsafe {
            let a: S = width.load(self.a.add(p), 0.0);
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = a.mul_add(width.load(b.add(i * self.b_row_stride + p), 0.0), *sum);
            }
        }
    }
}

/// `corner = Σ_p a[p] · strip[p]`: the tile of a single row, a pair of registers wide.
///
/// # Safety
/// `a` is valid for `depth` elements, `strip` for as many pairs of registers, and the corner for a row.
#[inline(always)]
pub(crate) unsafe fn row_times_pair<S: Simd>(depth: usize, a: *const f32, strip: Strip, corner: Corner) {
    // SAFETY: the caller's promise.
    unsafe {
        match S::ROW_SUMS {
            8 => row_times_strip::<S, 1, 4>(depth, a, strip, corner),
            _ => row_times_strip::<S, 1, 2>(depth, a, strip, corner),
        }
    }
}

/// The same for as many whole pairs of the corner's columns as there are sums for; gives back how many columns they have.
///
/// # Safety
/// As [`row_times_pair`]; the strip is as wide as the corner, which has one pair at least.
#[inline(always)]
pub(crate) unsafe fn row_times_pairs<S: Simd>(depth: usize, a: *const f32, strip: Strip, corner: Corner) -> usize {
    let width = 2 * S::LANES;
    // SAFETY: the caller's promise.
    unsafe {
        let pairs = match (S::ROW_SUMS, corner.cols / width) {
            (8, 4..) => {
                row_times_strip::<S, 4, 1>(depth, a, strip, corner);
                4
            }
            (8, 2..) => {
                row_times_strip::<S, 2, 2>(depth, a, strip, corner);
                2
            }
            (_, 2..) => {
                row_times_strip::<S, 2, 1>(depth, a, strip, corner);
                2
            }
            _ => {
                row_times_pair::<S>(depth, a, strip, corner);
                1
            }
        };
        pairs * width
    }
}

/// `corner = Σ_p a[p] · strip[p]`, `PAIRS` pairs of registers wide; `DEPTHS` of the products are summed apart,
/// which makes `2 · PAIRS · DEPTHS` independent sums.
///
/// # Safety
/// `a` is valid for `depth` elements, `strip` for as many rows of these registers, and the corner for a row.
#[inline(always)]
unsafe fn row_times_strip<S: Simd, const PAIRS: usize, const DEPTHS: usize>(
    depth: usize,
    a: *const f32,
    strip: Strip,
    corner: Corner,
) {
    let mut sums = [[[S::splat(0.0); 2]; PAIRS]; DEPTHS];
    let blocks = depth - depth % DEPTHS;
    // SAFETY: each step takes one depth, below `depth`; the corner is as wide as the strip.
    unsafe {
        for (pair, sums) in sums[0].iter_mut().enumerate() {
            [*sums] = corner.right_by(pair * 2 * S::LANES).begin();
        }
        for p in (0..blocks).step_by(DEPTHS) {
            for (i, sums) in sums.iter_mut().enumerate() {
                add_depth(sums, a.add(p + i), strip.data.add((p + i) * strip.row_stride));
            }
        }
        for p in blocks..depth {
            add_depth(&mut sums[0], a.add(p), strip.data.add(p * strip.row_stride));
        }
        let [first, others @ ..] = sums.as_mut_slice() else { return };
        for pair in 0..PAIRS {
            for other in others.iter() {
                first[pair] = [first[pair][0] + other[pair][0], first[pair][1] + other[pair][1]];
            }
            corner.right_by(pair * 2 * S::LANES).finish(&[first[pair]]);
        }
    }
}

/// # Safety
/// An element at `a` and the registers at `strip` are valid for reading.
#[inline(always)]
unsafe fn add_depth<S: Simd, const PAIRS: usize>(sums: &mut [[S; 2]; PAIRS], a: *const f32, strip: *const f32) {
    // SAFETY: the caller says so.
    unsafe {
        let factor = S::splat(*a);
        for (pair, [low, high]) in sums.iter_mut().enumerate() {
            let strip = strip.add(pair * 2 * S::LANES);
            *low = factor.mul_add(S::load(strip), *low);
            *high = factor.mul_add(S::load(strip.add(S::LANES)), *high);
        }
    }
}

/// `c += Σ_i factors[i] · b[i]`.
struct AddRows<S, const N: usize> {
    factors: [S; N],
    b: *const f32,
    b_row_stride: usize,
    c: *mut f32,
}

impl<S: Simd, const N: usize> AddRows<S, N> {
    /// `N` rows of the task's `b` from row `p`.
    ///
    /// # Safety
    /// The rows lie inside `b`.
    #[inline(always)]
    unsafe fn new(task: MatmulTask, p: usize) -> Self {
        let mut factors = [S::splat(0.0); N];
        for (i, factor) in factors.iter_mut().enumerate() {
            // SAFETY: a is as long as b is deep.
            *factor = S::splat(unsafe { *task.a.add(p + i) });
        }
        // SAFETY: row p lies inside b.
        let b = unsafe { task.b.add(p * task.b_row_stride) };
        AddRows { factors, b, b_row_stride: task.b_row_stride, c: task.c }
    }
}

impl<S: Simd, const N: usize> Step<S> for AddRows<S, N> {
    #[inline(always)]
    unsafe fn step<W: Width>(&mut self, at: usize, width: W) {
        // SAFETY: `sweep` stays inside the row of c and those of b.
        unsafe {
            let mut sum: S = width.load(self.c.add(at), 0.0);
            for (i, factor) in self.factors.iter().enumerate() {
                sum = factor.mul_add(width.load(self.b.add(i * self.b_row_stride + at), 0.0), sum);
            }
            width.store(sum, self.c.add(at));
        }
    }
}
