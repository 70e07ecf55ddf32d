//! Section 8: the goals against each run, then what others have published.

mod references;
mod standings;

use smbench_core::goal;
use smbench_core::study::Study;

use super::Section;
use crate::document::{Block, Document, Text, Tone};
use crate::view::Options;

/// The goals against each run, then what others have published.
pub struct Goals;

impl Section for Goals {
    fn title(&self) -> &'static str {
        "Goals"
    }

    fn write(&self, study: &Study, options: &Options) -> Document {
        let mut document = Document::default();
        if let Some((_, judged)) = options.goals.last() {
            document.paragraph(Text::of(Tone::Strong, format!("{}.", goal::tally(judged))).plain(missed(judged)));
            document.push(Block::Table(standings::table(study, &options.goals)));
        }
        if !options.is_brief {
            document.append(references::write(study, &options.references));
        }
        document
    }
}

/// ` Missed: square matmul is as fast as faer's (blocker).`
fn missed(judged: &[goal::Judged]) -> String {
    let is_missed = |judged: &&goal::Judged| judged.rows.iter().any(|row| row.reached == goal::Reached::Missed);
    let name = |judged: &goal::Judged| {
        let blocker = if judged.goal.blocker { " (blocker)" } else { "" };
        format!("{}{blocker}", judged.goal.name())
    };
    let names: Vec<String> = judged.iter().filter(is_missed).map(name).collect();
    if names.is_empty() { " None is missed.".to_owned() } else { format!(" Missed: {}.", names.join("; ")) }
}
