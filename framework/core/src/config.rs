//! A config as written: what to run. Presets say how long. Strict: an unknown key is an error.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::backend::BackendSpec;
use crate::confinement::Grants;
use crate::outcome::LogitTolerance;
use crate::schedule::Schedule;
use crate::units::Bytes;

/// `configs/full.ron`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// One line for `list` and the report.
    pub about: String,
    /// Names of shipped suites, or paths relative to this file.
    pub suites: Vec<String>,
    /// Regular expressions: cases whose id matches one are left out.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// The backends compared, unless `--backend` says otherwise.
    pub backends: Vec<BackendEntry>,
    /// Alias of the one that the others are compared with; the first if none.
    #[serde(default)]
    pub reference: Option<String>,
    /// How long, unless `--preset` says otherwise.
    #[serde(default)]
    pub preset: Preset,
    /// A backend whose single call takes longer is `unsupported` at that size.
    #[serde(default = "Config::default_max_call")]
    pub max_call: Span,
    /// A worker that says nothing for this long is killed.
    #[serde(default = "Config::default_timeout")]
    pub timeout: Span,
    /// A worker that takes more memory is killed; by default half of the machine's.
    #[serde(default)]
    pub memory_limit: Option<MemorySize>,
}

impl Config {
    /// Longer calls say more about patience than about kernels.
    pub fn default_max_call() -> Span {
        Span(Duration::from_millis(50))
    }

    /// Long enough for the slowest launch by far.
    pub fn default_timeout() -> Span {
        Span(Duration::from_secs(60))
    }
}

/// One backend of a config.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackendEntry {
    /// A plugin's name, or a path relative to the config.
    pub source: String,
    /// What the report calls it; the plugin's name (and tier) if none.
    #[serde(default)]
    pub alias: Option<String>,
    /// Kernel tier; the plugin's best if none.
    #[serde(default)]
    pub tier: Option<String>,
    /// Passed to the plugin's `create`.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// How to get it, as a command: the run goes on without it where it cannot be had.
    #[serde(default)]
    pub optional: Option<String>,
    /// Largest absolute error of a model's logits, where it computes in less than f32; what roundings of f32 may come to
    /// if none.
    #[serde(default)]
    pub logit_tolerance: Option<LogitTolerance>,
    /// What it may read and start besides what every plugin may; paths are relative to the config.
    #[serde(default)]
    pub grants: Grants,
}

impl BackendEntry {
    /// The entry as the command line would have said it.
    pub fn spec(&self) -> Result<BackendSpec, String> {
        let tier = self.tier.as_ref().map_or_else(String::new, |tier| format!("@{tier}"));
        let mut spec: BackendSpec = format!("{}{tier}", self.source).parse()?;
        if let Some(alias) = &self.alias {
            spec.alias = alias.clone();
        }
        spec.options = self.options.clone().into_iter().collect();
        spec.optional = self.optional.clone();
        spec.logit_tolerance = self.logit_tolerance;
        spec.grants = self.grants.clone();
        Ok(spec)
    }
}

/// How long, and with it how small a difference can be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Sees differences of several percent.
    Quick,
    /// For comparing on purpose.
    #[default]
    Default,
    /// Overnight, or for a release.
    Thorough,
}

impl Preset {
    /// All presets, shortest first.
    pub const ALL: [Self; 3] = [Self::Quick, Self::Default, Self::Thorough];

    /// Launches of each case. Never under 6: no signed-rank test of fewer reaches 5 %.
    pub fn launches(self) -> u32 {
        match self {
            Self::Quick => 12,
            Self::Default => 20,
            Self::Thorough => 48,
        }
    }

    /// How long the timed rounds of a launch go on for each backend. Launches are what replicates; a quick look has
    /// shorter ones: 60 cases of two backends should take 100 s (METHOD §6).
    pub fn backend_ns(self) -> u64 {
        match self {
            Self::Quick => Schedule::BACKEND_NS / 2,
            Self::Default | Self::Thorough => Schedule::BACKEND_NS,
        }
    }

    /// The word in configs, on the command line and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Default => "default",
            Self::Thorough => "thorough",
        }
    }
}

impl FromStr for Preset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|preset| preset.word() == text);
        known.ok_or_else(|| format!("`{text}` is not a preset: quick, default, thorough"))
    }
}

/// A duration as people write it: `"50ms"`, `"2s"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match humantime::parse_duration(text) {
            Ok(duration) if duration > Duration::ZERO => Ok(Self(duration)),
            Ok(_) => Err("a duration must be longer than zero".to_owned()),
            Err(_) => Err(format!("`{text}` is not a duration; write \"50ms\" or \"2s\"")),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// An amount of memory as people write it: `"4GiB"`, `"512MiB"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemorySize(pub u64);

impl FromStr for MemorySize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const UNITS: [(&str, u64); 2] = [("GiB", 1 << 30), ("MiB", 1 << 20)];
        let number = |(unit, bytes)| Some((text.strip_suffix(unit)?.trim().parse::<f64>().ok()?, bytes));
        match UNITS.into_iter().find_map(number) {
            Some((number, bytes)) if (0.0..1e9).contains(&number) && number * bytes as f64 >= (1 << 20) as f64 => {
                Ok(Self((number * bytes as f64) as u64))
            }
            _ => Err(format!("`{text}` is not an amount of memory: write \"4GiB\" or \"512MiB\"")),
        }
    }
}

impl fmt::Display for MemorySize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Bytes(self.0 as f64).fmt(f)
    }
}

impl<'de> Deserialize<'de> for MemorySize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Threads of a context, as written: a number, or all cores of the machine that runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Threads {
    /// So many.
    Count(u32),
    /// As many as there are cores.
    All,
}

impl Threads {
    /// The number on a machine with so many cores.
    pub fn on(self, cores: u32) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::All => cores,
        }
    }
}

impl FromStr for Threads {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "all" => Ok(Self::All),
            number => match number.parse() {
                Ok(count) if (1..=1024).contains(&count) => Ok(Self::Count(count)),
                _ => Err(format!("`{number}` is not a thread count: a number from 1 to 1024, or `all`")),
            },
        }
    }
}

/// A list of thread counts as written: `"1"`, `"1,all"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadList(pub Vec<Threads>);

impl Default for ThreadList {
    fn default() -> Self {
        Self(vec![Threads::Count(1)])
    }
}

impl ThreadList {
    /// The distinct numbers on a machine with so many cores, ascending.
    pub fn on(&self, cores: u32) -> Vec<u32> {
        let mut counts: Vec<u32> = self.0.iter().map(|threads| threads.on(cores)).collect();
        counts.sort_unstable();
        counts.dedup();
        counts
    }
}

impl FromStr for ThreadList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl<'de> Deserialize<'de> for ThreadList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_numbers_or_all() {
        let list: ThreadList = "1,all".parse().unwrap();
        assert_eq!(list.on(4), [1, 4]);
        assert_eq!(list.on(1), [1]);
        assert!("0".parse::<ThreadList>().is_err());
        assert!("1,two".parse::<ThreadList>().is_err());
    }

    #[test]
    fn memory_has_a_unit() {
        #[track_caller]
        fn check(text: &str, want: Option<u64>) {
            assert_eq!(text.parse::<MemorySize>().ok(), want.map(MemorySize), "{text}");
        }
        check("4GiB", Some(4 << 30));
        check("1.5 GiB", Some(3 << 29));
        check("512MiB", Some(512 << 20));
        for text in ["4", "4GB", "0GiB", "-1GiB", "NaNGiB", "1e99GiB", "0.1MiB"] {
            check(text, None);
        }
    }

    #[test]
    fn spans_are_positive() {
        assert_eq!("50ms".parse::<Span>().unwrap().0, Duration::from_millis(50));
        assert!("0s".parse::<Span>().is_err());
        assert!("50".parse::<Span>().is_err());
    }
}
