//! Where tensors come from: a pool, or the system every time.

mod block;
mod plain;
mod pool;

pub use block::Block;
pub use plain::PlainAllocator;
pub use pool::TensorPool;

use std::alloc::Layout;

use crate::Result;

/// Hands out blocks and takes them back.
pub trait Allocator {
    /// A block that holds `layout`; what is in it is undefined.
    fn acquire(&mut self, layout: Layout) -> Result<Block>;

    /// Takes a block back.
    fn release(&mut self, block: Block);

    /// Returns what is held for reuse to the system.
    fn trim(&mut self);

    /// What has happened so far.
    fn stats(&self) -> PoolStats;
}

/// What an allocator has done since it was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PoolStats {
    /// Blocks served without asking the system.
    pub hits: u64,
    /// Blocks asked of the system.
    pub misses: u64,
    /// Bytes held for reuse now.
    pub held_bytes: u64,
}
