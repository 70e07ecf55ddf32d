//! What is embedded in the binary, so that `smbench run quick` works in any folder.

/// The shipped configs: name and text.
pub const CONFIGS: &[(&str, &str)] = &[
    ("full", include_str!("../../../configs/full.ron")),
    ("quick", include_str!("../../../configs/quick.ron")),
    ("smoke", include_str!("../../../configs/smoke.ron")),
];

/// What others have published.
pub const REFERENCES: &str = include_str!("../../../configs/references.ron");

/// The text of a shipped config, by name: `quick`.
pub fn config(name: &str) -> Option<&'static str> {
    CONFIGS.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
}

/// The text of a shipped suite, by name: `simd`.
pub fn suite(name: &str) -> Option<&'static str> {
    smbench_suites::SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
}
