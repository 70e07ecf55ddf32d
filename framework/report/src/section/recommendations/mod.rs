//! Section 10: what to do next, ranked; each with a target and how one knows that it is reached.

mod goals;
mod slower;
mod undecided;
mod wrong;

use smbench_core::study::Study;

use super::Section;
use crate::document::{Document, Text, Tone};
use crate::view::Options;

/// What to do next, ranked.
pub struct Recommendations;

/// How much depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A release waits for it.
    Blocker,
    /// Worth more than most.
    High,
    /// When there is time.
    Later,
}

/// Something to do.
pub struct Recommendation {
    /// How much depends on it.
    pub rank: Rank,
    /// What.
    pub title: Text,
    /// How far.
    pub target: Text,
    /// What shows that it is done.
    pub success: Text,
    /// How, where there are figures for it.
    pub approach: Option<Text>,
}

/// What looks for something to do.
type Rule = fn(&Study, &Options) -> Vec<Recommendation>;

/// What is wrong comes before what is slow.
const RULES: [Rule; 4] = [wrong::rule, goals::rule, slower::rule, undecided::rule];

impl Section for Recommendations {
    fn title(&self) -> &'static str {
        "Recommendations"
    }

    fn write(&self, study: &Study, options: &Options) -> Document {
        let mut document = Document::default();
        let mut all: Vec<Recommendation> = RULES.iter().flat_map(|rule| rule(study, options)).collect();
        all.sort_by_key(|of| of.rank);
        for (rank, word) in [(Rank::Blocker, "Blocker"), (Rank::High, "High value"), (Rank::Later, "Later")] {
            let of_rank: Vec<&Recommendation> = all.iter().filter(|of| of.rank == rank).collect();
            if !of_rank.is_empty() {
                document.heading(3, word);
                of_rank.into_iter().for_each(|of| of.write(&mut document));
            }
        }
        document
    }
}

impl Recommendation {
    fn write(&self, document: &mut Document) {
        let point = |word: &str, text: &Text| {
            let mut point = Text::of(Tone::Faint, format!("{word}: "));
            point.spans.extend(text.spans.iter().cloned());
            point
        };
        let mut title = self.title.clone();
        title.spans.iter_mut().filter(|span| span.tone == Tone::Plain).for_each(|span| span.tone = Tone::Strong);
        let mut points = vec![point("target", &self.target), point("success", &self.success)];
        points.extend(self.approach.iter().map(|approach| point("approach", approach)));
        document.paragraph(title).list(points);
    }
}
