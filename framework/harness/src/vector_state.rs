//! The upper halves of the vector registers: a kernel that leaves them dirty slows down whoever runs legacy SSE code next.
//!
//! faer 0.24's matmul returns without `vzeroupper`. Beside it, on Zen 4, the naive loops (compiled to SSE2) took 2.4
//! times as long as alone (matmul 32x512x512: 3.13 against 1.28 ms, 2026-11). The state belongs to the thread, not to the
//! backend, so every sample starts with a clean one.

/// Puts the upper halves of this thread's vector registers into their initial state.
#[cfg(target_arch = "x86_64")]
pub fn clean() {
    #[target_feature(enable = "avx")]
    fn zero_upper() {
        std::arch::x86_64::_mm256_zeroupper();
    }
    if is_x86_feature_detected!("avx") {
        // SAFETY: the CPU has AVX.
        unsafe { zero_upper() };
    }
}

/// Nothing to do: other architectures have no legacy encoding beside a wider one.
#[cfg(not(target_arch = "x86_64"))]
pub fn clean() {}
