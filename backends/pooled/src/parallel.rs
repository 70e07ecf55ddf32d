//! When threads are worth it.

use smbench_sdk::Io;

use crate::Pooled;

/// Fewer elements stay on one thread. The costliest element-wise kernel does 4.5 elements a nanosecond, so this many take
/// 15 µs, several times what waking a sleeping thread costs; the break-even of each kernel is still to be measured.
const ELEMENTS: usize = 1 << 16;

impl Pooled {
    /// [`ThreadPool::share`](smbench_sdk::ThreadPool::share) of `io`, on several threads if it is large.
    pub fn pieces(&mut self, io: Io<'_>, unit: usize, body: impl Fn(usize, Io<'_>) + Sync) {
        let most = if io.x().len() < ELEMENTS { 1 } else { self.threads.threads() };
        self.used = self.threads.share(io, unit, most, body);
    }
}
