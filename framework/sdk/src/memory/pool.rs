//! A pool with a free list per size class: in the steady state nothing is allocated.

use std::alloc::Layout;

use super::{Allocator, Block, PoolStats};
use crate::Result;

/// Keeps released blocks and hands them out again.
///
/// Classes are powers of two cut into four steps, so at most a quarter of a block is unused, and tensors of nearly the
/// same size share a list. Within a list the block released last comes first: it is the one still in cache.
#[derive(Default)]
pub struct TensorPool {
    /// By class.
    free: Vec<Vec<Block>>,
    stats: PoolStats,
}

impl TensorPool {
    /// An empty pool.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Allocator for TensorPool {
    fn acquire(&mut self, layout: Layout) -> Result<Block> {
        let class = Class::of(Block::footprint(layout));
        let Some(mut block) = self.free.get_mut(class.index()).and_then(Vec::pop) else {
            self.stats.misses += 1;
            return Block::with_capacity(class.bytes, layout);
        };
        self.stats.hits += 1;
        self.stats.held_bytes -= block.capacity() as u64;
        block.fit(layout);
        Ok(block)
    }

    fn release(&mut self, block: Block) {
        let class = Class::of(block.capacity()).index();
        if class >= self.free.len() {
            self.free.resize_with(class + 1, Vec::new);
        }
        self.stats.held_bytes += block.capacity() as u64;
        self.free[class].push(block);
    }

    fn trim(&mut self) {
        self.free.clear();
        self.stats.held_bytes = 0;
    }

    fn stats(&self) -> PoolStats {
        self.stats
    }
}

/// A size that blocks come in.
struct Class {
    bytes: usize,
}

impl Class {
    /// Steps between one power of two and the next.
    const STEPS: usize = 4;

    /// No smaller: four steps of a cache line, so that every class is whole lines.
    const LEAST: usize = 256;

    /// The smallest class that holds `bytes`.
    fn of(bytes: usize) -> Self {
        let bytes = bytes.max(Self::LEAST);
        let step = (1 << bytes.ilog2()) / Self::STEPS;
        Self { bytes: bytes.next_multiple_of(step) }
    }

    fn index(&self) -> usize {
        let power = self.bytes.ilog2() as usize;
        let step = self.bytes / ((1 << power) / Self::STEPS) - Self::STEPS;
        (power - Self::LEAST.ilog2() as usize) * Self::STEPS + step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(bytes: usize) -> Layout {
        Layout::from_size_align(bytes, 64).unwrap()
    }

    #[track_caller]
    fn check(bytes: usize, class: usize, index: usize) {
        let found = Class::of(bytes);
        assert_eq!((found.bytes, found.index()), (class, index));
        assert_eq!(Class::of(class).index(), index, "a block goes back to the list it came from");
    }

    #[test]
    fn classes_are_quarters_of_powers_of_two() {
        check(1, 256, 0);
        check(256, 256, 0);
        check(257, 320, 1);
        check(320, 320, 1);
        check(449, 512, 4);
        check(513, 640, 5);
        check(1 << 20, 1 << 20, 48);
    }

    #[test]
    fn what_comes_back_goes_out_again() {
        let mut pool = TensorPool::new();
        for (hits, bytes) in [1000, 1010, 960, 1000].into_iter().enumerate() {
            let block = pool.acquire(layout(bytes)).unwrap();
            assert_eq!(pool.stats(), PoolStats { hits: hits as u64, misses: 1, held_bytes: 0 });
            pool.release(block);
            assert_eq!(pool.stats().held_bytes, 1024);
        }
    }

    #[test]
    fn a_larger_alignment_takes_a_larger_block() {
        let mut pool = TensorPool::new();
        let page = Layout::from_size_align(1024, 4096).unwrap();
        let mut block = pool.acquire(page).unwrap();
        assert!(block.as_mut_ptr().addr().is_multiple_of(4096));
        pool.release(block);
        let smaller = pool.acquire(layout(1024)).unwrap();
        assert_eq!((smaller.bytes(), pool.stats().misses), (1024, 2));
    }

    #[test]
    fn trim_gives_everything_back() {
        let mut pool = TensorPool::new();
        let block = pool.acquire(layout(1 << 20)).unwrap();
        pool.release(block);
        pool.trim();
        assert_eq!(pool.stats(), PoolStats { hits: 0, misses: 1, held_bytes: 0 });
    }
}
