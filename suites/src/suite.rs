//! A suite as written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};
use smbench_core::cache::CacheList;
use smbench_core::config::ThreadList;
use smbench_ops::{OPS, Op};

use crate::acquire::AcquireEntry;
use crate::custom::CustomEntry;
use crate::model::ModelEntry;

/// `suites/simd.ron`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// First part of every case's id; lower-case letters, digits, `_` and `-`.
    pub name: String,
    /// One line for `list`.
    pub about: String,
    /// Single ops at sizes.
    #[serde(default)]
    pub ops: Vec<OpEntry>,
    /// Decoders, and what is done with them.
    #[serde(default)]
    pub models: Vec<ModelEntry>,
    /// Tensors acquired and released.
    #[serde(default)]
    pub acquire: Vec<AcquireEntry>,
    /// Ops of vendors' own.
    #[serde(default)]
    pub custom: Vec<CustomEntry>,
}

/// One op at several sizes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpEntry {
    /// `smbench list ops` names them.
    pub op: OpName,
    /// In the order of the op's dimensions: `"32x512"`.
    pub sizes: Vec<Size>,
    /// `"1"`, `"1,all"`.
    #[serde(default)]
    pub threads: ThreadList,
    /// Where results go.
    #[serde(default)]
    pub output: Output,
    /// `"cold"`, `"hot,cold"`.
    #[serde(default)]
    pub cache: CacheList,
}

/// Where results go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Into a buffer of the host's, the same for all backends: the most precise.
    #[default]
    Host,
    /// Into a tensor that the backend acquires and releases in every call.
    Backend,
    /// The same, by simpler ops instead of the fused one.
    Composed,
    /// Over the first input.
    InPlace,
}

impl Output {
    /// Last part of a case's id; nothing for the default.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Host => "",
            Self::Backend => "/backend",
            Self::Composed => "/composed",
            Self::InPlace => "/in_place",
        }
    }
}

/// An op that exists.
#[derive(Clone, Copy)]
pub struct OpName(pub &'static dyn Op);

impl FromStr for OpName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        smbench_ops::find(text).map(Self).ok_or_else(|| {
            let closeness = |op: &&&dyn Op| (strsim::jaro_winkler(op.name(), text) * 1000.0) as u32;
            let near = OPS.iter().max_by_key(closeness).filter(|op| closeness(op) > 700);
            let hint = near.map_or_else(
                || "`smbench list ops` names them".to_owned(),
                |op| format!("did you mean `{}`?", op.name()),
            );
            format!("there is no op `{text}`: {hint}")
        })
    }
}

impl<'de> Deserialize<'de> for OpName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl fmt::Debug for OpName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl PartialEq for OpName {
    fn eq(&self, other: &Self) -> bool {
        self.0.name() == other.0.name()
    }
}

/// Positive numbers with `x` between: `"512x512x512"`, `"1_000_000"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Size(pub Vec<usize>);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| match part.replace('_', "").parse::<usize>() {
            Ok(0) => Err(format!("size `{text}` has a zero: every dimension is at least 1")),
            Ok(number) => Ok(number),
            Err(_) => Err(format!("`{text}` is not a size: write numbers with `x` between, as in \"64x64x64\"")),
        };
        text.split('x').map(number).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&parts.join("x"))
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_positive_numbers() {
        assert_eq!("127x65x33".parse::<Size>().unwrap().0, [127, 65, 33]);
        assert_eq!("1_000_000".parse::<Size>().unwrap().to_string(), "1000000");
        assert!("64x0x64".parse::<Size>().unwrap_err().contains("zero"));
        for text in ["", "x", "64×64", "64 x 64", "-1", "99999999999999999999999"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_misspelt_op_gets_a_suggestion() {
        assert_eq!("matmull".parse::<OpName>().unwrap_err(), "there is no op `matmull`: did you mean `matmul`?");
        assert!("qqq".parse::<OpName>().unwrap_err().ends_with("`smbench list ops` names them"));
    }
}
