//! What of a study is shown. A view never changes a figure, a q or a verdict: those follow from all of it.

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
}
