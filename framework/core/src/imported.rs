//! What a run that another tool measured has beside the rest.

use serde::{Deserialize, Serialize};

/// Where an imported run comes from, and what of it has no other place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    /// The format it was read from, as `smbench import` calls it: `codeprofiler`.
    pub format: String,
    /// SHA-256 of all figures, without their date: equal where a file is a copy of another.
    pub content: String,
    /// What the tool itself adds up, if it does.
    pub totals: Option<Totals>,
    /// Scopes that lie within several cases, whose time is theirs already.
    pub nested: Vec<Scope>,
    /// Other files of the same content.
    pub copies: Vec<Copied>,
}

/// Totals as a report prints them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Of all time.
    pub ns: f64,
    /// Of all that was allocated; none where it does not say.
    pub bytes: Option<f64>,
}

/// A scope of a profiler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// As the report calls it.
    pub name: String,
    /// How often it was entered.
    pub calls: u64,
    /// All its time.
    pub ns: f64,
}

/// A file that held what was there already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// The label it came with.
    pub label: String,
    /// The date it bears, RFC 3339, UTC.
    pub created: String,
}
