//! Section 5: activations and row ops by size, and what their ratios do as the size grows.

use smbench_core::case::Case;
use smbench_core::study::Study;

use super::{Section, ladder, simd};
use crate::document::{Block, Document};
use crate::panel::panels;
use crate::view::Options;

/// Activations and row ops by size.
pub struct Activations;

/// Ops of this section begin with one of these.
const OPS: [&str; 10] =
    ["gelu", "silu", "relu", "sigmoid", "tanh", "softmax", "layernorm", "rmsnorm", "add_layernorm", "add_rmsnorm"];

/// Does a case belong here?
pub fn is_row_op(case: &Case) -> bool {
    OPS.iter().any(|op| case.op().starts_with(op))
}

impl Section for Activations {
    fn title(&self) -> &'static str {
        "Activations and row ops"
    }

    fn write(&self, study: &Study, _: &Options) -> Document {
        let mut document = Document::default();
        for panel in panels(study) {
            for ladder in ladder::ladders(study, &panel, is_row_op) {
                document.heading(3, simd::title(&panel, &ladder.title));
                document.push(Block::Table(ladder::table(study, &panel, &ladder)));
                document.list(ladder::patterns(study, &panel, &ladder));
            }
        }
        document
    }
}
