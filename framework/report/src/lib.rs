//! What stands in a report, and how it looks: a study becomes a [`document::Document`], a document becomes Markdown
//! or lines of a terminal; and the same study becomes JSON.
//!
//! Pure: no IO, no clock. The same study gives the same bytes. `docs/run.schema.json` holds what the JSON may be.

#![forbid(unsafe_code)]

mod chart;
mod checks;
mod compare;
mod doctor;
pub mod document;
pub mod escape;
pub mod export;
mod figure;
mod goals;
mod history;
pub mod insight;
mod inspection;
pub mod json;
mod panel;
pub mod plot;
mod pull_request;
mod remarks;
pub mod render;
pub mod section;
mod spark;
mod summary;
mod table;
mod view;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

pub use chart::chart;
pub use checks::checks;
pub use compare::comparison_table;
pub use doctor::doctor;
pub use goals::goals;
pub use history::{case_history, history};
pub use inspection::inspection;
pub use pull_request::pull_request;
pub use remarks::remarks;
pub use section::next_goals;
pub use summary::{closing, closing_line};
pub use table::table;
pub use view::{Judgement, Options, View};
