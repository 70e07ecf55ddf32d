//! One rayon pool per context, never the global one.

use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use crate::extension::Runner;
use crate::{Error, Io, Result};

/// A context's threads. Clones share them; they end, joined, with the last clone.
///
/// One thread means no pool at all: everything runs on the caller's.
#[derive(Clone)]
pub struct ThreadPool {
    pool: Option<Arc<Joined>>,
    threads: usize,
}

impl ThreadPool {
    /// The unit of element-wise work, in elements: 64 bytes, a cache line, so that no two threads write to one.
    pub const LINE: usize = 16;

    /// Starts `threads` threads, [`CreateArgs::threads`](crate::CreateArgs::threads) as a rule: while they work, the
    /// caller waits, so that it is not one too many.
    pub fn new(threads: usize) -> Result<Self> {
        let pool = if threads > 1 { Some(Arc::new(Joined::new(threads)?)) } else { None };
        Ok(Self { pool, threads: threads.max(1) })
    }

    /// How many threads there are; 1 is the caller's own.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Runs `body` inside, where rayon's functions use these threads. Costs nothing from a thread of the pool, which is
    /// where a session's calls come from.
    pub fn install<R: Send>(&self, body: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(joined) => joined.pool().install(body),
            None => body(),
        }
    }

    /// Runs `body` once on every thread, for what a library keeps per thread and would otherwise make in whatever call
    /// a thread comes to first.
    pub fn on_each(&self, body: impl Fn() + Sync) {
        match &self.pool {
            Some(joined) => drop(joined.pool().broadcast(|_| body())),
            None => body(),
        }
    }

    /// Runs `body(first, piece)` on all of `io`, cut into as many pieces as there are threads; `first` is the index of the
    /// piece's first element. Says how many pieces there were. A single one stays on the caller's thread.
    ///
    /// A piece is whole units long, of `unit` elements each, at least one: a row, or [`LINE`](Self::LINE). What no unit holds
    /// goes with the last piece.
    #[inline] // else a call of 13 ns took 19 (add/100, 2026-11-25)
    pub fn share(&self, io: Io<'_>, unit: usize, body: impl Fn(usize, Io<'_>) + Sync) -> usize {
        let pieces = self.threads.min(io.x().len() / unit).max(1);
        match pieces {
            1 => body(0, io),
            several => self.install(|| halve(io, unit, 0, several, &body)),
        }
        pieces
    }
}

/// Halves of halves, which rayon hands to whoever is idle.
fn halve(io: Io<'_>, unit: usize, first: usize, pieces: usize, body: &(impl Fn(usize, Io<'_>) + Sync)) {
    if pieces == 1 {
        return body(first, io);
    }
    let left = pieces / 2;
    let mid = io.x().len() / unit * left / pieces * unit;
    let (io_left, io_right) = io.split_at(mid);
    rayon::join(|| halve(io_left, unit, first, left, body), || halve(io_right, unit, first + mid, pieces - left, body));
}

impl Runner for ThreadPool {
    fn run(&self, body: impl FnOnce() + Send) {
        self.install(body);
    }
}

/// A rayon pool whose threads are gone when it is: rayon alone only tells them to end.
struct Joined {
    pool: Option<rayon::ThreadPool>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Joined {
    fn new(threads: usize) -> Result<Self> {
        let handles = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&handles);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .spawn_handler(move |thread| {
                let name = format!("smbench-{}", thread.index());
                let handle = thread::Builder::new().name(name).spawn(|| thread.run())?;
                keep.lock().map(|mut handles| handles.push(handle)).map_err(|_| std::io::ErrorKind::Other.into())
            })
            .build()
            .map_err(|error| Error::failed(format!("{threads} threads could not be started: {error}")))?;
        // Until every thread has run once, its beginnings would be part of whatever is measured first.
        pool.broadcast(|_| ());
        Ok(Self { pool: Some(pool), threads: handles })
    }

    fn pool(&self) -> &rayon::ThreadPool {
        self.pool.as_ref().expect("taken only by drop")
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        drop(self.pool.take());
        let handles = self.threads.lock().map(|mut handles| std::mem::take(&mut *handles)).unwrap_or_default();
        handles.into_iter().for_each(|handle| drop(handle.join()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_is_the_callers() {
        let pool = ThreadPool::new(1).unwrap();
        assert_eq!(pool.install(|| thread::current().id()), thread::current().id());
    }

    #[test]
    fn pieces_are_whole_units_and_cover_everything() {
        #[track_caller]
        fn check(threads: usize, len: usize, unit: usize, want: &[(usize, usize)]) {
            let pool = ThreadPool::new(threads).unwrap();
            let (x, mut out) = (vec![1.0; len], vec![0.0; len]);
            let seen = Mutex::new(Vec::new());
            let pieces = pool.share(Io::Separate { x: &x, out: &mut out }, unit, |first, piece| {
                seen.lock().unwrap().push((first, piece.x().len()));
                piece.map(|x| x);
            });
            let mut seen = seen.into_inner().unwrap();
            seen.sort_unstable();
            assert_eq!((seen.as_slice(), pieces, out), (want, want.len(), x));
        }
        check(3, 100, 16, &[(0, 32), (32, 32), (64, 36)]);
        check(2, 100, 16, &[(0, 48), (48, 52)]);
        check(3, 35, 16, &[(0, 16), (16, 19)]);
        check(3, 10, 16, &[(0, 10)]);
        check(1, 6, 2, &[(0, 6)]);
        check(3, 0, 16, &[(0, 0)]);
    }

    #[test]
    fn one_piece_stays_with_the_caller() {
        let pool = ThreadPool::new(2).unwrap();
        let caller = thread::current().id();
        let unit = ThreadPool::LINE;
        pool.share(Io::InPlace(&mut [0.0; 16]), unit, |_, _| assert_eq!(thread::current().id(), caller));
    }

    #[test]
    fn rayon_inside_uses_this_pool_and_nothing_is_left_behind() {
        let pool = ThreadPool::new(3).unwrap();
        assert_eq!(pool.install(rayon::current_num_threads), 3);
        let name = pool.install(|| thread::current().name().map(str::to_owned));
        assert!(name.unwrap().starts_with("smbench-"));
        let names = Mutex::new(std::collections::BTreeSet::new());
        pool.on_each(|| {
            names.lock().unwrap().insert(thread::current().name().map(str::to_owned));
        });
        assert_eq!(names.into_inner().unwrap().len(), 3);
        let handles = Arc::downgrade(&pool.pool.as_ref().unwrap().threads);
        drop(pool);
        assert_eq!(handles.strong_count(), 0);
    }
}
