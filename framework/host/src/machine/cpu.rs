//! The processor: its model, its vector extensions, and how much of it we may use.

use std::path::Path;
use std::thread;

use super::{UNKNOWN, field, text};

/// Model as the CPU says it.
pub fn model(root: &Path) -> String {
    let info = text(root, "proc/cpuinfo");
    let told = brand().or_else(|| field(&info, "model name")).or_else(|| arm(&info));
    let board = || Some(text(root, "proc/device-tree/model")).filter(|model| !model.is_empty());
    told.or_else(board).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// Logical cores we may use: those our affinity allows and that are online.
pub fn cores(root: &Path) -> u32 {
    let allowed = list(&field(&text(root, "proc/self/status"), "Cpus_allowed_list").unwrap_or_default());
    let online = list(&text(root, "sys/devices/system/cpu/online"));
    let usable = allowed.iter().filter(|core| online.is_empty() || online.contains(core)).count();
    let counted = || thread::available_parallelism().map_or(1, |cores| cores.get());
    if usable > 0 { usable as u32 } else { counted() as u32 }
}

/// `0-3,8` is 0, 1, 2, 3, 8.
pub fn list(text: &str) -> Vec<u32> {
    const MOST: u32 = 1 << 16; // more cores than any kernel supports
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.trim().parse().ok()?..=last.trim().parse().ok().filter(|last| *last < MOST)?)
    };
    text.split(',').filter_map(range).flatten().collect()
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn brand() -> Option<String> {
    let brand = raw_cpuid::CpuId::new().get_processor_brand_string()?.as_str().trim().to_owned();
    (!brand.is_empty()).then_some(brand)
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn brand() -> Option<String> {
    None
}

/// ARM's kernels give numbers: implementer (the Main ID register, bits 31–24) and part (bits 15–4).
fn arm(info: &str) -> Option<String> {
    const PARTS: &[(&str, &str, &str)] = &[
        ("0x41", "0xd08", "Cortex-A72"),
        ("0x41", "0xd0b", "Cortex-A76"),
        ("0x41", "0xd0c", "Neoverse N1"),
        ("0x41", "0xd40", "Neoverse V1"),
        ("0x41", "0xd49", "Neoverse N2"),
        ("0x41", "0xd4f", "Neoverse V2"),
        ("0x41", "0xd83", "Neoverse V3"),
        ("0x41", "0xd8e", "Neoverse N3"),
    ];
    let (implementer, part) = (field(info, "CPU implementer")?, field(info, "CPU part")?);
    let known = PARTS.iter().find(|known| (known.0, known.1) == (implementer.as_str(), part.as_str()));
    Some(known.map_or_else(|| format!("implementer {implementer}, part {part}"), |known| format!("ARM {}", known.2)))
}

/// Vector extensions that may be used here (the CPU has them and the system saves their registers), widest last.
pub fn simd() -> Vec<String> {
    features().into_iter().filter(|(_, found)| *found).map(|(name, _)| name.to_owned()).collect()
}

/// A feature test takes a literal, so the list is a macro's.
#[cfg_attr(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")), expect(unused_macros))]
macro_rules! features {
    ($test:ident: $($name:tt)*) => { vec![$(($name, std::arch::$test!($name))),*] };
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn features() -> Vec<(&'static str, bool)> {
    features!(is_x86_feature_detected: "sse2" "sse4.2" "avx" "f16c" "fma" "avx2" "avxvnni"
        "avx512f" "avx512bw" "avx512dq" "avx512vl" "avx512vnni" "avx512bf16" "avx512fp16")
}

#[cfg(target_arch = "aarch64")]
fn features() -> Vec<(&'static str, bool)> {
    features!(is_aarch64_feature_detected: "neon" "dotprod" "fp16" "bf16" "i8mm" "sve" "sve2")
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
fn features() -> Vec<(&'static str, bool)> {
    Vec::new()
}

/// Hypervisor, if there is one.
pub fn hypervisor(root: &Path) -> Option<String> {
    let files = ["sys/hypervisor/type", "proc/device-tree/hypervisor/compatible"];
    let told = || files.into_iter().map(|file| text(root, file)).find(|text| !text.is_empty());
    from_cpuid().or_else(told)
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn from_cpuid() -> Option<String> {
    use raw_cpuid::Hypervisor;
    let identity = raw_cpuid::CpuId::new().get_hypervisor_info()?.identify();
    Some(match identity {
        Hypervisor::Unknown(..) => "unnamed".to_owned(),
        known => format!("{known:?}"),
    })
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn from_cpuid() -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn cores_are_those_allowed_and_online() {
        #[track_caller]
        fn check(allowed: &str, online: &str, want: u32) {
            let status = format!("Name:\tx\nCpus_allowed_list:\t{allowed}\n");
            let root = root(&[("proc/self/status", &status), ("sys/devices/system/cpu/online", online)]);
            assert_eq!(cores(root.path()), want);
        }
        check("0-127", "0-3\n", 4);
        check("1,3", "0-3\n", 2);
        check("0-1,6-7", "", 4);
        check("0-4000000000", "0\n", cores(Path::new("/nowhere")));
    }

    #[test]
    fn arm_parts_have_names() {
        let info = |part: &str| format!("processor : 0\nCPU implementer\t: 0x41\nCPU part\t: {part}\n");
        assert_eq!(arm(&info("0xd0c")).unwrap(), "ARM Neoverse N1");
        assert_eq!(arm(&info("0xfff")).unwrap(), "implementer 0x41, part 0xfff");
        assert_eq!(arm(""), None);
    }

    #[test]
    fn wider_comes_later() {
        let simd = simd();
        let place = |name: &str| simd.iter().position(|found| found == name);
        if let (Some(avx2), Some(avx512)) = (place("avx2"), place("avx512f")) {
            assert!(avx2 < avx512);
        }
    }
}
