//! Section 9: why. Reasons with their evidence, by rule, the largest first; and what people had to say.

use smbench_core::study::Study;

use super::Section;
use crate::document::{Document, Text, Tone};
use crate::figure;
use crate::insight::{Insight, RULES, Status};
use crate::remarks::remarks;
use crate::view::Options;

/// More reasons of a rule are counted.
const SHOWN: usize = 3;

/// Why.
pub struct Deeper;

impl Section for Deeper {
    fn title(&self) -> &'static str {
        "Deeper analysis"
    }

    fn write(&self, study: &Study, _: &Options) -> Document {
        let mut document = Document::default();
        if study.runs.is_empty() {
            return document;
        }
        for rule in RULES {
            let mut found = (rule.find)(study);
            found.sort_by(|a, b| a.status.cmp(&b.status).then(b.weight.total_cmp(&a.weight)));
            if !found.is_empty() {
                document.heading(3, rule.title);
            }
            found.iter().take(SHOWN).for_each(|insight| card(&mut document, insight));
            if let Some(more) = found.len().checked_sub(SHOWN + 1) {
                document.paragraph(Text::of(
                    Tone::Faint,
                    format!("And {} of this kind.", figure::count(more + 1, "smaller one")),
                ));
            }
        }
        if document.blocks.is_empty() {
            document.paragraph("No rule has figures for a reason: nothing differs that one of them could explain.");
        }
        document.append(remarks(study));
        document
    }
}

/// Claim and status, evidence as points, then where to look and what would decide.
fn card(document: &mut Document, insight: &Insight) {
    let tone = match insight.status {
        Status::Measured => Tone::Strong,
        Status::Consistent => Tone::Plain,
        Status::RuledOut => Tone::Caution,
    };
    document.paragraph(insight.claim.clone().plain(" (").and(tone, insight.status.words()).plain(")"));
    let look = Text::of(Tone::Faint, "Look at: ");
    let look = Text { spans: look.spans.into_iter().chain(insight.look.spans.clone()).collect() };
    let decide =
        insight.decide.as_ref().map(|command| Text::of(Tone::Faint, "Would decide it: ").and(Tone::Code, command));
    document.list(insight.evidence.iter().cloned().chain([look]).chain(decide).collect());
}
