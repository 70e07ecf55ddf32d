//! What disturbed a launch, read before and after (METHOD §2.10).

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::sync::OnceLock;
use std::time::Instant;

use smbench_core::proc_stat::ProcStat;
use smbench_core::samples::Environment;
use smbench_core::units::Bytes;

/// Counters at the start of a launch.
#[derive(Debug)]
pub struct Watchman {
    start: Instant,
    before: Counters,
}

#[derive(Debug, Default)]
struct Counters {
    runqueue_wait_ns: Option<u64>,
    cores: Option<ProcStat>,
    cpu_ns: u64,
    involuntary_switches: u64,
    minor_faults: u64,
    major_faults: u64,
}

impl Watchman {
    /// Reads the counters.
    pub fn begin() -> Self {
        Self { start: Instant::now(), before: Counters::read() }
    }

    /// What has happened since.
    pub fn end(&self) -> Environment {
        let after = Counters::read();
        let since = |after: Option<u64>, before: Option<u64>| Some(after?.saturating_sub(before?));
        let cores = after.cores.zip(self.before.cores).map(|(after, before)| after.since(before));
        let cpu_ns = after.cpu_ns.saturating_sub(self.before.cpu_ns);
        Environment {
            wall_ns: self.start.elapsed().as_nanos() as u64,
            runqueue_wait_ns: since(after.runqueue_wait_ns, self.before.runqueue_wait_ns),
            involuntary_switches: after.involuntary_switches - self.before.involuntary_switches,
            steal_ns: cores.map(|cores| cores.steal_ns),
            cpu_ns: Some(cpu_ns),
            others_busy_ns: cores.map(|cores| cores.busy_ns.saturating_sub(cpu_ns)),
            minor_faults: after.minor_faults - self.before.minor_faults,
            major_faults: after.major_faults - self.before.major_faults,
            peak_rss_bytes: peak_rss_bytes(),
        }
    }
}

impl Counters {
    fn read() -> Self {
        let usage = usage();
        Self {
            runqueue_wait_ns: runqueue_wait_ns(),
            cores: fs::read_to_string("/proc/stat").ok().and_then(|text| ProcStat::parse(&text)),
            cpu_ns: nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime),
            involuntary_switches: usage.ru_nivcsw as u64,
            minor_faults: usage.ru_minflt as u64,
            major_faults: usage.ru_majflt as u64,
        }
    }
}

/// What the kernel has done for this process so far.
#[derive(Clone, Copy, Debug)]
pub struct Interruptions {
    /// Page faults served without IO.
    pub minor_faults: u64,
    /// Times a thread waited for something.
    pub voluntary_switches: u64,
    /// Times a thread was taken off its core.
    pub involuntary_switches: u64,
}

impl Interruptions {
    /// So far, over all threads.
    pub fn so_far() -> Self {
        let usage = usage();
        Self {
            minor_faults: usage.ru_minflt as u64,
            voluntary_switches: usage.ru_nvcsw as u64,
            involuntary_switches: usage.ru_nivcsw as u64,
        }
    }
}

/// Peak resident size since the start, or since [`reset_peak_rss`].
pub fn peak_rss_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

/// `128 GiB of memory, 22.1 GiB are available`, if so many bytes are not to be had. A system that overcommits would kill the
/// process that touches them, and not only ours.
pub fn shortage(bytes: u128) -> Option<String> {
    let available = available_bytes().filter(|&available| bytes > u128::from(available))?;
    let [wanted, available] = [bytes as f64, available as f64].map(Bytes);
    Some(format!("{wanted} of memory, {available} are available"))
}

/// Memory that can be had without swapping, as the kernel estimates it.
fn available_bytes() -> Option<u64> {
    let memory = fs::read_to_string("/proc/meminfo").ok()?;
    let line = memory.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

static PEAK_RSS: OnceLock<File> = OnceLock::new();

/// Opens what [`reset_peak_rss`] writes to: a confined process can open no file for writing.
pub fn open_peak_rss() {
    if let Ok(file) = OpenOptions::new().write(true).open("/proc/self/clear_refs") {
        let _ = PEAK_RSS.set(file); // open already
    }
}

/// Starts the peak anew; says whether the kernel did it.
pub fn reset_peak_rss() -> bool {
    PEAK_RSS.get().is_some_and(|mut file| file.write_all(b"5").is_ok())
}

fn usage() -> libc::rusage {
    // SAFETY: zero is a valid rusage, and the call fills it.
    unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    }
}

/// Summed over all threads: the process's own file shows the main thread only.
fn runqueue_wait_ns() -> Option<u64> {
    let tasks = fs::read_dir("/proc/self/task").ok()?;
    let wait = |task: fs::DirEntry| -> Option<u64> {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().nth(1)?.parse().ok()
    };
    tasks.flatten().map(wait).sum()
}

fn nanoseconds(time: libc::timeval) -> u64 {
    time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_a_fresh_buffer_are_seen() {
        let watchman = Watchman::begin();
        let buffer = vec![1_u8; 8 << 20];
        let environment = watchman.end();
        assert!(environment.minor_faults > 0, "{environment:?} {}", buffer.len());
        assert!(environment.peak_rss_bytes.is_none_or(|bytes| bytes > 8 << 20));
    }

    #[test]
    fn what_this_process_computes_is_its_own() {
        let watchman = Watchman::begin();
        let mut hash = 1_u64;
        while watchman.start.elapsed().as_millis() < 60 {
            hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
        }
        let environment = watchman.end();
        let cpu_ns = environment.cpu_ns.unwrap();
        assert!(cpu_ns > 0 && hash != 0, "{environment:?}");
        assert_eq!(environment.others_busy_ns.is_some(), std::path::Path::new("/proc/stat").exists());
    }
}
