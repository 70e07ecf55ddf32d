//! What of a study is shown. A view never changes a figure, a q or a verdict: those follow from all of it.

use smbench_core::goal::Judged;
use smbench_core::reference::Reference;
use smbench_core::study::Row;

/// What of a study is shown.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Is this row shown?
    pub filter: &'a dyn Fn(&Row) -> bool,
}

impl View<'_> {
    /// Is this row shown?
    pub fn shows(&self, row: &Row) -> bool {
        (self.filter)(row)
    }
}

impl Default for View<'_> {
    /// Everything.
    fn default() -> Self {
        Self { filter: &|_| true }
    }
}

/// What a chart is told besides its study.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The command that made it, printed in its header.
    pub command: String,
    /// Runs and where they stand with each goal, oldest first; nothing without goals.
    pub goals: Vec<Judgement>,
    /// What others have published.
    pub references: Vec<Reference>,
    /// Is it for a terminal or a comment? Then what others have published and the grade are left out.
    pub is_brief: bool,
}

/// Index of a run, and where it stands with each goal.
pub type Judgement = (usize, Vec<Judged>);
