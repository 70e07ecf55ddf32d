//! The portable register: eight lanes of the crate `wide`, compiled for the baseline CPU.

use wide::{bytemuck, f32x8, i32x8};

use super::{Simd, TRANSPOSE};

const LANES: usize = 8;

impl Simd for f32x8 {
    const LANES: usize = LANES;
    // Each vector is two registers of SSE2 or NEON: 3 rows × 2 are 12 of SSE2's 16, 6 rows × 2 are 24 of NEON's 32. Measured on
    // Zen 5 at 64³ 36 GFLOPS, with 6 rows 32.
    const TILE_ROWS: usize = if cfg!(any(target_arch = "x86", target_arch = "x86_64")) { 3 } else { 6 };
    // Each is two registers of SSE2, which has 16 and needs some for products: with 8 sums it spills and takes 1.6 times as long.
    const ROW_SUMS: usize = 4;
    // The exponent bits of 2^-127 are zero.
    const LOWEST_POWER: f32 = -127.0;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        f32x8::splat(value)
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller has eight readable values; `read_unaligned` asks for no alignment.
        f32x8::new(unsafe { from.cast::<[f32; LANES]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller has eight writable places; `write_unaligned` asks for no alignment.
        unsafe { to.cast::<[f32; LANES]>().write_unaligned(self.to_array()) }
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize, fill: f32) -> Self {
        let mut lanes = [fill; LANES];
        // SAFETY: the caller has `count` readable values, and count <= 8.
        unsafe { from.copy_to_nonoverlapping(lanes.as_mut_ptr(), count) };
        f32x8::new(lanes)
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        let lanes = self.to_array();
        // SAFETY: the caller has `count` writable places, and count <= 8.
        unsafe { lanes.as_ptr().copy_to_nonoverlapping(to, count) };
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        f32x8::mul_add(self, factor, term)
    }

    // x86's max and min return the second operand when either is NaN, NEON's return NaN, and the others' keep the first.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if cfg!(any(target_arch = "x86", target_arch = "x86_64")) { self.fast_max(other) } else { other.fast_max(self) }
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        if cfg!(any(target_arch = "x86", target_arch = "x86_64")) { self.fast_min(other) } else { other.fast_min(self) }
    }

    #[inline(always)]
    fn scale_by_power_of_two(self, power: Self) -> Self {
        // 2^n has the bits (n + 127) << 23, which are 0.0 for n = -127 and infinity for n = 128.
        let bits: i32x8 = (power.fast_round_int() + i32x8::splat(127)) << 23;
        self * bytemuck::cast::<i32x8, f32x8>(bits)
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        self.reduce_add()
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        self.to_array().into_iter().fold(f32::NEG_INFINITY, f32::max)
    }

    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
        for i in 0..TRANSPOSE {
            for j in 0..TRANSPOSE {
                // SAFETY: the caller has eight values at each of the eight strides on both sides.
                unsafe { *to.add(j * to_stride + i) = *from.add(i * from_stride + j) };
            }
        }
    }
}
