//! Which files can be opened: Landlock.

use std::fs::Metadata;
use std::mem;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use smbench_core::confinement::Grants;

/// What every process reads: the loader and the C library, and what tells of the processor, its memory and ourselves.
/// Nothing of other processes: `/proc/self` is this one.
const EVERYBODYS: &[&str] = &[
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/locale",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/dev/null",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/uptime",
    "/proc/version",
    "/proc/sys/kernel",
    "/proc/sys/vm",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/sys/kernel/mm",
];

/// Where programs lie.
const PROGRAMS: &[&str] = &["/bin", "/sbin", "/usr"];

/// From here on, only what is granted can be opened, for reading only, and a granted program started. The version of
/// Landlock; `None` where the kernel has none.
pub fn restrict(grants: &Grants) -> Result<Option<u32>, RulesetError> {
    // Each version adds rights that an older kernel knows nothing of: the best that this one can do.
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(ABI::V5))?
        .handle_access(AccessNet::from_all(ABI::V4))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?;
    let start = if grants.exec { AccessFs::Execute.into() } else { BitFlags::EMPTY };
    for path in EVERYBODYS {
        rules = permit(rules, path.as_ref(), start)?;
    }
    for path in PROGRAMS.iter().filter(|_| grants.exec) {
        rules = permit(rules, path.as_ref(), start)?;
    }
    for path in &grants.read {
        rules = permit(rules, path, start)?;
    }
    let status = rules.restrict_self()?;
    Ok(match status.landlock {
        LandlockStatus::Available { effective_abi, kernel_abi } if status.ruleset != RulesetStatus::NotEnforced => {
            Some(kernel_abi.map_or(effective_abi as u32, |abi| abi as u32))
        }
        _ => None,
    })
}

/// Reading it, and all below it, and whatever `more` says. What is not there needs no rule.
fn permit(rules: RulesetCreated, path: &Path, more: BitFlags<AccessFs>) -> Result<RulesetCreated, RulesetError> {
    let (Ok(place), Ok(is_folder)) = (PathFd::new(path), path.metadata().map(|it: Metadata| it.is_dir())) else {
        return Ok(rules);
    };
    let read = if is_folder { AccessFs::ReadFile | AccessFs::ReadDir } else { AccessFs::ReadFile.into() };
    let rules = rules.add_rule(PathBeneath::new(&place, read | more))?;
    if path.starts_with("/proc") {
        // The kernel makes its entries anew when nobody holds them, and the new ones would have no rule.
        mem::forget(place);
    }
    Ok(rules)
}
