//! The data caches of one core.

use std::fs;
use std::path::Path;

use super::text;

/// Sizes in bytes, innermost first; instruction caches are left out.
pub fn sizes(root: &Path) -> Vec<u64> {
    let folder = "sys/devices/system/cpu/cpu0/cache";
    let entries = fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
    let names =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| name.starts_with("index"));
    let mut levels: Vec<(u32, u64)> = names.filter_map(|name| level(root, &format!("{folder}/{name}"))).collect();
    levels.sort_unstable();
    levels.into_iter().map(|(_, bytes)| bytes).collect()
}

fn level(root: &Path, folder: &str) -> Option<(u32, u64)> {
    let file = |name: &str| text(root, &format!("{folder}/{name}"));
    let holds_data = matches!(file("type").as_str(), "Data" | "Unified");
    let bytes = bytes(&file("size"))?;
    holds_data.then_some((file("level").parse().ok()?, bytes))
}

/// `48K`, `2048K`, `1M`.
fn bytes(size: &str) -> Option<u64> {
    let unit = match size.chars().last()? {
        'K' => 1 << 10,
        'M' => 1 << 20,
        'G' => 1 << 30,
        _ => 1,
    };
    let number: u64 = size.trim_end_matches(['K', 'M', 'G']).parse().ok()?;
    number.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_innermost_first() {
        let root = tempfile::tempdir().unwrap();
        let cache = |index: u32, level: &str, kind: &str, size: &str| {
            let folder = root.path().join(format!("sys/devices/system/cpu/cpu0/cache/index{index}"));
            fs::create_dir_all(&folder).unwrap();
            for (name, text) in [("level", level), ("type", kind), ("size", size)] {
                fs::write(folder.join(name), format!("{text}\n")).unwrap();
            }
        };
        cache(3, "3", "Unified", "32M");
        cache(0, "1", "Data", "48K");
        cache(1, "1", "Instruction", "32K");
        cache(2, "2", "Unified", "2048K");
        cache(4, "4", "Unified", "");
        assert_eq!(sizes(root.path()), [48 << 10, 2 << 20, 32 << 20]);
    }
}
