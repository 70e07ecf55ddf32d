//! What a kernel may ask of a vector register, and the three registers that answer.
//!
//! Kernels are generic over [`Simd`]. Two rules keep the generated code good (PERFORMANCE.md, measured): every method is
//! `#[inline(always)]`, and no closure stands in code generic over it, because a closure that is not inlined loses the
//! caller's target features and runs 40 times slower.

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;
mod portable;

use std::ops::{Add, Div, Mul, Sub};

/// Side of the block [`Simd::transpose`] turns: what eight 8-lane registers hold.
pub(crate) const TRANSPOSE: usize = 8;

/// A register of [`LANES`](Simd::LANES) f32 values.
///
/// A type of a tier is named in `kernels.rs` only, inside the entry function whose callers have checked the CPU: this is
/// why the arithmetic below is safe to call.
pub(crate) trait Simd:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// Values in a register.
    const LANES: usize;
    /// Rows of the matmul tile, which is two registers wide; each implementation says why.
    const TILE_ROWS: usize;
    /// Registers that hold sums of a single row, 4 or 8: as many as hide an FMA's latency and still are registers.
    const ROW_SUMS: usize;
    /// The lowest power [`scale_by_power_of_two`](Simd::scale_by_power_of_two) understands, where it gives 0.
    const LOWEST_POWER: f32;

    /// `value` in every lane.
    fn splat(value: f32) -> Self;

    /// The next `LANES` values.
    ///
    /// # Safety
    /// `from` is valid for reading `LANES` values; any alignment will do.
    unsafe fn load(from: *const f32) -> Self;

    /// Writes all lanes.
    ///
    /// # Safety
    /// `to` is valid for writing `LANES` values; any alignment will do.
    unsafe fn store(self, to: *mut f32);

    /// The next `count` values, and `fill` in the lanes above; touches no memory beyond them.
    ///
    /// # Safety
    /// `from` is valid for reading `count` values, and `count <= LANES`.
    unsafe fn load_first(from: *const f32, count: usize, fill: f32) -> Self;

    /// Writes the lowest `count` lanes; touches no memory beyond them.
    ///
    /// # Safety
    /// `to` is valid for writing `count` values, and `count <= LANES`.
    unsafe fn store_first(self, to: *mut f32, count: usize);

    /// `self · factor + term`, rounded once where the tier has FMA.
    fn mul_add(self, factor: Self, term: Self) -> Self;

    /// The larger value; NaN where `other` is NaN.
    fn max(self, other: Self) -> Self;

    /// The smaller value; NaN where `other` is NaN.
    fn min(self, other: Self) -> Self;

    /// `self · 2^power` for `self` in 0.5..2 and integral `power` from `LOWEST_POWER`, which gives 0, to 128, which gives
    /// +inf where the product overflows, and in some tiers for every `self`.
    fn scale_by_power_of_two(self, power: Self) -> Self;

    /// The sum of all lanes.
    fn sum(self) -> f32;

    /// Writes the sum of each register's lanes, one after the other.
    ///
    /// # Safety
    /// `to` is valid for writing eight values.
    #[inline(always)]
    unsafe fn store_sums(registers: [Self; 8], to: *mut f32) {
        for (i, register) in registers.into_iter().enumerate() {
            // SAFETY: i < 8.
            unsafe { *to.add(i) = register.sum() };
        }
    }

    /// The largest lane; which one of them with NaN lanes is not specified.
    fn largest(self) -> f32;

    /// `to[j][i] = from[i][j]` for an 8×8 block; both strides are in elements.
    ///
    /// # Safety
    /// Eight values are readable at each `from + i·from_stride` and writable at each `to + j·to_stride`, for i, j in 0..8.
    unsafe fn transpose(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize);
}

/// A cache line, in elements.
const LINE: usize = 16;

/// Asks for the cache lines of `len` elements from `at`, which may lie anywhere: nothing is read that is not there.
#[inline(always)]
pub(crate) fn prefetch(at: *const f32, len: usize) {
    for start in (0..len).step_by(LINE) {
        prefetch_line(at.wrapping_add(start));
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn prefetch_line(at: *const f32) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: every x86-64 has the instruction, and it faults nowhere.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) };
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn prefetch_line(_at: *const f32) {}

/// How many lanes of a register a step of a loop uses: lets one loop body serve whole registers and the ragged end.
pub(crate) trait Width: Copy {
    /// Reads the lanes in use; the others become `fill`.
    ///
    /// # Safety
    /// `from` is valid for reading that many values.
    unsafe fn load<S: Simd>(self, from: *const f32, fill: f32) -> S;

    /// Writes the lanes in use.
    ///
    /// # Safety
    /// `to` is valid for writing that many values.
    unsafe fn store<S: Simd>(self, value: S, to: *mut f32);
}

/// Every lane.
#[derive(Clone, Copy)]
pub(crate) struct Whole;

/// The lowest lanes, at most as many as there are.
#[derive(Clone, Copy)]
pub(crate) struct First(pub usize);

impl Width for Whole {
    #[inline(always)]
    unsafe fn load<S: Simd>(self, from: *const f32, _fill: f32) -> S {
        // SAFETY: the caller's promise is this one.
        unsafe { S::load(from) }
    }

    #[inline(always)]
    unsafe fn store<S: Simd>(self, value: S, to: *mut f32) {
        // SAFETY: the caller's promise is this one.
        unsafe { value.store(to) }
    }
}

impl Width for First {
    #[inline(always)]
    unsafe fn load<S: Simd>(self, from: *const f32, fill: f32) -> S {
        // SAFETY: the caller's promise is this one.
        unsafe { S::load_first(from, self.0, fill) }
    }

    #[inline(always)]
    unsafe fn store<S: Simd>(self, value: S, to: *mut f32) {
        // SAFETY: the caller's promise is this one.
        unsafe { value.store_first(to, self.0) }
    }
}

/// One step of a loop over vectors.
pub(crate) trait Step<S: Simd> {
    /// Handles the values at `at`, as many as `width` says.
    ///
    /// # Safety
    /// The body's pointers are valid for `at` and that many values after it.
    unsafe fn step<W: Width>(&mut self, at: usize, width: W);
}

/// Runs `body` over `0..len`: whole registers, then the exact rest.
///
/// # Safety
/// The body's pointers are valid for `len` values.
#[inline(always)]
pub(crate) unsafe fn sweep<S: Simd>(len: usize, body: &mut impl Step<S>) {
    let rest = len % S::LANES;
    let whole = len - rest;
    for at in (0..whole).step_by(S::LANES) {
        // SAFETY: at + LANES <= whole <= len.
        unsafe { body.step(at, Whole) };
    }
    if rest > 0 {
        // SAFETY: whole + rest == len.
        unsafe { body.step(whole, First(rest)) };
    }
}

/// `c[0] + c[1]·x + c[2]·x² + …`, Horner's scheme: one FMA per coefficient.
#[inline(always)]
pub(crate) fn polynomial<S: Simd, const N: usize>(x: S, c: [f32; N]) -> S {
    let mut y = S::splat(c[N - 1]);
    for i in (0..N - 1).rev() {
        y = y.mul_add(x, S::splat(c[i]));
    }
    y
}
