//! AVX-512F: sixteen lanes, thirty-two registers; a mask makes every tail one instruction.

use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Sub};

use super::Simd;
use super::avx2::{Avx2, operator};

/// Sixteen values in a zmm register.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(__m512);

operator!(Avx512, Add, add, _mm512_add_ps);
operator!(Avx512, Sub, sub, _mm512_sub_ps);
operator!(Avx512, Mul, mul, _mm512_mul_ps);
operator!(Avx512, Div, div, _mm512_div_ps);

impl Simd for Avx512 {
    const LANES: usize = 16;
    // 12 rows × 2 vectors = 24 accumulators of 32 registers; 2 hold B's row; A is broadcast from memory.
    const TILE_ROWS: usize = 12;
    // Two FMAs can start in each of the 4 cycles that one takes.
    const ROW_SUMS: usize = 8;
    // vscalefps rounds into the denormals; the smallest is 2^-149.
    const LOWEST_POWER: f32 = -152.0;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: `Avx512` is named only inside the AVX-512 entry function, so the CPU has AVX-512F.
        Self(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller has sixteen readable values; the CPU has AVX-512F as above.
        Self(unsafe { _mm512_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller has sixteen writable places; the CPU has AVX-512F as above.
        unsafe { _mm512_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize, fill: f32) -> Self {
        // SAFETY: masked lanes are not accessed, the caller has the `count` others; the CPU has AVX-512F as above.
        Self(unsafe { _mm512_mask_loadu_ps(_mm512_set1_ps(fill), first(count), from) })
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        // SAFETY: masked lanes are not accessed, the caller has the `count` others; the CPU has AVX-512F as above.
        unsafe { _mm512_mask_storeu_ps(to, first(count), self.0) }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        // SAFETY: a value of this type exists, so the CPU has AVX-512F.
        Self(unsafe { _mm512_fmadd_ps(self.0, factor.0, term.0) })
    }

    // vmaxps and vminps return the second operand when either is NaN, which is the trait's promise.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the CPU has AVX-512F.
        Self(unsafe { _mm512_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the CPU has AVX-512F.
        Self(unsafe { _mm512_min_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn scale_by_power_of_two(self, power: Self) -> Self {
        // SAFETY: a value of this type exists, so the CPU has AVX-512F.
        Self(unsafe { _mm512_scalef_ps(self.0, power.0) })
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: a value of this type exists, so the CPU has AVX-512F.
        unsafe { _mm512_reduce_add_ps(self.0) }
    }

    #[inline(always)]
    unsafe fn store_sums(registers: [Self; 8], to: *mut f32) {
        let mut halves = [Avx2::splat(0.0); 8];
        for (half, register) in halves.iter_mut().zip(registers) {
            *half = register.halved();
        }
        // SAFETY: the caller's promise is this one, and the AVX-512 tier includes AVX2.
        unsafe { Avx2::store_sums(halves, to) }
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        // SAFETY: a value of this type exists, so the CPU has AVX-512F.
        unsafe { _mm512_reduce_max_ps(self.0) }
    }

    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
        // SAFETY: the caller's promise is this one, and the AVX-512 tier includes AVX2.
        unsafe { Avx2::transpose(from, from_stride, to, to_stride) }
    }
}

impl Avx512 {
    /// The lower eight lanes plus the upper.
    #[inline(always)]
    fn halved(self) -> Avx2 {
        // SAFETY: a value of this type exists, so the CPU has AVX-512F.
        let upper = unsafe { _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(self.0))) };
        // SAFETY: as above.
        Avx2(unsafe { _mm512_castps512_ps256(self.0) }) + Avx2(upper)
    }
}

/// A one for each of the lowest `count` lanes; `count` is at most 16.
#[inline(always)]
fn first(count: usize) -> __mmask16 {
    ((1_u32 << count) - 1) as __mmask16
}
