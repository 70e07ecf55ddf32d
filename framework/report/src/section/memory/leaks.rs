//! Who keeps memory of every call.

use smbench_core::study::Study;

use crate::document::{Document, Text, Tone};
use crate::figure;
use crate::panel::{Contender, Panel};

/// More of one contender are counted.
const LISTED: usize = 5;

/// A point for each case with a leak, the largest first.
pub fn write(study: &Study, panel: &Panel) -> Document {
    let mut document = Document::default();
    document.list(panel.contenders.iter().flat_map(|contender| of(study, contender)).collect());
    document
}

fn of(study: &Study, contender: &Contender) -> Vec<Text> {
    let rows = study.rows_of(contender.run).map(|(_, row)| row).filter(|row| row.alias == contender.alias);
    let mut leaks: Vec<(f64, String)> = rows.filter_map(|row| Some((row.leaked_bytes()?, row.case.title()))).collect();
    leaks.sort_by(|a, b| b.0.total_cmp(&a.0));
    let point = |(bytes, title): &(f64, String)| {
        let bytes = figure::bytes(*bytes);
        let name = Text::code(&*contender.label)
            .plain(" ")
            .and(Tone::Bad, "leaks")
            .plain(format!(" {bytes} in every call of "));
        name.and(Tone::Code, title)
    };
    let mut points: Vec<Text> = leaks.iter().take(LISTED).map(point).collect();
    if leaks.len() > LISTED {
        let more = figure::count(leaks.len() - LISTED, "more case");
        points.push(Text::code(&*contender.label).plain(format!(" leaks less at {more}")));
    }
    points
}
