//! What disturbed a run: its launches' environments, summed up.

use serde::{Deserialize, Serialize};

use crate::samples::Environment;

/// Parts of the launches' wall time, in percent: 100 is all of one core. `None`: no launch knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Disturbance {
    /// CPU time that processes without a part in the launches used meanwhile.
    pub others_busy_pct: Option<f64>,
    /// Time the hypervisor gave to others.
    pub steal_pct: Option<f64>,
    /// Time our threads were ready but not running.
    pub runqueue_wait_pct: Option<f64>,
}

impl Disturbance {
    /// Of some launches.
    pub fn of<'a>(launches: impl Iterator<Item = &'a Environment>) -> Self {
        let launches: Vec<&Environment> = launches.collect();
        Self {
            others_busy_pct: percent(&launches, |launch| launch.others_busy_ns),
            steal_pct: percent(&launches, |launch| launch.steal_ns),
            runqueue_wait_pct: percent(&launches, |launch| launch.runqueue_wait_ns),
        }
    }
}

/// Over the launches that know it: sums, because a single launch is short beside the kernel's steps of 10 ms.
fn percent(launches: &[&Environment], time_ns: impl Fn(&Environment) -> Option<u64>) -> Option<f64> {
    let known = launches.iter().filter_map(|launch| Some((time_ns(launch)? as f64, launch.wall_ns as f64)));
    let (time, wall) = known.fold((0.0, 0.0), |(time, wall), (a, b)| (time + a, wall + b));
    (wall > 0.0).then(|| 100.0 * time / wall)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn launches_that_do_not_know_say_nothing() {
        let launch = |wall_ns, others_busy_ns| Environment { wall_ns, others_busy_ns, ..Environment::default() };
        let launches = [launch(100, Some(50)), launch(900, None), launch(300, Some(350))];
        let all = Disturbance::of(launches.iter());
        assert_eq!((all.others_busy_pct, all.steal_pct, all.runqueue_wait_pct), (Some(100.0), None, None));
        assert_eq!(Disturbance::of([].iter()), Disturbance::default());
    }
}
