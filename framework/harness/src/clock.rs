//! The clock, and what reading it twice costs.

use std::time::Instant;

/// A clock whose own cost is known.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    pair_ns: u64,
}

impl Clock {
    /// Times the pair of readings that brackets every sample: the median of many.
    pub fn calibrate() -> Self {
        let mut pairs: Vec<u64> = (0..2_001).map(|_| raw(|| ()).1).collect();
        pairs.sort_unstable();
        Self { pair_ns: pairs[pairs.len() / 2] }
    }

    /// Time that `body` takes, in nanoseconds, the clock's own cost subtracted.
    #[inline]
    pub fn time<R>(&self, body: impl FnOnce() -> R) -> (R, u64) {
        let (result, ns) = raw(body);
        (result, ns.saturating_sub(self.pair_ns))
    }
}

#[inline]
fn raw<R>(body: impl FnOnce() -> R) -> (R, u64) {
    let start = Instant::now();
    let result = body();
    (result, start.elapsed().as_nanos() as u64)
}
