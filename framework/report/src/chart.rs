//! The comparison chart: every section that has something to say, in order.

use smbench_core::study::Study;

use crate::document::Document;
use crate::section::SECTIONS;
use crate::view::Options;

/// The comparison chart of a study: across its backends, across its runs, or both.
pub fn chart(study: &Study, options: &Options) -> Document {
    let mut document = Document::default();
    for section in SECTIONS {
        let body = section.write(study, options);
        if !body.blocks.is_empty() {
            document.heading(section.level(), section.title());
            document.append(body);
        }
    }
    document
}
