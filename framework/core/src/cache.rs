//! Where a call finds its operands.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};

/// Where a call finds its operands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cache {
    /// Where the call before it left them.
    #[default]
    Hot,
    /// In main memory: they are flushed from all caches before every call.
    Cold,
}

impl Cache {
    /// Last part of a case's id; nothing for the default.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Hot => "",
            Self::Cold => "/cold",
        }
    }

    /// Is it what a workload without a word about it has?
    pub fn is_hot(&self) -> bool {
        *self == Self::Hot
    }
}

impl FromStr for Cache {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "hot" => Ok(Self::Hot),
            "cold" => Ok(Self::Cold),
            other => Err(format!("`{other}` is not where operands can be: hot, cold, or both as in \"hot,cold\"")),
        }
    }
}

/// One or both, as written: `"cold"`, `"hot,cold"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheList(pub Vec<Cache>);

impl Default for CacheList {
    fn default() -> Self {
        Self(vec![Cache::Hot])
    }
}

impl FromStr for CacheList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl<'de> Deserialize<'de> for CacheList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_are_hot_cold_or_both() {
        assert_eq!("hot, cold".parse::<CacheList>().unwrap().0, [Cache::Hot, Cache::Cold]);
        assert_eq!("cold".parse::<CacheList>().unwrap().0, [Cache::Cold]);
        for text in ["", "warm", "hot;cold", "cold,"] {
            assert!(text.parse::<CacheList>().is_err(), "{text}");
        }
    }
}
