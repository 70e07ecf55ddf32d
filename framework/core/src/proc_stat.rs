//! What `/proc/stat` says of all cores together, and what follows from two looks at it.

/// Time of all cores since the machine started, in nanoseconds; the kernel counts in steps of 10 ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcStat {
    /// Running anything: processes of any kind, the kernel, interrupts.
    pub busy_ns: u64,
    /// Taken by the hypervisor.
    pub steal_ns: u64,
}

/// The kernel tells user space hundredths of a second (`USER_HZ`), whatever it counts in.
const TICK_NS: u64 = 10_000_000;

impl ProcStat {
    /// Of the file's text; `None` where it is none.
    ///
    /// `cpu  user nice system idle iowait irq softirq steal guest guest_nice`; guests' time is part of user and nice.
    pub fn parse(text: &str) -> Option<Self> {
        let line = text.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<u64> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
        let &[user, nice, system, _idle, _iowait, irq, softirq, steal, ..] = ticks.as_slice() else { return None };
        let busy = [user, nice, system, irq, softirq].into_iter().fold(0, u64::saturating_add);
        Some(Self { busy_ns: busy.saturating_mul(TICK_NS), steal_ns: steal.saturating_mul(TICK_NS) })
    }

    /// What has passed since an earlier look.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            busy_ns: self.busy_ns.saturating_sub(earlier.busy_ns),
            steal_ns: self.steal_ns.saturating_sub(earlier.steal_ns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Option<(u64, u64)>) {
        assert_eq!(ProcStat::parse(text).map(|stat| (stat.busy_ns, stat.steal_ns)), want);
    }

    #[test]
    fn busy_is_all_but_idle_waiting_and_stolen() {
        check("cpu  1 2 4 1000 2000 8 16 32 64 128\ncpu0 9 9 9 9 9 9 9 9 9 9\n", Some((310_000_000, 320_000_000)));
        check("cpu  1 2 4 1000 2000 8 16 32", Some((310_000_000, 320_000_000)));
        check("cpu  1 2 4 1000", None);
        check("cpu0 1 2 4 1000 2000 8 16 32", None);
        check("cpu  1 2 4 1000 2000 8 16 many", None);
        check("", None);
    }

    #[test]
    fn a_counter_that_went_back_has_not_moved() {
        let [earlier, later] = [(100, 10), (250, 9)].map(|(busy_ns, steal_ns)| ProcStat { busy_ns, steal_ns });
        assert_eq!(later.since(earlier), ProcStat { busy_ns: 150, steal_ns: 0 });
    }
}
