//! Operands out of all caches, as if nobody had touched them for long.

use crate::buffers::Buffers;

/// Flushes every operand to main memory. Code, stack and what a plugin keeps of its own stay where they are, and so do the
/// translations of the operands' addresses, as far as the TLB holds them.
pub fn flush(buffers: &Buffers) {
    #[cfg(target_arch = "x86_64")]
    (0..buffers.len()).for_each(|index| x86::flush(buffers.bytes(index)));
    #[cfg(target_arch = "x86_64")]
    x86::wait();
    #[cfg(not(target_arch = "x86_64"))]
    stream::through(buffers);
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::asm;
    use std::arch::x86_64::{__cpuid_count, _mm_clflush, _mm_mfence};
    use std::sync::OnceLock;

    /// Of all x86-64 processors so far.
    const LINE: usize = 64;

    /// Every line that holds one of these bytes, in every cache of every core.
    pub fn flush(bytes: &[u8]) {
        let Some(last) = bytes.len().checked_sub(1) else { return };
        let start = bytes.as_ptr().wrapping_sub(bytes.as_ptr().addr() % LINE);
        let lines = bytes.as_ptr().wrapping_add(last).addr() / LINE - start.addr() / LINE + 1;
        let line = |index: usize| start.wrapping_add(index * LINE);
        match has_clflushopt() {
            true => (0..lines).map(line).for_each(clflushopt),
            // SAFETY: every line overlaps `bytes`; flushing changes no value.
            false => (0..lines).map(line).for_each(|line| unsafe { _mm_clflush(line) }),
        }
    }

    /// Until all flushes are done: neither kind waits for itself.
    pub fn wait() {
        // SAFETY: SSE2, which every x86-64 has.
        unsafe { _mm_mfence() };
    }

    /// Unordered among each other, so many lines are under way at once; `core::arch` has no function for it.
    fn clflushopt(line: *const u8) {
        // SAFETY: the CPU has the instruction, the line overlaps a live slice, and flushing changes no value.
        unsafe { asm!("clflushopt [{}]", in(reg) line, options(nostack, preserves_flags)) };
    }

    /// Bit 23 of EBX in leaf 7.
    fn has_clflushopt() -> bool {
        static HAS: OnceLock<bool> = OnceLock::new();
        *HAS.get_or_init(|| {
            let most = __cpuid_count(0, 0).eax;
            most >= 7 && __cpuid_count(7, 0).ebx >> 23 & 1 == 1
        })
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod stream {
    use std::fs;
    use std::hint::black_box;
    use std::sync::{Mutex, OnceLock};

    use crate::buffers::Buffers;

    /// Where the size of the last cache cannot be learnt: larger than most.
    const UNKNOWN: usize = 64 << 20;

    /// Without an instruction for it: writes through a buffer twice as large as the largest cache, which pushes everything
    /// else out, the translations of addresses, too.
    pub fn through(_buffers: &Buffers) {
        static BUFFER: OnceLock<Mutex<Vec<u64>>> = OnceLock::new();
        let buffer = BUFFER.get_or_init(|| Mutex::new(vec![0; 2 * largest_cache() / size_of::<u64>()]));
        if let Ok(mut buffer) = buffer.lock() {
            buffer.iter_mut().step_by(4).for_each(|word| *word = word.wrapping_add(1));
            black_box(&mut *buffer);
        }
    }

    fn largest_cache() -> usize {
        let file =
            |index: u32| fs::read_to_string(format!("/sys/devices/system/cpu/cpu0/cache/index{index}/size")).ok();
        (0..5).filter_map(|index| bytes(file(index)?.trim())).max().unwrap_or(UNKNOWN)
    }

    /// `48K`, `32M`.
    pub fn bytes(size: &str) -> Option<usize> {
        let (number, unit) = size.split_at_checked(size.len().checked_sub(1)?)?;
        let unit = match unit {
            "K" => 1 << 10,
            "M" => 1 << 20,
            _ => return None,
        };
        number.parse::<usize>().ok()?.checked_mul(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffers::Slot;

    #[test]
    fn flushing_changes_no_value_whatever_the_lines() {
        let mut memory: Vec<f32> = (0..100_003).map(|value| value as f32).collect();
        let place = memory.as_mut_ptr();
        let slots = [(0, 0), (1, 3), (16, 16), (33, 99_970)];
        let slots = slots.map(|(start, elements)| (Slot::output("x", &[elements]), place.wrapping_add(start)));
        // SAFETY: disjoint parts of `memory`, which outlives the buffers.
        let buffers = unsafe { Buffers::new(slots.into()) };
        flush(&buffers);
        stream::through(&buffers);
        assert!(memory.iter().enumerate().all(|(index, value)| *value == index as f32));
    }

    #[test]
    fn sizes_of_caches() {
        assert_eq!(
            ["48K", "32M", "", "K", "x", "12"].map(stream::bytes),
            [Some(48 << 10), Some(32 << 20), None, None, None, None]
        );
    }
}
