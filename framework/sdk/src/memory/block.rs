//! One piece of aligned memory: a vector of cache lines, whose elements nobody looks at but as f32.

use std::alloc::Layout;
use std::slice;

use crate::{Error, Result};

/// A cache line, and the alignment that every block has: one AVX-512 register.
#[repr(align(64))]
#[derive(Clone, Copy)]
#[expect(dead_code, reason = "bytes are read and written through pointers only")]
struct Line([u8; 64]);

const LINE: usize = size_of::<Line>();

/// Memory of at least the size and alignment that was asked for. Its content is undefined until somebody writes it.
pub struct Block {
    lines: Vec<Line>,
    /// Bytes from the first line to the first aligned byte; more than 0 only for alignments beyond a line.
    offset: usize,
    bytes: usize,
}

impl Block {
    /// A block from the system that holds `layout`.
    pub fn allocate(layout: Layout) -> Result<Self> {
        Self::with_capacity(Self::footprint(layout), layout)
    }

    /// A block of `capacity` bytes, at least [`footprint`](Self::footprint), that holds `layout`.
    pub(super) fn with_capacity(capacity: usize, layout: Layout) -> Result<Self> {
        let mut lines = Vec::new();
        let reserved = lines.try_reserve_exact(capacity.div_ceil(LINE));
        reserved.map_err(|_| Error::out_of_memory(format!("{capacity} bytes could not be had")))?;
        let mut block = Self { lines, offset: 0, bytes: 0 };
        block.fit(layout);
        Ok(block)
    }

    /// Bytes that a block must have to hold `layout`, wherever it starts.
    pub(super) fn footprint(layout: Layout) -> usize {
        layout.size() + layout.align().saturating_sub(LINE)
    }

    /// Makes the block hold `layout`, for which it has the capacity.
    pub(super) fn fit(&mut self, layout: Layout) {
        let start = self.lines.as_ptr().addr();
        self.offset = start.next_multiple_of(layout.align().max(LINE)) - start;
        self.bytes = layout.size();
        self.lines.clear();
        debug_assert!(self.offset + self.bytes <= self.capacity());
    }

    /// First byte.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.lines.as_mut_ptr().cast::<u8>().wrapping_add(self.offset)
    }

    /// Bytes that were asked for.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes that are there.
    pub fn capacity(&self) -> usize {
        self.lines.capacity() * LINE
    }

    /// All of it as f32, to be written; zero where nobody has since it was acquired.
    pub fn floats_mut(&mut self) -> &mut [f32] {
        let lines = (self.offset + self.bytes).div_ceil(LINE);
        self.lines.resize(lines, Line([0; LINE]));
        // SAFETY: `resize` made sure that there are so many bytes, initialised; their start is aligned to a line, any
        // bits are an f32, and the slice borrows the block.
        unsafe { slice::from_raw_parts_mut(self.as_mut_ptr().cast(), self.bytes / size_of::<f32>()) }
    }

    /// What [`floats_mut`](Self::floats_mut) wrote; nothing if it was never called.
    pub fn floats(&self) -> &[f32] {
        let written = self.lines.len() * LINE >= self.offset + self.bytes;
        let (start, bytes) = if written { (self.offset, self.bytes) } else { (0, 0) };
        let data = self.lines.as_ptr().cast::<u8>().wrapping_add(start).cast();
        // SAFETY: as above; where nothing was written, a slice of no elements at an aligned address.
        unsafe { slice::from_raw_parts(data, bytes / size_of::<f32>()) }
    }

    /// Overwrites all of it with zeros.
    pub fn zero(&mut self) {
        self.lines.resize((self.offset + self.bytes).div_ceil(LINE), Line([0; LINE]));
        self.lines.fill(Line([0; LINE]));
        self.lines.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_aligned_as_asked() {
        for align in [1, 64, 128, 4096] {
            let mut block = Block::allocate(Layout::from_size_align(100, align).unwrap()).unwrap();
            assert!(block.as_mut_ptr().addr().is_multiple_of(align.max(LINE)), "{align}");
        }
    }

    #[test]
    fn floats_are_zero_until_written_and_gone_with_the_next_use() {
        let layout = Layout::from_size_align(100, 4096).unwrap();
        let mut block = Block::allocate(layout).unwrap();
        assert_eq!(block.floats(), [0.0; 0]);
        block.floats_mut()[24] = 1.0;
        assert_eq!((block.floats().len(), block.floats()[0], block.floats()[24]), (25, 0.0, 1.0));
        assert_eq!(block.floats_mut()[24], 1.0);
        block.fit(layout);
        assert_eq!(block.floats(), [0.0; 0]);
        assert_eq!(block.floats_mut(), [0.0; 25]);
    }

    #[test]
    fn too_much_is_an_error_and_no_abort() {
        let layout = Layout::from_size_align(isize::MAX as usize - 63, 64).unwrap();
        assert_eq!(Block::allocate(layout).err().map(|error| error.status()), Some(smbench_abi::Status::OutOfMemory));
    }
}
