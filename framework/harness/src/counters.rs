//! What the processor counts while calls run, over all threads of this process: Linux's perf events.
//!
//! Only user space is counted, which is what an ordinary user may ask for. Each event is counted for itself: a group cannot be
//! inherited by threads that start later. They are opened while there is one thread, before the plugin is loaded, which may
//! open none. Software events take the same way, and are how it is tested where a virtual machine has no hardware counters.

use std::cell::RefCell;
use std::fs;
use std::io;

use perf_event::events::{Event, Hardware};
use perf_event::{Builder, Counter};
use smbench_core::message::Counters;

use crate::instance::CallError;
use crate::seat::Seat;

/// In the order of [`Counters`].
const EVENTS: [Hardware; 4] =
    [Hardware::INSTRUCTIONS, Hardware::CPU_CYCLES, Hardware::CACHE_MISSES, Hardware::BRANCH_MISSES];

/// A tally of each event, or why there are none.
pub struct Tallies(io::Result<[Option<Tally>; 4]>);

impl Tallies {
    /// Of this thread and all that it and they will start. Counts nothing yet.
    pub fn open() -> Self {
        Self(open_all(&EVENTS))
    }

    /// Events per call, or why there are none.
    pub fn count(self, seat: &mut Seat<'_>, calls: u64) -> Result<Result<Counters, String>, CallError> {
        let mut tallies = match self.0 {
            Ok(tallies) => tallies,
            Err(error) => return Ok(Err(missing(&error))),
        };
        let [instructions, cycles, cache_misses, branch_misses] =
            per_call(&mut tallies, calls, |calls, start, stop| seat.run_between(calls, start, stop))?;
        let counters = Counters { instructions, cycles, cache_misses, branch_misses };
        Ok(counters
            .known()
            .ok_or_else(|| "the processor's counters were busy all the time: is a profiler running?".to_owned()))
    }
}

/// A tally for each event; one that cannot be had is left out. An error if that is all of them: the first one's.
fn open_all<E: Event + Copy, const N: usize>(events: &[E; N]) -> io::Result<[Option<Tally>; N]> {
    let opened = events.map(Tally::open);
    if opened.iter().any(Result::is_ok) {
        return Ok(opened.map(Result::ok));
    }
    Err(opened.into_iter().find_map(Result::err).unwrap_or_else(|| io::Error::other("no event")))
}

/// Counts no call, then so many; the difference is theirs.
fn per_call<const N: usize>(
    tallies: &mut [Option<Tally>; N],
    calls: u64,
    mut run: impl FnMut(u64, &dyn Fn(), &dyn Fn()) -> Result<(), CallError>,
) -> Result<[Option<f64>; N], CallError> {
    let mut pass = |calls: u64| {
        let before = tallies.each_mut().map(read);
        let shared = RefCell::new(&mut *tallies);
        let each = |act: fn(&mut Tally)| shared.borrow_mut().iter_mut().flatten().for_each(act);
        run(calls, &|| each(Tally::start), &|| each(Tally::stop))?;
        let after = tallies.each_mut().map(read);
        Ok(std::array::from_fn(|event| after[event]?.since(before[event]?)))
    };
    let (nothing, all): ([Option<f64>; N], [Option<f64>; N]) = (pass(0)?, pass(calls)?);
    // What was never counted without calls is none: a start and a stop alone may be over before the event is on the core.
    Ok(std::array::from_fn(|event| Some((all[event]? - nothing[event].unwrap_or(0.0)).max(0.0) / calls as f64)))
}

/// One event over all threads.
struct Tally(Counter);

/// What a tally shows.
#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    /// Events, put up to the whole time where several took turns on one counter.
    events: f64,
    /// Time that was counted in.
    running_ns: f64,
}

fn read(tally: &mut Option<Tally>) -> Option<Reading> {
    tally.as_mut()?.read().ok()
}

impl Tally {
    fn open(event: impl Event) -> io::Result<Self> {
        Builder::new(event).observe_self().any_cpu().inherit(true).build().map(Self)
    }

    /// A counter that cannot be started has run for no time, which is noticed when it is read.
    fn start(&mut self) {
        let _ = self.0.enable();
    }

    fn stop(&mut self) {
        let _ = self.0.disable();
    }

    fn read(&mut self) -> io::Result<Reading> {
        let data = self.0.read_full()?;
        let [enabled, running] =
            [data.time_enabled(), data.time_running()].map(|time| time.unwrap_or_default().as_nanos() as f64);
        let events = if running > 0.0 { data.count() as f64 * enabled / running } else { 0.0 };
        Ok(Reading { events, running_ns: running })
    }
}

impl Reading {
    /// Events since an earlier reading; `None` if nothing was counted in.
    fn since(self, earlier: Self) -> Option<f64> {
        (self.running_ns > earlier.running_ns).then_some(self.events - earlier.events)
    }
}

fn missing(error: &io::Error) -> String {
    let paranoid = fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").ok();
    let guest = fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| text.contains(" hypervisor"));
    why(error, paranoid.and_then(|text| text.trim().parse().ok()), guest)
}

/// Why perf_event_open refuses, in words.
fn why(error: &io::Error, paranoid: Option<i32>, guest: bool) -> String {
    let code = error.raw_os_error().unwrap_or(0);
    let name = match code {
        libc::ENOENT => "ENOENT".to_owned(),
        libc::EOPNOTSUPP => "EOPNOTSUPP".to_owned(),
        libc::ENODEV => "ENODEV".to_owned(),
        libc::EACCES => "EACCES".to_owned(),
        libc::EPERM => "EPERM".to_owned(),
        libc::ENOSYS => "ENOSYS".to_owned(),
        _ => error.to_string(),
    };
    match (code, paranoid) {
        (libc::ENOENT | libc::EOPNOTSUPP | libc::ENODEV, _) if guest => {
            format!("not available here: the virtual machine has no hardware counters (perf_event_open: {name})")
        }
        (libc::ENOENT | libc::EOPNOTSUPP | libc::ENODEV, _) => {
            format!(
                "not available here: the kernel knows no hardware counters of this processor (perf_event_open: {name})"
            )
        }
        // 2, the usual one, allows user space of one's own processes; Debian and Ubuntu have 3 and 4, which do not.
        (libc::EACCES | libc::EPERM, Some(level @ 3..)) => {
            format!(
                "not allowed here: perf_event_paranoid is {level}; allow it: sudo sysctl kernel.perf_event_paranoid=2"
            )
        }
        (libc::EACCES | libc::EPERM, _) => format!(
            "not allowed here (perf_event_open: {name}): a container forbids it, perhaps; in Docker allow it with \
             --cap-add PERFMON, or a seccomp profile that has perf_event_open"
        ),
        (libc::ENOSYS, _) => {
            format!("not available here: this kernel was built without perf events (perf_event_open: {name})")
        }
        _ => format!("not available here (perf_event_open: {name})"),
    }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::sync::mpsc;
    use std::thread;

    use perf_event::events::Software;

    use super::*;

    /// Time on a core and page faults, as if they were hardware's; `None` where the system does not let us.
    fn software() -> Option<[Option<Tally>; 2]> {
        open_all(&[Software::TASK_CLOCK, Software::PAGE_FAULTS])
            .inspect_err(|error| println!("{}", missing(error)))
            .ok()
    }

    fn compute() {
        (0..2_000_000_u64).for_each(|x| {
            black_box(x.wrapping_mul(x));
        });
    }

    #[test]
    fn calls_are_counted_and_what_is_round_them_is_not() {
        let Some(mut tallies) = software() else { return };
        let mut made = 0;
        let counted = per_call(&mut tallies, 8, |calls, start, stop| {
            black_box(vec![1_u8; 8 << 20]); // before: not counted
            start();
            (0..calls).for_each(|_| drop(black_box(vec![1_u8; 1 << 20])));
            stop();
            made += calls;
            compute(); // after: not counted
            Ok(())
        });
        let [clock_ns, faults] = counted.unwrap().map(Option::unwrap);
        assert!(clock_ns > 0.0, "{clock_ns}");
        // 256 pages, fewer where the kernel makes them huge, or the allocator keeps them.
        assert!((0.0..=300.0).contains(&faults), "{faults}");
        assert_eq!(made, 8, "one pass without calls, one with all of them");
    }

    #[test]
    fn fresh_pages_are_faults_of_the_call_that_touches_them() {
        let Some(mut tallies) = software() else { return };
        let counted = per_call(&mut tallies, 2, |calls, start, stop| {
            start();
            // Kept, so that each is new.
            (0..calls).for_each(|_| Box::leak(black_box(vec![1_u8; 64 << 20]).into_boxed_slice()).fill(2));
            stop();
            Ok(())
        });
        let faults = counted.unwrap()[1].unwrap();
        assert!((32.0..=16_500.0).contains(&faults), "{faults} in 64 MiB: pages of 2 MiB to 4 KiB");
    }

    #[test]
    fn threads_that_wait_and_new_ones_are_counted() {
        let Some(mut tallies) = software() else { return };
        let (work, wait) = mpsc::channel::<mpsc::Sender<()>>();
        let old = thread::spawn(move || wait.iter().for_each(|done| (compute(), done.send(()).unwrap()).1));
        let clock = |tallies: &mut [Option<Tally>; 2], body: &dyn Fn()| {
            let counted = per_call(tallies, 1, |calls, start, stop| {
                start();
                (0..calls).for_each(|_| body());
                stop();
                Ok(())
            });
            counted.unwrap()[0].unwrap()
        };
        let alone = clock(&mut tallies, &compute);
        let elsewhere = clock(&mut tallies, &|| {
            let (done, over) = mpsc::channel();
            work.send(done).unwrap();
            over.recv().unwrap();
        });
        let new = clock(&mut tallies, &|| thread::spawn(compute).join().unwrap());
        // The same work takes the same time on a core, by a factor that no machine has.
        for other in [elsewhere, new] {
            assert!(other > alone / 20.0, "{other} ns elsewhere, {alone} ns here");
        }
        drop(work);
        old.join().unwrap();
    }

    #[test]
    fn why_there_are_none_is_said_with_what_to_do() {
        #[track_caller]
        fn check(code: i32, paranoid: Option<i32>, guest: bool, parts: &[&str]) {
            let text = why(&io::Error::from_raw_os_error(code), paranoid, guest);
            assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        }
        check(libc::ENOENT, Some(2), true, &["the virtual machine has no hardware counters", "ENOENT"]);
        check(libc::EOPNOTSUPP, Some(2), false, &["of this processor", "EOPNOTSUPP"]);
        check(libc::EACCES, Some(4), true, &["perf_event_paranoid is 4", "sysctl kernel.perf_event_paranoid=2"]);
        check(libc::EPERM, Some(2), false, &["EPERM", "--cap-add PERFMON"]);
        check(libc::ENOSYS, None, false, &["without perf events"]);
        check(libc::EMFILE, Some(2), false, &["perf_event_open: Too many open files"]);
    }

    #[test]
    fn the_processor_counts_or_it_is_said_why_not() {
        match open_all(&EVENTS) {
            Ok(mut tallies) => {
                let counted = per_call(&mut tallies, 4, |calls, start, stop| {
                    start();
                    (0..calls).for_each(|_| compute());
                    stop();
                    Ok(())
                });
                let instructions = counted.unwrap()[0];
                assert!(instructions.is_none_or(|count| count > 2e6), "{instructions:?} for 2 million products");
            }
            Err(error) => assert!(missing(&error).starts_with("not a"), "{error}"),
        }
    }
}
