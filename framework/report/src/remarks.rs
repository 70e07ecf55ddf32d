//! What people said of stored runs, with `smbench note`.

use smbench_core::run::{Note, Run};
use smbench_core::study::Study;

use crate::document::{Document, Text, Tone};
use crate::figure;

/// The notes of a study's runs under a title; nothing if there is none.
pub fn remarks(study: &Study) -> Document {
    let mut document = Document::default();
    let several = study.runs.len() > 1;
    let of_run = |run| of_run(run, several);
    let points: Vec<Text> = study.runs.iter().flat_map(of_run).collect();
    if !points.is_empty() {
        document.heading(3, "Notes").list(points);
    }
    document
}

/// The run is named where there are several.
fn of_run(run: &Run, named: bool) -> Vec<Text> {
    let name = if named { Text::code(figure::run_name(run)).plain(", ") } else { Text::default() };
    run.notes.iter().map(|note| point(name.clone(), note)).collect()
}

fn point(name: Text, note: &Note) -> Text {
    name.and(Tone::Faint, &*note.created).plain(": ").plain(&*note.text)
}
