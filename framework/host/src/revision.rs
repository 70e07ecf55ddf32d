//! Two revisions of a repository's plugin crates, built alike.
//!
//! Equal sources must give equal bytes, so both sides are built at the same path and into the same target folder; else
//! paths and cargo's hashes of them would tell the builds apart. Each side has a tree and a target folder of its own
//! ([`Workshop`]), which stand at that path while cargo works: what a side compiled stays compiled, and cargo's own
//! fingerprints say what is stale. The user's index, refs and files are read, never written.

mod crates;
mod mirror;
mod repository;
mod workshop;

pub use crates::{Crate, crates};
pub use repository::Repository;
pub use workshop::{Side, Workshop};

/// A commit, or the working tree as it is: untracked files included, ignored ones not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// As the user wrote it; [`WORK`] of the working tree.
    pub name: String,
    /// The commit; none of the working tree.
    pub commit: Option<String>,
    /// The tree object: equal trees are equal files.
    pub tree: String,
}

/// What the working tree is called.
pub const WORK: &str = "work";

/// Digits of a commit that people read.
const SHORT: usize = 7;

impl Revision {
    /// The name with nothing in it that an alias, a path or a shell would take for something else: `origin/main` is
    /// `origin-main`.
    pub fn tag(&self) -> String {
        let harmless = |c: char| if c.is_alphanumeric() || "._".contains(c) { c } else { '-' };
        let tag: String = self.name.chars().map(harmless).collect();
        match tag.trim_matches('-') {
            "" => self.short().to_owned(),
            tag => tag.to_owned(),
        }
    }

    /// The commit as people read it.
    pub fn short(&self) -> &str {
        self.commit.as_deref().map_or(WORK, |commit| commit.get(..SHORT).unwrap_or(commit))
    }
}

impl std::fmt::Display for Revision {
    /// `origin/main (a1b2c3d)`, `the working tree`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.commit {
            Some(_) if self.name == self.short() => f.write_str(&self.name),
            Some(_) => write!(f, "{} ({})", self.name, self.short()),
            None => f.write_str("the working tree"),
        }
    }
}

#[cfg(test)]
mod tests;
