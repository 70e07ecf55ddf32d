//! When threads are worth it, and how work is cut up for them.

use smbench_sdk::Io;

use crate::Pooled;

/// Fewer elements stay on one thread. The costliest element-wise kernel does 4.5 elements a nanosecond, so this many take
/// 15 µs, several times what waking a sleeping thread costs; the break-even of each kernel is still to be measured.
const ELEMENTS: usize = 1 << 16;

/// Pieces of element-wise work are multiples of this: a cache line, so that no two threads write to one.
pub const LINE: usize = 16;

impl Pooled {
    /// Runs `body(first, piece)` on all of `io`, on several threads if it is large. A piece is whole units long; `first`
    /// is the index of its first element.
    pub fn pieces(&mut self, io: Io<'_>, unit: usize, body: impl Fn(usize, Io<'_>) + Sync) {
        let elements = io.x().len();
        self.used = if elements < ELEMENTS { 1 } else { self.threads.threads().min(elements / unit).max(1) };
        match self.used {
            1 => body(0, io),
            pieces => self.threads.install(|| halve(io, unit, 0, pieces, &body)),
        }
    }
}

fn halve(io: Io<'_>, unit: usize, first: usize, pieces: usize, body: &(impl Fn(usize, Io<'_>) + Sync)) {
    if pieces == 1 {
        return body(first, io);
    }
    let left = pieces / 2;
    let mid = io.x().len() / unit * left / pieces * unit;
    let (io_left, io_right) = io.split_at(mid);
    rayon::join(|| halve(io_left, unit, first, left, body), || halve(io_right, unit, first + mid, pieces - left, body));
}
