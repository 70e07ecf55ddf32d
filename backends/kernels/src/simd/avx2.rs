//! AVX2 with FMA: eight lanes, sixteen registers.

use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Sub};

use super::{Simd, TRANSPOSE};

/// Eight values in a ymm register.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(pub(super) __m256);

/// An operator by its intrinsic, for both x86 registers.
macro_rules! operator {
    ($register:ident, $op:ident, $method:ident, $intrinsic:ident) => {
        impl $op for $register {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: the register exists only inside its tier's entry function, so the CPU has the instruction.
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    };
}
pub(super) use operator;

operator!(Avx2, Add, add, _mm256_add_ps);
operator!(Avx2, Sub, sub, _mm256_sub_ps);
operator!(Avx2, Mul, mul, _mm256_mul_ps);
operator!(Avx2, Div, div, _mm256_div_ps);

impl Simd for Avx2 {
    const LANES: usize = 8;
    // 6 rows × 2 vectors = 12 accumulators of 16 registers; 2 hold B's row and 1 the broadcast of A.
    const TILE_ROWS: usize = 6;
    // Two FMAs can start in each of the 4 cycles that one takes.
    const ROW_SUMS: usize = 8;
    // The exponent bits of 2^-127 are zero.
    const LOWEST_POWER: f32 = -127.0;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: `Avx2` is named only inside the AVX2 and AVX-512 entry functions, so the CPU has AVX.
        Self(unsafe { _mm256_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller has eight readable values; the CPU has AVX as above.
        Self(unsafe { _mm256_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller has eight writable places; the CPU has AVX as above.
        unsafe { _mm256_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize, fill: f32) -> Self {
        // SAFETY: masked lanes are not accessed, the caller has the `count` others; the CPU has AVX2 as above.
        unsafe {
            let mask = first(count);
            let values = _mm256_maskload_ps(from, mask);
            Self(_mm256_blendv_ps(_mm256_set1_ps(fill), values, _mm256_castsi256_ps(mask)))
        }
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        // SAFETY: masked lanes are not accessed, the caller has the `count` others; the CPU has AVX2 as above.
        unsafe { _mm256_maskstore_ps(to, first(count), self.0) }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        // SAFETY: a value of this type exists, so the CPU has FMA.
        Self(unsafe { _mm256_fmadd_ps(self.0, factor.0, term.0) })
    }

    // vmaxps and vminps return the second operand when either is NaN, which is the trait's promise.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the CPU has AVX.
        Self(unsafe { _mm256_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the CPU has AVX.
        Self(unsafe { _mm256_min_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn scale_by_power_of_two(self, power: Self) -> Self {
        // 2^n has the bits (n + 127) << 23, which are 0.0 for n = -127 and infinity for n = 128.
        // SAFETY: a value of this type exists, so the CPU has AVX2.
        unsafe {
            let biased = _mm256_add_epi32(_mm256_cvtps_epi32(power.0), _mm256_set1_epi32(127));
            Self(_mm256_mul_ps(self.0, _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased))))
        }
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: a value of this type exists, so the CPU has AVX.
        unsafe {
            let four = _mm_add_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }

    // Pairs of neighbours are added three times, which leaves a sum in each lane: of the low halves, then of both.
    #[inline(always)]
    unsafe fn store_sums([a, b, c, d, e, f, g, h]: [Self; 8], to: *mut f32) {
        // SAFETY: the caller has eight writable places; values of this type exist, so the CPU has AVX.
        unsafe {
            let abcd = _mm256_hadd_ps(_mm256_hadd_ps(a.0, b.0), _mm256_hadd_ps(c.0, d.0));
            let efgh = _mm256_hadd_ps(_mm256_hadd_ps(e.0, f.0), _mm256_hadd_ps(g.0, h.0));
            let low = _mm256_permute2f128_ps::<0x20>(abcd, efgh);
            let high = _mm256_permute2f128_ps::<0x31>(abcd, efgh);
            _mm256_storeu_ps(to, _mm256_add_ps(low, high));
        }
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        // SAFETY: a value of this type exists, so the CPU has AVX.
        unsafe {
            let four = _mm_max_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)))
        }
    }

    // Pairs of rows are interleaved, pairs of pairs shuffled, and the 128-bit halves exchanged: 24 shuffles for 64 values.
    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
        // SAFETY: the caller has eight values at each of the eight strides on both sides; the CPU has AVX as above.
        unsafe {
            let mut quads = [_mm256_setzero_ps(); TRANSPOSE];
            for half in 0..2 {
                let rows = from.add(4 * half * from_stride);
                let [r0, r1] = [_mm256_loadu_ps(rows), _mm256_loadu_ps(rows.add(from_stride))];
                let [r2, r3] = [_mm256_loadu_ps(rows.add(2 * from_stride)), _mm256_loadu_ps(rows.add(3 * from_stride))];
                let [low01, high01] = [_mm256_unpacklo_ps(r0, r1), _mm256_unpackhi_ps(r0, r1)];
                let [low23, high23] = [_mm256_unpacklo_ps(r2, r3), _mm256_unpackhi_ps(r2, r3)];
                quads[4 * half] = _mm256_shuffle_ps::<0b01_00_01_00>(low01, low23);
                quads[4 * half + 1] = _mm256_shuffle_ps::<0b11_10_11_10>(low01, low23);
                quads[4 * half + 2] = _mm256_shuffle_ps::<0b01_00_01_00>(high01, high23);
                quads[4 * half + 3] = _mm256_shuffle_ps::<0b11_10_11_10>(high01, high23);
            }
            for j in 0..4 {
                let [top, bottom] = [quads[j], quads[j + 4]];
                _mm256_storeu_ps(to.add(j * to_stride), _mm256_permute2f128_ps::<0x20>(top, bottom));
                _mm256_storeu_ps(to.add((j + 4) * to_stride), _mm256_permute2f128_ps::<0x31>(top, bottom));
            }
        }
    }
}

/// All ones in the lowest `count` lanes.
///
/// # Safety
/// The CPU has AVX2.
#[inline(always)]
unsafe fn first(count: usize) -> __m256i {
    // SAFETY: the caller says the CPU has AVX2.
    unsafe { _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)) }
}
