//! Figures that others have published, to place one's own: written in RON, each with its source.

use serde::Deserialize;

use crate::goal::Metric;

/// `configs/references.ron`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct References {
    /// What others have published.
    pub references: Vec<Reference>,
}

/// A published figure. It is quoted: another machine, often another model, and nobody here has measured it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Whose.
    pub engine: String,
    /// Of what.
    pub what: String,
    /// Which figure.
    pub metric: Metric,
    /// In the metric's unit.
    pub value: f64,
    /// On what it was measured.
    pub machine: String,
    /// When it was published: `2023-05-16`.
    pub date: String,
    /// Where it stands.
    pub source: String,
    /// The plugin that takes its place once it has been measured.
    pub plugin: Option<String>,
    /// Part of the ids of cases that are of its kind.
    pub case: String,
}
