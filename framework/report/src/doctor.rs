//! What `smbench doctor` says: the machine's state, how far identical code was from itself, and what that allows.

use smbench_core::config::Preset;
use smbench_core::diagnosis::{CHANGES, Diagnosis, Floor};
use smbench_core::fact::{Fact, Level};
use smbench_core::units::{Nanoseconds, Percent};

use crate::document::{Block, Column, Document, Fit, Row, Table, Text, Tone};
use crate::figure;

/// The whole of it.
pub fn doctor(diagnosis: &Diagnosis) -> Document {
    let mut document = Document::default();
    document.heading(3, "State of this machine").push(Block::Table(facts(&diagnosis.facts)));
    document.list(diagnosis.facts.iter().filter_map(advice).collect());
    match &diagnosis.subject {
        Err(why) => {
            document.heading(3, "Noise floor");
            document.paragraph(Text::of(Tone::Caution, "not measured").plain(format!(": {why}")));
        }
        Ok(subject) => {
            document.heading(3, Text::from("How far ").and(Tone::Code, &**subject).plain(" is from a copy of itself"));
            document.push(Block::Table(floors(&diagnosis.floors)));
            document.list(WORDS.map(Text::from).to_vec());
            document.heading(3, "Which change is seen in which time");
            document.push(Block::Table(reaches(&diagnosis.floors)));
            document.list(diagnosis.floors.iter().map(sentence).chain([REACH.into()]).collect());
        }
    }
    document
}

const WORDS: [&str; 2] = [
    "ratio: time of the copy over that of the original, with its 95 % interval; 1, but for noise",
    "scatter: half of the launches lie within it, of the time of a call, and of the ratio taken inside each launch",
];

const REACH: &str = "until the 95 % interval reaches no further than the change on either side, with one case and two \
                     backends that scatter like these: a change of that size is then seen about every other time";

fn facts(facts: &[Fact]) -> Table {
    let columns = vec![Column::words("what"), Column::words("found"), Column::words("state")];
    let row = |fact: &Fact| {
        let found = fact.found.as_deref().map_or_else(|| Text::of(Tone::Faint, "not available here"), Text::from);
        Row::of(vec![fact.name.into(), found, Text::of(tone(fact.level), fact.level.word())])
    };
    Table { columns, rows: facts.iter().map(row).collect() }
}

fn tone(level: Level) -> Tone {
    match level {
        Level::Ok => Tone::Good,
        Level::Note => Tone::Caution,
        Level::Problem => Tone::Bad,
        Level::Unknown => Tone::Faint,
    }
}

/// What a fact does to times, and what to do about it.
fn advice(fact: &Fact) -> Option<Text> {
    let text = Text::of(Tone::Strong, fact.name).plain(format!(": {}", fact.matter?));
    Some(fact.advice.iter().fold(text, |text, advice| text.plain(". To do: ").plain(advice.as_str())))
}

fn floors(floors: &[Floor]) -> Table {
    let columns = vec![
        Column::words("case").fit(Fit::Stub),
        Column::figures("time"),
        Column::figures("ratio"),
        Column::figures("interval").near(),
        Column::words("judged"),
        Column::figures("scatter of time"),
        Column::figures("of ratio"),
    ];
    let row = |floor: &Floor| {
        Row::of(vec![
            Text::code(&*floor.case),
            Nanoseconds(floor.time_ns).to_string().into(),
            format!("{:.4}x", floor.ratio).into(),
            format!("{:.4}–{:.4}", floor.interval.low, floor.interval.high).into(),
            figure::verdict(floor.verdict).into(),
            within(floor.time_scatter),
            within(floor.ratio_scatter),
        ])
    };
    Table { columns, rows: floors.iter().map(row).collect() }
}

/// `±0.16 %`.
fn within(part: f64) -> Text {
    format!("±{:.2} %", 100.0 * part).into()
}

fn reaches(floors: &[Floor]) -> Table {
    let change = |change: f64| Column::figures(format!("{} %", 100.0 * change));
    let columns = [Column::words("case").fit(Fit::Stub)].into_iter().chain(CHANGES.map(change)).collect();
    let row = |floor: &Floor| {
        let times = floor.reaches().into_iter().map(|(_, reach)| {
            reach.map_or_else(|| Text::of(Tone::Faint, "never"), |reach| Nanoseconds(reach.time_ns).to_string().into())
        });
        Row::of([Text::code(&*floor.case)].into_iter().chain(times).collect())
    };
    Table { columns, rows: floors.iter().map(row).collect() }
}

/// How long to measure for the change that matters there.
fn sentence(floor: &Floor) -> Text {
    let margin = Percent(100.0 * floor.margin);
    let text = Text::code(&*floor.case);
    let Some(reach) = floor.reach(floor.margin) else {
        return text.plain(format!(": {margin}, its margin, is out of reach on this machine as it is now"));
    };
    let text = text.plain(format!(": {margin}, its margin, takes {} launches", reach.launches));
    match Preset::ALL.into_iter().find(|preset| preset.launches() >= reach.launches) {
        Some(preset) => text.plain(": ").and(Tone::Code, format!("--preset {}", preset.word())),
        None => text.plain(format!(", more than `thorough` has ({})", Preset::Thorough.launches())),
    }
}
