//! How a backend fared at a case. A failure is a row, never the end of a run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// How a backend fared at a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "lowercase")]
pub enum Outcome {
    /// Right, and timed.
    Measured,
    /// Wrong, NaN, or written outside its buffers: no time, no rank.
    Rejected(String),
    /// The plugin does not do it, or is too slow for it.
    Unsupported(String),
    /// Crashed, hung, left, or would not load.
    Failed(String),
}

impl Outcome {
    /// The word in reports and in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Rejected(_) => "rejected",
            Self::Unsupported(_) => "unsupported",
            Self::Failed(_) => "failed",
        }
    }

    /// Why it was not measured.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Measured => None,
            Self::Rejected(reason) | Self::Unsupported(reason) | Self::Failed(reason) => Some(reason),
        }
    }

    /// Was it measured?
    pub fn is_measured(&self) -> bool {
        *self == Self::Measured
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason() {
            None => f.write_str(self.word()),
            Some(reason) => write!(f, "{}: {reason}", self.word()),
        }
    }
}

/// Distance of an output from its f64 oracle. A wrong output can be infinitely far from it: JSON writes such a
/// figure as null, which reads back as NaN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorStats {
    /// Largest absolute error.
    #[serde(deserialize_with = "null_is_nan")]
    pub max_abs: f64,
    /// Largest error relative to the exact value, where that is above 1e-3 of the largest one.
    #[serde(deserialize_with = "null_is_nan")]
    pub max_rel: f64,
    /// Squared error over squared signal.
    #[serde(deserialize_with = "null_is_nan")]
    pub nmse: f64,
}

/// The furthest from the oracle of all that a check tried: every conformance size, outliers, and the case itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Extremes {
    /// The largest of each.
    pub error: ErrorStats,
    /// Largest error in units in the last place, of the elements that `max_rel` looks at.
    #[serde(deserialize_with = "null_is_nan")]
    pub max_ulp: f64,
    /// Where that was: `gelu_tanh 4099: out[17] is …, exactly …, of x …`; empty if all is exact.
    pub furthest: String,
}

impl Extremes {
    /// The larger of either in every respect.
    pub fn include(&mut self, other: Self) {
        let (a, b) = (self.error, other.error);
        self.error = ErrorStats {
            max_abs: a.max_abs.max(b.max_abs),
            max_rel: a.max_rel.max(b.max_rel),
            nmse: a.nmse.max(b.nmse),
        };
        if other.max_ulp > self.max_ulp {
            (self.max_ulp, self.furthest) = (other.max_ulp, other.furthest);
        }
    }
}

/// Largest absolute error of a model's logits that counts as right, for engines that compute in less than f32.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct LogitTolerance(f64);

/// It is never NaN.
impl Eq for LogitTolerance {}

impl TryFrom<f64> for LogitTolerance {
    type Error = String;

    fn try_from(error: f64) -> Result<Self, String> {
        match error > 0.0 && error < 1.0 {
            true => Ok(Self(error)),
            false => Err(format!("{error} is not a tolerance of logits: a number between 0 and 1, as 5e-3")),
        }
    }
}

impl From<LogitTolerance> for f64 {
    fn from(tolerance: LogitTolerance) -> f64 {
        tolerance.0
    }
}

impl FromStr for LogitTolerance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("`{text}` is not a number; write 5e-3")).and_then(f64::try_into)
    }
}

pub(crate) fn null_is_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_infinite_error_survives_json() {
        let error = ErrorStats { max_abs: f64::INFINITY, max_rel: f64::NAN, nmse: 0.5 };
        let back: ErrorStats = serde_json::from_str(&serde_json::to_string(&error).unwrap()).unwrap();
        assert!(back.max_abs.is_nan() && back.max_rel.is_nan() && back.nmse == 0.5);
    }

    #[test]
    fn a_tolerance_of_logits_is_small_and_positive() {
        assert_eq!("5e-3".parse::<LogitTolerance>().map(f64::from), Ok(5e-3));
        for text in ["0", "-1e-3", "1", "NaN", "much"] {
            assert!(text.parse::<LogitTolerance>().is_err(), "{text}");
        }
    }
}
