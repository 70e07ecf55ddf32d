//! What one thread of this machine can do at most: arithmetic and memory reads.
//!
//! Reports print kernels as a percentage of these two figures, a roofline (S. Williams, A. Waterman and
//! D. Patterson, "Roofline: an insightful visual performance model for multicore architectures", CACM 52
//! (2009) 65–76). Elsewhere smbench reports medians; here it keeps the best burst, because a ceiling is
//! what is asked for: whatever interrupts a burst can only lower it, and a median would let kernels
//! reach 103 %. Both move by 10 % and more between stretches on a shared machine, so they are measured
//! in every run and never compared between runs.

use std::hint::black_box;
use std::time::{Duration, Instant};

use smbench_core::message::Peak;

/// Measures both on the calling thread, in about 0.4 s; `None` if there is no memory for the buffer.
pub fn measure() -> Option<Peak> {
    Some(Peak { gflops: gflops(), read_gbs: read_gbs()? })
}

/// How long bursts are repeated for. A core takes some 10 ms to reach its highest clock.
const ARITHMETIC: Duration = Duration::from_millis(150);

/// Shorter, because filling the buffer takes 0.1 s first.
const READING: Duration = Duration::from_millis(100);

/// The most work per nanosecond that any burst reached. `burst` returns the work it did.
fn best_rate(budget: Duration, mut burst: impl FnMut() -> f64) -> f64 {
    let (start, mut best) = (Instant::now(), 0.0f64);
    while start.elapsed() < budget {
        let burst_start = Instant::now();
        let work = burst();
        best = best.max(work / burst_start.elapsed().as_nanos().max(1) as f64);
    }
    best
}

// Arithmetic.

/// Independent chains of multiply-adds. Two units of 4 cycles latency need 8; 12 hide a hiccup and with
/// both constants still fit 16 registers. ARM cores have up to four units, and 32 registers.
const CHAINS: usize = if cfg!(target_arch = "aarch64") { 20 } else { 12 };

/// Links of each chain in one burst: about 0.1 ms, so that many bursts escape the scheduler.
const LINKS: usize = 50_000;

/// A link is `x ← x·SCALE + SHIFT`, which settles at 2: never denormal, never infinite.
const SCALE: f32 = 0.5;
const SHIFT: f32 = 1.0;

/// The best burst of the widest multiply-add this CPU has.
fn gflops() -> f64 {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the CPU has AVX-512F.
            return best_rate(ARITHMETIC, || unsafe { x86::avx512() });
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the CPU has AVX2 and FMA.
            return best_rate(ARITHMETIC, || unsafe { x86::avx2() });
        }
    }
    best_rate(ARITHMETIC, portable)
}

fn operations(lanes: usize) -> f64 {
    2.0 * (lanes * CHAINS * LINKS) as f64
}

/// Four lanes a chain, the vector of NEON, SSE and simd128; the compiler finds them.
fn portable() -> f64 {
    let (scale, shift) = black_box((SCALE, SHIFT));
    // Unknown starts: chains known to be equal would be merged into one.
    let mut chains = black_box([[0.0f32; 4]; CHAINS]);
    for _ in 0..LINKS {
        for x in chains.as_flattened_mut() {
            *x = link(*x, scale, shift);
        }
    }
    black_box(chains);
    operations(4)
}

/// Fused only where the target fuses in one instruction: elsewhere `mul_add` is a library call.
#[inline(always)]
fn link(x: f32, scale: f32, shift: f32) -> f32 {
    if cfg!(any(target_arch = "aarch64", target_feature = "fma")) { x.mul_add(scale, shift) } else { x * scale + shift }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{CHAINS, LINKS, SCALE, SHIFT, black_box, operations};
    use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_set1_ps, _mm512_fmadd_ps, _mm512_set1_ps};

    #[target_feature(enable = "avx512f")]
    pub(super) fn avx512() -> f64 {
        let (scale, shift) = black_box((_mm512_set1_ps(SCALE), _mm512_set1_ps(SHIFT)));
        let mut chains = black_box([_mm512_set1_ps(0.0); CHAINS]);
        for _ in 0..LINKS {
            for x in &mut chains {
                *x = _mm512_fmadd_ps(*x, scale, shift);
            }
        }
        black_box(chains);
        operations(16)
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn avx2() -> f64 {
        let (scale, shift) = black_box((_mm256_set1_ps(SCALE), _mm256_set1_ps(SHIFT)));
        let mut chains = black_box([_mm256_set1_ps(0.0); CHAINS]);
        for _ in 0..LINKS {
            for x in &mut chains {
                *x = _mm256_fmadd_ps(*x, scale, shift);
            }
        }
        black_box(chains);
        operations(8)
    }
}

// Reading.

const MIB: usize = 1 << 20;

/// The best pass over a buffer too large for the caches. Plain 4 KiB pages, as kernels get them.
fn read_gbs() -> Option<f64> {
    let buffer = buffer(buffer_bytes(last_level_cache_bytes()))?;
    Some(best_rate(READING, || {
        black_box(sum(black_box(&buffer)));
        size_of_val(buffer.as_slice()) as f64
    }))
}

/// Four times the cache, so that no more than a quarter of a pass can come from it; 256 MiB at least, in
/// case a virtual machine hides how large it is, and 1 GiB at most, which takes 0.4 s to fill.
fn buffer_bytes(cache: usize) -> usize {
    cache.saturating_mul(4).clamp(256 * MIB, 1024 * MIB)
}

/// Written once: pages never written are all the same page of zeros, and come from the cache.
fn buffer(bytes: usize) -> Option<Vec<f32>> {
    let mut values = Vec::new();
    values.try_reserve_exact(bytes / size_of::<f32>()).ok()?;
    values.resize(bytes / size_of::<f32>(), 1.0);
    Some(values)
}

/// The largest cache the first core can reach, or 0 where the system does not tell.
fn last_level_cache_bytes() -> usize {
    let size = |index: u32| std::fs::read_to_string(format!("/sys/devices/system/cpu/cpu0/cache/index{index}/size"));
    (0..8).filter_map(|index| parse_size(size(index).ok()?.trim())).max().unwrap_or(0)
}

/// `32768K` as Linux writes it.
fn parse_size(text: &str) -> Option<usize> {
    let (digits, unit) = match text.strip_suffix('K') {
        Some(digits) => (digits, 1 << 10),
        None => (text.strip_suffix('M')?, MIB),
    };
    digits.parse::<usize>().ok()?.checked_mul(unit)
}

/// Adds up whole cache lines, from four places at once: a prefetcher stops at the end of each 4 KiB page, and
/// with four streams the other three go on. Baseline vectors are enough; AVX-512 reads no faster.
fn sum(values: &[f32]) -> f32 {
    let mut lanes = [[0.0f32; LANES]; 4];
    let quarter = values.len() / 4;
    let [a, b, c, d] = [0, 1, 2, 3].map(|i| values[i * quarter..][..quarter].as_chunks::<LANES>().0);
    for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
        add(&mut lanes[0], a);
        add(&mut lanes[1], b);
        add(&mut lanes[2], c);
        add(&mut lanes[3], d);
    }
    lanes.as_flattened().iter().sum()
}

/// One cache line.
const LANES: usize = 16;

#[inline(always)]
fn add(lanes: &mut [f32; LANES], line: &[f32; LANES]) {
    for (lane, value) in lanes.iter_mut().zip(line) {
        *lane += value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wide enough for any machine, and for a build without optimisation: it catches folded loops (1000
    /// times too fast) and reads that never leave the cache.
    #[test]
    fn the_figures_are_plausible() {
        let peak = measure().unwrap();
        assert!((0.01..1_000.0).contains(&peak.gflops), "{peak:?}");
        assert!((0.01..1_000.0).contains(&peak.read_gbs), "{peak:?}");
    }

    #[test]
    fn the_best_burst_counts() {
        // The best comes first: on a busy machine one burst may be all there is time for.
        let mut work = [1e12, 1.0, 1.0].into_iter();
        let rate = best_rate(Duration::from_millis(1), || {
            std::thread::sleep(Duration::from_micros(100));
            work.next().unwrap_or(0.0)
        });
        assert!(rate > 1.0);
    }

    #[test]
    fn sums_every_cache_line() {
        let values: Vec<f32> = (0..640).map(|i| (i % 7) as f32).collect();
        assert_eq!(sum(&values), values.iter().sum::<f32>());
        assert_eq!(sum(&[]), 0.0);
    }

    #[test]
    fn cache_sizes() {
        #[track_caller]
        fn check(text: &str, want: Option<usize>) {
            assert_eq!(parse_size(text), want);
        }
        check("32K", Some(32 << 10));
        check("32768K", Some(32 << 20));
        check("96M", Some(96 << 20));
        check("", None);
        check("K", None);
        check("big", None);
    }

    #[test]
    fn buffers_outgrow_the_cache() {
        #[track_caller]
        fn check(cache_mib: usize, want_mib: usize) {
            assert_eq!(buffer_bytes(cache_mib * MIB), want_mib * MIB);
        }
        check(0, 256);
        check(32, 256);
        check(96, 384);
        check(504, 1024);
    }
}
