//! Work among the context's threads, whatever its size.

use smbench_sdk::Io;

use crate::Subject;

impl Subject {
    /// One call of an op on `io`: [`ThreadPool::share`](smbench_sdk::ThreadPool::share) of all of it, as often as the pace
    /// says. In place it runs once whatever the pace: twice would be another result.
    pub fn call(&mut self, io: Io<'_>, unit: usize, body: impl Fn(usize, Io<'_>) + Sync) {
        let threads = &self.threads;
        let once = |io: Io<'_>| threads.share(io, unit, &body);
        match io {
            Io::Separate { x, out } => self.pace.call(|| _ = once(Io::Separate { x, out: &mut *out })),
            in_place => _ = once(in_place),
        }
    }
}
