//! How much CPU time the control group allows, and whether it had to be stopped for that.

use smbench_core::fact::Fact;

use super::Place;
use crate::machine::cpu;

pub fn fact(place: Place<'_>) -> Fact {
    const NAME: &str = "cpu quota";
    let groups = groups(place);
    if groups.is_empty() {
        return Fact::unknown(NAME);
    }
    let cores = cpu::cores(place.root);
    let Some(quota) = groups.iter().filter_map(|group| quota(place, group)).min_by(f64::total_cmp) else {
        return Fact::ok(NAME, "none");
    };
    let stopped: u64 = groups.iter().filter_map(|group| throttled(place, group)).max().unwrap_or(0);
    let fact = Fact::ok(NAME, format!("{quota:.1} of {cores} cores; throttled {stopped} times so far"));
    match quota < f64::from(cores) || stopped > 0 {
        true => fact.problem(
            "threads that use it up are all stopped until the next period, some tenth of a second",
            "run without a CPU limit: in Docker without --cpus, in Kubernetes without limits.cpu",
        ),
        false => fact,
    }
}

/// The folders of our group and of those it is in, as far as they are mounted here: version 2, then version 1.
fn groups(place: Place<'_>) -> Vec<String> {
    let text = place.text("proc/self/cgroup").unwrap_or_default();
    let mut folders = Vec::new();
    for line in text.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        let roots: &[&str] = match controllers {
            "" => &["sys/fs/cgroup", "sys/fs/cgroup/unified"],
            _ if controllers.split(',').any(|controller| controller == "cpu") => {
                &["sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"]
            }
            _ => continue,
        };
        let above = |root: &str| ancestors(path).map(|path| format!("{root}{path}")).collect::<Vec<_>>();
        folders.extend(roots.iter().flat_map(|root| above(root)));
    }
    folders.retain(|folder| {
        ["cpu.max", "cpu.cfs_quota_us", "cpu.stat"].iter().any(|file| place.text(&format!("{folder}/{file}")).is_some())
    });
    folders
}

/// `/a/b` is `/a/b`, `/a` and the root.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let path = path.trim_end_matches('/');
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(above, _)| above))
}

/// In cores; `None` where there is no limit.
fn quota(place: Place<'_>, group: &str) -> Option<f64> {
    let v2 = || {
        let text = place.text(&format!("{group}/cpu.max"))?;
        let (quota, period) = text.split_once(' ')?;
        Some((quota.parse::<f64>().ok()?, period.parse::<f64>().ok()?))
    };
    let v1 = || {
        let number = |file: &str| place.text(&format!("{group}/{file}"))?.parse::<f64>().ok();
        Some((number("cpu.cfs_quota_us")?, number("cpu.cfs_period_us")?))
    };
    let (quota, period) = v2().or_else(v1)?;
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

fn throttled(place: Place<'_>, group: &str) -> Option<u64> {
    let text = place.text(&format!("{group}/cpu.stat"))?;
    text.lines().find_map(|line| line.strip_prefix("nr_throttled ")?.trim().parse().ok())
}
