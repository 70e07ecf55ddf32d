//! What machine this is. What cannot be learnt is `unknown`, `0` or empty; nothing fails.

use std::fs;
use std::path::Path;

use smbench_core::run::Machine;

use crate::hash;

mod cache;
pub(crate) mod cpu;

/// This machine.
pub fn machine() -> Machine {
    let libc = libc_version();
    Machine { libc, hypervisor: cpu::hypervisor(Path::new("/")), simd: cpu::simd(), ..described(Path::new("/")) }
        .stamped()
}

/// What the files under this root tell.
fn described(root: &Path) -> Machine {
    Machine {
        host: word(root, "proc/sys/kernel/hostname"),
        arch: std::env::consts::ARCH.to_owned(),
        os: format!("{} {}", word(root, "proc/sys/kernel/ostype"), word(root, "proc/sys/kernel/osrelease")),
        cpu: cpu::model(root),
        cores: cpu::cores(root),
        cache_bytes: cache::sizes(root),
        memory_bytes: memory(root),
        ..Machine::default()
    }
}

/// A machine whose fingerprint follows from the rest.
trait Stamped {
    fn stamped(self) -> Self;
}

impl Stamped for Machine {
    fn stamped(self) -> Self {
        let fingerprint = fingerprint(&self);
        Self { fingerprint, ..self }
    }
}

/// Of all but the host and the kernel. Memory counts in whole GiB: kernels reserve a little more or less.
fn fingerprint(machine: &Machine) -> String {
    let gib = (machine.memory_bytes + (1 << 29)) >> 30;
    let of = (
        &machine.arch,
        &machine.cpu,
        machine.cores,
        &machine.cache_bytes,
        &machine.simd,
        gib,
        &machine.hypervisor,
        &machine.libc,
    );
    hash::bytes(format!("{of:?}").as_bytes())
}

/// `MemTotal:       24689848 kB`
fn memory(root: &Path) -> u64 {
    let total = field(&text(root, "proc/meminfo"), "MemTotal").unwrap_or_default();
    let kib: Option<u64> = total.split(' ').next().and_then(|number| number.parse().ok());
    kib.map_or(0, |kib| kib.saturating_mul(1024))
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the C library tells its version through C")]
fn libc_version() -> String {
    // SAFETY: it returns a static, NUL-terminated string.
    let version = unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) };
    let variables = std::env::vars().filter(|(name, _)| name.starts_with("MALLOC_") || name == "GLIBC_TUNABLES");
    format!("glibc {}, {}", version.to_string_lossy(), malloc_mode(variables.collect()))
}

/// What decides whether freed blocks are kept or go back to the system, and with that what a pool saves.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn malloc_mode(mut variables: Vec<(String, String)>) -> String {
    variables.retain(|(name, value)| name != "GLIBC_TUNABLES" || value.contains("glibc.malloc."));
    variables.sort();
    let set: Vec<String> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if set.is_empty() { "malloc by default: the mmap threshold adapts up to 32 MiB".to_owned() } else { set.join(" ") }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn libc_version() -> String {
    if cfg!(target_env = "musl") { "musl".to_owned() } else { UNKNOWN.to_owned() }
}

// Files.

const UNKNOWN: &str = "unknown";

/// A small file without the space around it; empty if it is not there.
pub(crate) fn text(root: &Path, path: &str) -> String {
    let bytes = fs::read(root.join(path)).unwrap_or_default();
    // Device tree strings end in NUL.
    String::from_utf8_lossy(&bytes).trim_matches(|letter: char| letter == '\0' || letter.is_whitespace()).to_owned()
}

fn word(root: &Path, path: &str) -> String {
    Some(text(root, path)).filter(|text| !text.is_empty()).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// The first `name : value` of such lines.
pub(crate) fn field(text: &str, name: &str) -> Option<String> {
    let of = |line: &str| {
        line.split_once(':').filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
    };
    text.lines().find_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_one_is_known() {
        let machine = machine();
        assert!(machine.cores >= 1 && machine.memory_bytes > 1 << 26, "{machine:?}");
        assert_eq!(machine.fingerprint.len(), 64);
        assert_eq!(machine, super::machine());
    }

    #[test]
    fn an_empty_root_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let machine = described(folder.path());
        assert_eq!((machine.host.as_str(), machine.os.as_str()), ("unknown", "unknown unknown"));
        assert_eq!((machine.cache_bytes, machine.memory_bytes), (vec![], 0));
        assert!(machine.cores >= 1);
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn the_mode_of_malloc_is_named() {
        let mode = |variables: &[(&str, &str)]| {
            malloc_mode(variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect())
        };
        assert!(mode(&[]).contains("adapts"));
        assert!(mode(&[("GLIBC_TUNABLES", "glibc.pthread.rseq=0")]).contains("adapts"));
        assert_eq!(mode(&[("MALLOC_MMAP_THRESHOLD_", "131072")]), "MALLOC_MMAP_THRESHOLD_=131072");
    }

    #[test]
    fn the_fingerprint_is_of_what_matters() {
        let one = Machine { cpu: "a".into(), memory_bytes: 24 << 30, ..Machine::default() };
        let print = |change: fn(&mut Machine)| {
            let mut other = one.clone();
            change(&mut other);
            fingerprint(&other) == fingerprint(&one)
        };
        assert!(print(|machine| machine.host.push('x')));
        assert!(print(|machine| machine.os.push('x')));
        assert!(print(|machine| machine.memory_bytes -= 100 << 20));
        assert!(!print(|machine| machine.cpu.push('x')));
        assert!(!print(|machine| machine.cores += 1));
        assert!(!print(|machine| machine.libc.push('x')));
    }
}
