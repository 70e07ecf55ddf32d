//! The study as `smbench.run/1`: the names others rely on. What was not measured is null, never 0.
//!
//! `docs/run.schema.json` describes it; a test holds the two together. Names are only ever added.

mod case;
pub mod check;
mod comparison;
pub mod doctor;
pub mod history;
mod reason;
mod run;

use serde::Serialize;
use serde_json::Value;
use smbench_core::gate::Ruling;
use smbench_core::study::Study;

use crate::escape;

/// The schema's name and revision.
pub const SCHEMA: &str = "smbench.run/1";

/// The study as a value.
pub fn json(study: &Study) -> Value {
    value(&File::of(study, None))
}

/// The study as text.
pub fn render(study: &Study, ruling: Option<&Ruling>) -> String {
    text(&File::of(study, ruling))
}

fn value(file: &impl Serialize) -> Value {
    serde_json::to_value(file).unwrap_or(Value::Null)
}

/// Indented, in the order of the schema, harmless on a screen, ending in a line break.
fn text(file: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(file).unwrap_or_default();
    escape::json(&text) + "\n"
}

/// All of it.
#[derive(Serialize)]
struct File<'a> {
    schema: &'static str,
    /// The newest.
    run: Option<run::Run<'a>>,
    /// All of them, oldest first, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    runs: Vec<run::Run<'a>>,
    cases: Vec<case::Case<'a>>,
    comparisons: Vec<comparison::Comparison<'a>>,
    reasons: Vec<reason::Reason>,
}

impl<'a> File<'a> {
    fn of(study: &'a Study, ruling: Option<&'a Ruling>) -> Self {
        let runs = study.runs.len();
        let (newest, several) = (runs.checked_sub(1), runs > 1);
        Self {
            schema: SCHEMA,
            run: newest.map(|run| run::Run::of(study, run, ruling)),
            runs: (0..runs).filter(|_| several).map(|run| run::Run::of(study, run, None)).collect(),
            cases: study.rows.iter().map(|row| case::Case::of(study, row)).collect(),
            comparisons: study.comparisons.iter().map(|of| comparison::Comparison::of(study, of)).collect(),
            reasons: reason::Reason::all(study),
        }
    }
}
