//! Work among the context's threads, by rayon: halves of halves, whatever the size.

use smbench_sdk::Io;

use crate::Subject;

/// Pieces of element-wise work are multiples of this: a cache line, so that no two threads write to one.
pub const LINE: usize = 16;

impl Subject {
    /// One call of an op on `io`: `body(first, piece)` on all of it. A piece is whole units long; `first` is the index of
    /// its first element. In place it runs once whatever the pace: twice would be another result.
    pub fn call(&mut self, io: Io<'_>, unit: usize, body: impl Fn(usize, Io<'_>) + Sync) {
        let (threads, pieces) = (&self.threads, self.threads.threads().min(io.x().len() / unit).max(1));
        let once = |io: Io<'_>| match pieces {
            1 => body(0, io),
            several => threads.install(|| halve(io, unit, 0, several, &body)),
        };
        match io {
            Io::Separate { x, out } => self.pace.call(|| once(Io::Separate { x, out: &mut *out })),
            in_place => once(in_place),
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
