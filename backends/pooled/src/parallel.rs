//! When threads are worth it.

use smbench_sdk::Io;

use crate::Pooled;

/// Fewer elements stay on one thread. The costliest element-wise kernel does 4.5 elements a nanosecond, so this many take
/// 15 µs, several times what waking a sleeping thread costs; the break-even of each kernel is still to be measured.
const ELEMENTS: usize = 1 << 16;

impl Pooled {
    /// Runs `body(first, piece)` on all of `io`: [shared](smbench_sdk::ThreadPool::share) if it is large, else in one piece.
    #[inline(always)] // of a call of 30 ns, the way through `share` was 7
    pub fn pieces(&mut self, io: Io<'_>, unit: usize, body: impl Fn(usize, Io<'_>) + Sync) {
        if io.x().len() < ELEMENTS {
            self.used = 1;
            return body(0, io);
        }
        self.used = self.threads.share(io, unit, body);
    }
}
