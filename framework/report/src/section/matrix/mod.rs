//! Section 11: what the next run should reach, as a list to be ticked off, and the grade of this one.

mod grade;
mod next;

pub use next::next_goals;

use smbench_core::study::Study;

use super::Section;
use crate::document::{Document, Text, Tone};
use crate::figure;
use crate::view::Options;

/// What the next run should reach, and the grade of this one.
pub struct Matrix;

/// More lines of the list are counted; the file has all.
const LISTED: usize = 24;

impl Section for Matrix {
    fn title(&self) -> &'static str {
        "Test matrix for the next run"
    }

    fn write(&self, study: &Study, options: &Options) -> Document {
        let mut document = Document::default();
        let mut lines = next::lines(study, options);
        let more = lines.len().saturating_sub(LISTED);
        lines.truncate(LISTED);
        if more > 0 {
            lines.push(format!("and {more} more").into());
        }
        if !lines.is_empty() {
            let runs: Vec<&str> = study.runs.iter().map(figure::run_name).collect();
            document.list(lines);
            document.paragraph(
                Text::of(Tone::Faint, "All of it as goals for the next run: ")
                    .and(Tone::Code, format!("smbench chart {} -o goals.next.ron", runs.join(" ")))
                    .and(Tone::Faint, ", then ")
                    .and(Tone::Code, "smbench run --goals goals.next.ron --fail-on goal"),
            );
        }
        if !options.is_brief {
            document.append(grade::write(study, options));
        }
        document
    }
}
