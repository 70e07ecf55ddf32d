//! Where a run stands with its goals: a line that counts, and below it what is not met.

use smbench_core::goal::{self, Goal, Judged, Reached, Standing};
use smbench_core::study::Study;

use crate::document::{Document, Text, Tone};

/// Goals named; more are counted, and the JSON has all.
const NAMED: usize = 8;

/// `goals: 5 met, 1 missed`, and what is not met, the worst first; nothing without goals.
pub fn goals(study: &Study, judged: &[Judged]) -> Document {
    let mut document = Document::default();
    if judged.is_empty() {
        return document;
    }
    document.paragraph(Text::of(Tone::Strong, format!("goals: {}", goal::tally(judged))));
    let of = |reached| goal::all(judged, reached).into_iter().map(|(goal, standing)| line(study, goal, standing));
    let open = of(Reached::Inconclusive).chain(of(Reached::NotMeasured));
    let points: Vec<Text> = of(Reached::Missed).chain(goal::unmatched(judged).map(without)).chain(open).collect();
    let more = points.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| Text::from(format!("and {more} more")));
    let points: Vec<Text> = points.into_iter().take(NAMED).chain(more).collect();
    document.list(points);
    document
}

/// `missed (blocker): pooled at simd/matmul/…: 1.04x (1.03x to 1.05x), and the goal is at most 1.00x`
fn line(study: &Study, goal: &Goal, standing: &Standing) -> Text {
    let row = &study.rows[standing.row];
    let tone = if standing.reached == Reached::Missed { Tone::Bad } else { Tone::Caution };
    let blocker = if goal.blocker { " (blocker)" } else { "" };
    let text = Text::of(tone, standing.reached.words()).plain(format!("{blocker}: ")).and(Tone::Code, &*row.alias);
    text.plain(" at ").and(Tone::Code, row.case.title()).plain(format!(": {}", goal.told(standing)))
}

fn without(goal: &Goal) -> Text {
    Text::of(Tone::Caution, "without a case")
        .plain(": ")
        .and(Tone::Code, goal.scope())
        .plain(" matches nothing in this run")
}
