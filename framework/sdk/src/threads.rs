//! One rayon pool per context, never the global one.

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::extension::Runner;
use crate::{Error, Result};

/// A context's threads. Clones share them; they end, joined, with the last clone.
///
/// One thread means no pool at all: everything runs on the caller's.
#[derive(Clone)]
pub struct ThreadPool {
    pool: Option<Arc<Joined>>,
    threads: usize,
}

impl ThreadPool {
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
                let handle = std::thread::Builder::new().name(name).spawn(|| thread.run())?;
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
        assert_eq!(pool.install(|| std::thread::current().id()), std::thread::current().id());
    }

    #[test]
    fn rayon_inside_uses_this_pool_and_nothing_is_left_behind() {
        let pool = ThreadPool::new(3).unwrap();
        assert_eq!(pool.install(rayon::current_num_threads), 3);
        let name = pool.install(|| std::thread::current().name().map(str::to_owned));
        assert!(name.unwrap().starts_with("smbench-"));
        let names = Mutex::new(std::collections::BTreeSet::new());
        pool.on_each(|| {
            names.lock().unwrap().insert(std::thread::current().name().map(str::to_owned));
        });
        assert_eq!(names.into_inner().unwrap().len(), 3);
        let handles = Arc::downgrade(&pool.pool.as_ref().unwrap().threads);
        drop(pool);
        assert_eq!(handles.strong_count(), 0);
    }
}
