//! Section 3: models, phase by phase: what a call and a token cost, where the time goes, and what explains a change.

mod metric;
mod model;
mod phase;
mod spans;
#[cfg(test)]
mod tests;

use smbench_core::case::Case;
use smbench_core::study::Study;

use super::{Section, drawn, simd};
use crate::document::{Block, Document, Text, Tone};
use crate::figure;
use crate::panel::{Panel, panels};
use crate::view::Options;

/// Models, phase by phase.
pub struct HotPaths;

impl Section for HotPaths {
    fn title(&self) -> &'static str {
        "Hot paths"
    }

    fn write(&self, study: &Study, _: &Options) -> Document {
        let mut document = Document { blocks: drawn::spans(study) };
        for panel in panels(study) {
            let models = model::models(study, &panel);
            for model in &models {
                document.heading(3, simd::title(&panel, &model.title));
                if let Some(about) = model.about() {
                    document.paragraph(about);
                }
                for case in &model.cases {
                    document.append(of_phase(study, &panel, case));
                }
            }
            if !models.is_empty() {
                document.paragraph(legend(&panel));
            }
        }
        document
    }
}

fn of_phase(study: &Study, panel: &Panel, case: &Case) -> Document {
    let mut document = Document::default();
    document.heading(4, model::name(case)).paragraph(model::about_phase(case));
    document.push(Block::Table(phase::table(study, panel, case)));
    document.append(phase::rates(study, panel, case)).append(spans::of_case(study, panel, case));
    document
}

const COLUMNS: &str = "TTFT: from the prompt to the first logits; token: every further step; allocs: blocks and bytes asked \
                       for; peak RSS: of a process that does nothing else; faults: page faults of a call";

/// What the columns mean, and which changes are paired.
fn legend(panel: &Panel) -> Text {
    let change = match (panel.contenders.len(), panel.over_runs) {
        (1, _) => String::new(),
        (_, true) => "; changes: between separate runs, not judged; allocations are exact counts".to_owned(),
        (_, false) => format!(
            "; changes: of time and rate the paired ratio to {}'s ({}); of other times the quotient of the two rows",
            panel.baseline,
            figure::MARKS
        ),
    };
    Text::of(Tone::Faint, format!("{COLUMNS}{change}"))
}
