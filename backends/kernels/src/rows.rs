//! Rows: their shape, and the sum, the sum of squares and the maximum of one.

use crate::simd::{First, Simd, Whole, Width};

/// Sizes of a row-major matrix whose rows follow each other without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowShape {
    /// How many rows.
    pub rows: usize,
    /// Elements in a row.
    pub cols: usize,
}

impl RowShape {
    /// Elements in the matrix; more than any slice has where the sizes overflow.
    pub fn len(self) -> usize {
        self.rows.saturating_mul(self.cols)
    }

    /// Whether there is no element.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Panics unless a matrix and a row have the lengths that the shape says.
    #[track_caller]
    pub(crate) fn check(self, matrices: &[&[f32]], rows: &[&[f32]]) {
        assert!(matrices.iter().all(|m| m.len() == self.len()), "a matrix is not {}×{}", self.rows, self.cols);
        assert!(rows.iter().all(|r| r.len() == self.cols), "a row is not {} long", self.cols);
    }
}

/// A way to reduce a row to one number.
pub(crate) trait Fold: Copy {
    /// What an accumulator begins with.
    const START: f32;

    /// An element that changes nothing.
    fn neutral(self) -> f32;

    /// Takes a register of elements in.
    fn step<S: Simd>(self, sofar: S, x: S) -> S;

    /// Puts two accumulators together.
    fn join<S: Simd>(self, a: S, b: S) -> S;

    /// The number in an accumulator's lanes.
    fn finish<S: Simd>(self, sofar: S) -> f32;
}

/// `Σ x`.
#[derive(Clone, Copy)]
pub(crate) struct Sum;

/// `Σ (x - centre)²`.
#[derive(Clone, Copy)]
pub(crate) struct SquaresAround(pub f32);

/// The largest element; with NaN among them, any element.
#[derive(Clone, Copy)]
pub(crate) struct Largest;

// An addition takes 3 to 4 cycles and two can start in each: four accumulators hide most of the wait.
const ACCUMULATORS: usize = 4;

/// Reduces `len` elements.
///
/// # Safety
/// `x` is valid for reading `len` values.
#[inline(always)]
pub(crate) unsafe fn fold<S: Simd, F: Fold>(op: F, x: *const f32, len: usize) -> f32 {
    let mut sofar = [S::splat(F::START); ACCUMULATORS];
    let block = ACCUMULATORS * S::LANES;
    let blocks = len - len % block;
    let whole = len - len % S::LANES;
    // SAFETY: every read ends at or before `len`: blocks <= whole <= len, and the last one takes len - whole elements.
    unsafe {
        for at in (0..blocks).step_by(block) {
            for (i, sofar) in sofar.iter_mut().enumerate() {
                *sofar = op.step(*sofar, S::load(x.add(at + i * S::LANES)));
            }
        }
        for at in (blocks..whole).step_by(S::LANES) {
            sofar[0] = op.step(sofar[0], Whole.load(x.add(at), op.neutral()));
        }
        if whole < len {
            sofar[1] = op.step(sofar[1], First(len - whole).load(x.add(whole), op.neutral()));
        }
    }
    op.finish(op.join(op.join(sofar[0], sofar[1]), op.join(sofar[2], sofar[3])))
}

impl Fold for Sum {
    const START: f32 = 0.0;

    #[inline(always)]
    fn neutral(self) -> f32 {
        0.0
    }

    #[inline(always)]
    fn step<S: Simd>(self, sofar: S, x: S) -> S {
        sofar + x
    }

    #[inline(always)]
    fn join<S: Simd>(self, a: S, b: S) -> S {
        a + b
    }

    #[inline(always)]
    fn finish<S: Simd>(self, sofar: S) -> f32 {
        sofar.sum()
    }
}

impl Fold for SquaresAround {
    const START: f32 = 0.0;

    #[inline(always)]
    fn neutral(self) -> f32 {
        self.0
    }

    #[inline(always)]
    fn step<S: Simd>(self, sofar: S, x: S) -> S {
        let d = x - S::splat(self.0);
        d.mul_add(d, sofar)
    }

    #[inline(always)]
    fn join<S: Simd>(self, a: S, b: S) -> S {
        a + b
    }

    #[inline(always)]
    fn finish<S: Simd>(self, sofar: S) -> f32 {
        sofar.sum()
    }
}

impl Fold for Largest {
    const START: f32 = f32::NEG_INFINITY;

    #[inline(always)]
    fn neutral(self) -> f32 {
        f32::NEG_INFINITY
    }

    #[inline(always)]
    fn step<S: Simd>(self, sofar: S, x: S) -> S {
        sofar.max(x)
    }

    #[inline(always)]
    fn join<S: Simd>(self, a: S, b: S) -> S {
        a.max(b)
    }

    #[inline(always)]
    fn finish<S: Simd>(self, sofar: S) -> f32 {
        sofar.largest()
    }
}
