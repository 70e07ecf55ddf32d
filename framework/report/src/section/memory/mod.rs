//! Section 6: what is allocated and what is spared: leaks, op by op, pool, in place and fused measured with and without,
//! what pools hold, and which layer a saving came from.

mod blocks;
mod layers;
mod leaks;
mod per_op;
mod techniques;
mod tensors;

use smbench_core::study::Study;

use super::{Section, simd};
use crate::document::Document;
use crate::panel::{Panel, panels};
use crate::view::Options;

/// What is allocated and what is spared.
pub struct Memory;

/// A part of this section, of one panel; an empty one is left out.
type Part = (&'static str, fn(&Study, &Panel) -> Document);

/// What is wrong comes first.
const PARTS: [Part; 6] = [
    ("Leaks", leaks::write),
    ("Allocations per call", per_op::write),
    ("With and without", blocks::write),
    ("Tensors of models", tensors::write),
    ("Where allocations come from", layers::write),
    ("Techniques seen", techniques::write),
];

impl Section for Memory {
    fn title(&self) -> &'static str {
        "Memory impact"
    }

    fn write(&self, study: &Study, _: &Options) -> Document {
        let mut document = Document::default();
        for panel in panels(study) {
            for (title, write) in PARTS {
                let part = write(study, &panel);
                if !part.blocks.is_empty() {
                    document.heading(3, simd::title(&panel, title)).append(part);
                }
            }
        }
        document
    }
}
