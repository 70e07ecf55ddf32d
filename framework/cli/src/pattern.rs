//! The regular expressions of a file of goals. They are read for themselves: a fault is shown where it stands, and the crate
//! that knows what a goal is need not know what a regular expression is.

use std::ops::Deref;

use regex_lite::Regex;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A file of goals, for its patterns; whoever reads the goals checks the rest.
#[derive(Deserialize)]
pub struct Patterns {
    goals: Vec<Goal>,
}

#[derive(Deserialize)]
struct Goal {
    case: Pattern,
}

impl From<Patterns> for Vec<Pattern> {
    fn from(patterns: Patterns) -> Self {
        patterns.goals.into_iter().map(|goal| goal.case).collect()
    }
}

/// A regular expression over ids of cases.
pub struct Pattern(Regex);

impl Deref for Pattern {
    type Target = Regex;

    fn deref(&self) -> &Regex {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let fault = |error| D::Error::custom(format!("`{text}` is not a regular expression: {error}"));
        Regex::new(&text).map(Self).map_err(fault)
    }
}
