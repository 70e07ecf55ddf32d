//! Section 6: what is allocated and what is spared: leaks, op by op, pool, in place and fused measured with and without,
//! what pools hold, and which layer a saving came from.

mod blocks;
mod layers;
mod leaks;
mod per_op;
mod techniques;
mod tensors;

use smbench_core::study::Study;

use super::{Section, drawn, simd};
use crate::document::Document;
use crate::panel::{Panel, panels};
use crate::view::Options;

/// What is allocated and what is spared.
pub struct Memory;

/// A part of this section, of one panel; an empty one is left out.
struct Part {
    title: &'static str,
    write: fn(&Study, &Panel) -> Document,
    /// Is it about one run, so that beside another run there is nothing to add?
    of_one_run: bool,
}

const fn part(title: &'static str, write: fn(&Study, &Panel) -> Document) -> Part {
    Part { title, write, of_one_run: false }
}

impl Part {
    const fn of_one_run(self) -> Self {
        Self { of_one_run: true, ..self }
    }
}

/// What is wrong comes first.
const PARTS: [Part; 6] = [
    part("Leaks", leaks::write),
    part("Allocations per call", per_op::write),
    part("With and without", blocks::write).of_one_run(),
    part("Tensors of models", tensors::write).of_one_run(),
    part("Where allocations come from", layers::write),
    part("Techniques seen", techniques::write).of_one_run(),
];

impl Section for Memory {
    fn title(&self) -> &'static str {
        "Memory impact"
    }

    fn write(&self, study: &Study, _: &Options) -> Document {
        let mut document = Document { blocks: drawn::bytes(study) };
        let panels = panels(study);
        for panel in &panels {
            let said = panel.over_runs && panels.iter().any(|other| !other.over_runs);
            for part in PARTS.iter().filter(|part| !(said && part.of_one_run)) {
                let body = (part.write)(study, panel);
                if !body.blocks.is_empty() {
                    document.heading(3, simd::title(panel, part.title)).append(body);
                }
            }
        }
        document
    }
}
