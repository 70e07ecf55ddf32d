//! What of a study is shown. A view never changes a figure, a q or a verdict: those follow from all of it.

/// What of a study is shown.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Is the case of this id shown?
    pub filter: &'a dyn Fn(&str) -> bool,
}

impl View<'_> {
    /// Is the case of this id shown?
    pub fn shows(&self, case: &str) -> bool {
        (self.filter)(case)
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
