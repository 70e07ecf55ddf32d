//! Timed buffers: one mapping, so that all backends of a launch get the same addresses.

use std::io;
use std::os::fd::RawFd;
use std::ptr;

use fastrand::Rng;

use crate::buffers::{Buffers, Layout, Slot};

/// Every operand starts on a cache line.
const LINE: usize = 64;
const PAGE: usize = 4096;

/// Where the arena of a split launch lies in each of its processes: far from what the loader uses.
const SPLIT_ADDRESS: usize = 0x2000_0000_0000;

/// A mapping that holds a layout; unmapped on drop.
#[derive(Debug)]
pub struct Arena {
    buffers: Buffers,
    base: *mut u8,
    size: usize,
}

// SAFETY: the mapping belongs to this process, and one thread at a time works on it.
unsafe impl Send for Arena {}

impl Arena {
    /// The operands.
    pub fn buffers(&self) -> &Buffers {
        &self.buffers
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: mapped by `arena` with this size, and nobody can hold a slice of it any more.
        unsafe { libc::munmap(self.base.cast(), self.size) };
    }
}

/// Maps a layout, in memory of our own or in a file that several processes share.
pub fn arena(layout: &Layout, seed: u64, shared: Option<RawFd>) -> io::Result<Arena> {
    let (offsets, size) = offsets(layout, seed);
    let base = match shared {
        None => map(ptr::null_mut(), size, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1)?,
        Some(file) => map_shared(file, size)?,
    };
    let place = |(slot, offset): (&Slot, usize)| (slot.clone(), base.wrapping_byte_add(offset).cast::<f32>());
    let slots = layout.slots.iter().zip(offsets).map(place).collect();
    // SAFETY: offsets are disjoint ranges of the mapping, on cache lines, and the mapping lives as long.
    Ok(Arena { buffers: unsafe { Buffers::new(slots) }, base, size })
}

/// Offsets differ from launch to launch by whole cache lines: two operands a multiple of 4 KiB apart
/// alias in the store buffer, and no single placement should decide a comparison.
fn offsets(layout: &Layout, seed: u64) -> (Vec<usize>, usize) {
    let mut rng = Rng::with_seed(seed);
    let mut end = 0;
    let mut offsets = Vec::with_capacity(layout.slots.len());
    for slot in &layout.slots {
        let start = end + rng.usize(0..PAGE / LINE) * LINE;
        offsets.push(start);
        end = (start + slot.elements() * size_of::<f32>()).next_multiple_of(PAGE) + PAGE;
    }
    (offsets, end.max(PAGE))
}

fn map_shared(file: RawFd, size: usize) -> io::Result<*mut u8> {
    const LENGTH: i32 = libc::F_SEAL_SHRINK | libc::F_SEAL_GROW;
    // SAFETY: plain system calls on a descriptor the host passed for this. The first to come gives it its length for good:
    // cut off by a plugin, it would kill all the others.
    if unsafe { libc::ftruncate(file, size as libc::off_t) != 0 || libc::fcntl(file, libc::F_ADD_SEALS, LENGTH) != 0 } {
        return Err(io::Error::last_os_error());
    }
    map(ptr::without_provenance_mut(SPLIT_ADDRESS), size, libc::MAP_SHARED | libc::MAP_FIXED_NOREPLACE, file)
}

fn map(address: *mut u8, size: usize, flags: i32, file: RawFd) -> io::Result<*mut u8> {
    // SAFETY: a new mapping; NOREPLACE keeps a wished address from covering an old one.
    let base = unsafe { libc::mmap(address.cast(), size, libc::PROT_READ | libc::PROT_WRITE, flags, file, 0) };
    if base == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(base.cast()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(elements: &[usize]) -> Layout {
        let slot = |&elements: &usize| Slot::input("x", &[elements]);
        Layout { slots: elements.iter().map(slot).collect() }
    }

    #[test]
    fn operands_are_disjoint_and_on_cache_lines() {
        let arena = arena(&layout(&[3, 1025, 4096, 1]), 9, None).unwrap();
        let buffers = arena.buffers();
        for index in 0..buffers.len() {
            assert_eq!(buffers.place(index).addr() % LINE, 0);
            buffers.write(index, |values| values.fill(index as f32));
        }
        for index in 0..buffers.len() {
            assert!(buffers.values(index).iter().all(|&value| value == index as f32));
        }
    }

    #[test]
    fn placement_follows_the_seed() {
        let layout = layout(&[100, 100]);
        assert_eq!(offsets(&layout, 1), offsets(&layout, 1));
        assert_ne!(offsets(&layout, 1), offsets(&layout, 2));
    }
}
