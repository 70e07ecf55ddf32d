//! What other processes and the hypervisor do for a while: two looks at the kernel's counters.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use smbench_core::proc_stat::ProcStat;

/// A first look.
#[derive(Debug)]
pub struct Watch {
    start: Instant,
    before: Counters,
}

/// What went on between two looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// How long it was.
    pub wall_ns: u64,
    /// CPU time of all processes but this one and its children.
    pub others_busy_ns: Option<u64>,
    /// Time the hypervisor gave to others.
    pub steal_ns: Option<u64>,
    /// The process that used most of it, by its name.
    pub busiest: Option<String>,
}

#[derive(Debug, Default)]
struct Counters {
    cores: Option<ProcStat>,
    /// This process and the children it has waited for.
    ours_ns: Option<u64>,
    /// Name and time of every process that can be seen.
    processes: BTreeMap<u32, (String, u64)>,
}

/// The kernel counts in hundredths of a second (`USER_HZ`): in less time than this, that says nothing.
const SHORTEST: Duration = Duration::from_millis(200);

/// One of these hundredths.
const TICK_NS: u64 = 10_000_000;

impl Watch {
    /// The first look.
    pub fn begin() -> Self {
        Self { start: Instant::now(), before: Counters::under(Path::new("/proc")) }
    }

    /// The second look, a fifth of a second after the first at the earliest.
    pub fn end(self) -> Window {
        thread::sleep(SHORTEST.saturating_sub(self.start.elapsed()));
        let after = Counters::under(Path::new("/proc"));
        after.since(&self.before, self.start.elapsed().as_nanos() as u64)
    }
}

impl Counters {
    fn under(proc: &Path) -> Self {
        let own = std::process::id();
        let read = |path: &str| fs::read_to_string(proc.join(path)).ok();
        let folders = fs::read_dir(proc).into_iter().flatten().flatten();
        let numbers = folders.filter_map(|folder| folder.file_name().to_str()?.parse::<u32>().ok());
        let processes = numbers.filter(|&process| process != own).filter_map(|process| {
            let Times { name, own_ns, .. } = Times::parse(&read(&format!("{process}/stat"))?)?;
            Some((process, (name, own_ns)))
        });
        Self {
            cores: read("stat").and_then(|text| ProcStat::parse(&text)),
            ours_ns: read("self/stat")
                .and_then(|text| Times::parse(&text))
                .map(|times| times.own_ns + times.children_ns),
            processes: processes.collect(),
        }
    }

    fn since(&self, before: &Self, wall_ns: u64) -> Window {
        let cores = self.cores.zip(before.cores).map(|(now, before)| now.since(before));
        let ours_ns = self.ours_ns.zip(before.ours_ns).map(|(now, before)| now.saturating_sub(before));
        Window {
            wall_ns,
            others_busy_ns: cores.zip(ours_ns).map(|(cores, ours)| cores.busy_ns.saturating_sub(ours)),
            steal_ns: cores.map(|cores| cores.steal_ns),
            busiest: self.busiest(before),
        }
    }

    /// Those that began between the looks count, too.
    fn busiest(&self, before: &Self) -> Option<String> {
        let earlier = |process: &u32| before.processes.get(process).map_or(0, |(_, ns)| *ns);
        let used = |(process, (_, ns)): &(&u32, &(String, u64))| ns.saturating_sub(earlier(process));
        let most = self.processes.iter().max_by_key(used)?;
        (used(&most) > 0).then(|| most.1.0.clone())
    }
}

/// A process's `stat`.
struct Times {
    name: String,
    own_ns: u64,
    /// Of its children that it has waited for, and theirs.
    children_ns: u64,
}

impl Times {
    /// `12 (name, which may hold anything) S …`: the 14th to the 17th field are utime, stime, cutime and cstime.
    fn parse(stat: &str) -> Option<Self> {
        let (head, rest) = stat.rsplit_once(')')?;
        let ticks = |field: usize| rest.split_whitespace().nth(field - 3)?.parse::<u64>().ok();
        let name: String = head.split_once('(')?.1.chars().filter(|letter| !letter.is_control()).collect();
        let ns = |fields: [usize; 2]| Some(ticks(fields[0])?.saturating_add(ticks(fields[1])?).saturating_mul(TICK_NS));
        Some(Self { name, own_ns: ns([14, 15])?, children_ns: ns([16, 17])? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(process: u32, name: &str, ticks: [u64; 4]) -> String {
        let [user, system, child_user, child_system] = ticks;
        format!(
            "{process} ({name}) S 1 1 1 0 -1 4194304 99 0 0 0 {user} {system} {child_user} {child_system} 20 0 1 0\n"
        )
    }

    /// A `/proc` with this process, two others, and so many ticks of all cores.
    fn counters(busy: u64, ours: [u64; 4], others: [u64; 2]) -> Counters {
        let proc = tempfile::tempdir().unwrap();
        let write = |path: &str, text: String| {
            let path = proc.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("stat", format!("cpu  {busy} 0 0 7 7 0 0 3 0 0\n"));
        write("self/stat", stat(std::process::id(), "smbench", ours));
        write(&format!("{}/stat", std::process::id()), stat(std::process::id(), "smbench", ours));
        write("12/stat", stat(12, "cc1 (plus)\x1b[2J", [others[0], 0, 0, 0]));
        write("13/stat", stat(13, "sh", [0, others[1], 5000, 0]));
        write("version", String::new());
        Counters::under(proc.path())
    }

    #[test]
    fn what_is_not_ours_is_others() {
        let before = counters(1000, [10, 5, 100, 0], [400, 3]);
        let after = counters(1050, [12, 6, 120, 1], [418, 8]);
        let window = after.since(&before, 300_000_000);
        assert_eq!((window.others_busy_ns, window.steal_ns), (Some(260_000_000), Some(0)));
        assert_eq!(window.busiest.as_deref(), Some("cc1 (plus)[2J"));
    }

    #[test]
    fn nobody_is_busiest_where_nobody_did_anything() {
        let window = counters(7, [0; 4], [0, 0]).since(&counters(7, [0; 4], [0, 0]), 1);
        assert_eq!((window.busiest, window.others_busy_ns), (None, Some(0)));
        assert_eq!(Counters::default().since(&Counters::default(), 1).others_busy_ns, None);
    }

    #[test]
    fn a_stat_that_is_none_is_nothing() {
        for text in ["", "12 (sh", "12 (sh) S 1", "12 sh) S"] {
            assert!(Times::parse(text).is_none(), "{text}");
        }
    }
}
