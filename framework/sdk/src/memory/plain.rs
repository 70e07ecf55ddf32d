//! The plain twin of the pool: the system is asked every time.

use std::alloc::Layout;

use super::{Allocator, Block, PoolStats};
use crate::Result;

/// Allocates each block and frees it on release.
#[derive(Default)]
pub struct PlainAllocator {
    misses: u64,
}

impl PlainAllocator {
    /// An allocator that has done nothing yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Allocator for PlainAllocator {
    fn acquire(&mut self, layout: Layout) -> Result<Block> {
        self.misses += 1;
        Block::allocate(layout)
    }

    fn release(&mut self, block: Block) {
        drop(block);
    }

    fn trim(&mut self) {}

    fn stats(&self) -> PoolStats {
        PoolStats { misses: self.misses, ..PoolStats::default() }
    }
}
