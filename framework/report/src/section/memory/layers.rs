//! Which layer asks for memory, and where a saving came from.

use smbench_core::case::Case;
use smbench_core::study::Study;

use super::per_op::counted;
use crate::document::{Block, Column, Document, Row as Line, Table, Text, Tone};
use crate::figure;
use crate::panel::{Contender, Panel};
use crate::section::theme::Theme;

/// A theme with this share of a saving is where it came from.
const MOSTLY: f64 = 0.9;

/// Bytes of one call of every case, by theme; and where a saving came from.
pub fn write(study: &Study, panel: &Panel) -> Document {
    let mut document = Document::default();
    let sums = Sums::of(study, panel);
    if sums.themes.iter().all(|(_, _, bytes)| bytes.iter().all(|bytes| *bytes == 0.0)) {
        return document;
    }
    document.push(Block::Table(sums.table(panel)));
    let cases = figure::count(sums.themes.iter().map(|(_, count, _)| count).sum(), "case");
    let left_out = sums.left_out(panel);
    document.paragraph(Text::of(
        Tone::Faint,
        format!("Bytes of one call of each case: {cases}, counted for all{left_out}."),
    ));
    document.list((0..sums.who.len()).filter_map(|place| sums.saving(panel, place)).collect());
    document
}

/// Bytes of one call of every case that was counted for all who were counted at all.
struct Sums {
    /// Indices of contenders that were counted.
    who: Vec<usize>,
    /// Theme, cases, and the bytes of each.
    themes: Vec<(Theme, usize, Vec<f64>)>,
}

impl Sums {
    fn of(study: &Study, panel: &Panel) -> Self {
        let cases = panel.cases(study);
        let is_counted = |who: &Contender| cases.iter().any(|case| counted(study, who, case).is_some());
        let who: Vec<usize> =
            (0..panel.contenders.len()).filter(|&index| is_counted(&panel.contenders[index])).collect();
        let bytes = |case: &Case| -> Option<Vec<f64>> {
            who.iter().map(|&index| Some(counted(study, &panel.contenders[index], case)?.bytes)).collect()
        };
        let of_theme = |theme| {
            let rows = cases.iter().filter(|case| Theme::of(case) == theme).filter_map(|case| bytes(case));
            let rows: Vec<Vec<f64>> = rows.collect();
            let sums = (0..who.len()).map(|place| rows.iter().map(|row| row[place]).sum()).collect();
            (theme, rows.len(), sums)
        };
        let themes = Theme::ALL.map(of_theme).into_iter().filter(|(_, count, _)| *count > 0).collect();
        Self { who, themes }
    }

    /// Where a contender stands among those counted.
    fn place(&self, index: usize) -> Option<usize> {
        self.who.iter().position(|&who| who == index)
    }

    fn table(&self, panel: &Panel) -> Table {
        let mut columns = vec![Column::words("layer"), Column::figures("cases")];
        for &index in &self.who {
            let contender = &panel.contenders[index];
            columns.push(Column::figures(Text::code(figure::cut(&contender.label, 24))));
            if !contender.is_baseline(panel) {
                columns.push(Column::figures("change"));
            }
        }
        let rows = self.themes.iter().map(|(theme, count, bytes)| {
            let cells = (0..self.who.len()).flat_map(|place| self.cells(panel, place, bytes));
            Line::of([theme.word().into(), count.to_string().into()].into_iter().chain(cells).collect())
        });
        Table { rows: rows.collect(), columns }
    }

    fn cells(&self, panel: &Panel, place: usize, bytes: &[f64]) -> Vec<Text> {
        let amount = figure::bytes(bytes[place]).into();
        if panel.contenders[self.who[place]].is_baseline(panel) {
            return vec![amount];
        }
        let before = self.baseline(panel, place).map(|before| bytes[before]);
        vec![amount, before.map_or_else(figure::none, |before| figure::less(bytes[place], before))]
    }

    fn baseline(&self, panel: &Panel, place: usize) -> Option<usize> {
        panel.baseline_of(self.who[place]).and_then(|index| self.place(index))
    }

    fn left_out(&self, panel: &Panel) -> String {
        let lost = panel.contenders.iter().enumerate().filter(|(index, _)| !self.who.contains(index));
        let lost: Vec<&str> = lost.map(|(_, contender)| contender.label.as_str()).collect();
        if lost.is_empty() {
            String::new()
        } else {
            format!(" but {}, whose allocations were not counted", lost.join(", "))
        }
    }

    /// `pooled asks for 9.21 MiB less than naive: all of it is in model inference, not in single ops`. Memory's own cases are
    /// there to ask for much, and would drown the rest.
    fn saving(&self, panel: &Panel, place: usize) -> Option<Text> {
        let before = self.baseline(panel, place)?;
        let layers = self.themes.iter().filter(|(theme, ..)| *theme != Theme::Memory);
        let spared: Vec<(Theme, f64)> =
            layers.map(|(theme, _, bytes)| (*theme, bytes[before] - bytes[place])).collect();
        let whole: f64 = spared.iter().map(|(_, bytes)| bytes).sum();
        let [label, baseline] = [place, before].map(|place| panel.contenders[self.who[place]].label.as_str());
        let but_memory = if self.themes.len() > spared.len() { "Memory's own cases aside, " } else { "" };
        let text = Text::from(but_memory).and(Tone::Code, label);
        if whole == 0.0 {
            return (!spared.is_empty()).then(|| text.plain(" asks for as much as ").and(Tone::Code, baseline));
        }
        let word = if whole > 0.0 { "less" } else { "more" };
        let amount = figure::bytes(whole.abs());
        let text = text.plain(format!(" asks for {amount} {word} than ")).and(Tone::Code, baseline);
        Some(text.plain(format!(": {}", origin(&spared, whole))))
    }
}

/// The layer that most of a difference is in; else all that have a part in it.
fn origin(spared: &[(Theme, f64)], whole: f64) -> String {
    let mut parts: Vec<(Theme, f64)> = spared.iter().map(|(theme, bytes)| (*theme, bytes / whole)).collect();
    parts.retain(|(_, part)| *part != 0.0);
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    if parts.iter().any(|(_, part)| *part < 0.0) {
        return both_ways(spared);
    }
    match parts[..] {
        [(theme, part), ..] if part >= MOSTLY => {
            let others = if theme == Theme::Models { ", not in single ops" } else { ", not in other layers" };
            match part == 1.0 {
                true => format!("all of it in {}{}", theme.word(), if spared.len() > 1 { others } else { "" }),
                false => format!("{} of it in {}", figure::share(part), theme.word()),
            }
        }
        _ => {
            let parts = parts.iter().map(|(theme, part)| format!("{} in {}", figure::share(*part), theme.word()));
            parts.collect::<Vec<_>>().join(", ")
        }
    }
}

/// Less in one layer and more in another: shares of the difference would add up to nothing that a reader expects.
fn both_ways(spared: &[(Theme, f64)]) -> String {
    let mut parts: Vec<&(Theme, f64)> = spared.iter().filter(|(_, bytes)| *bytes != 0.0).collect();
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let word = |bytes: f64| if bytes > 0.0 { "less" } else { "more" };
    let parts = parts
        .iter()
        .map(|(theme, bytes)| format!("{} {} in {}", figure::bytes(bytes.abs()), word(*bytes), theme.word()));
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saving_has_its_origin() {
        #[track_caller]
        fn check(spared: &[(Theme, f64)], want: &str) {
            assert_eq!(origin(spared, spared.iter().map(|(_, bytes)| bytes).sum()), want);
        }
        check(&[(Theme::Models, 8.0), (Theme::Rows, 0.0)], "all of it in model inference, not in single ops");
        check(&[(Theme::Models, -8.0)], "all of it in model inference");
        check(&[(Theme::Models, 95.0), (Theme::Rows, 5.0)], "95 % of it in model inference");
        check(
            &[(Theme::Models, -4096.0), (Theme::Matmul, 1024.0)],
            "4 KiB more in model inference, 1 KiB less in matmul",
        );
        check(&[(Theme::Models, 60.0), (Theme::Rows, 40.0)], "60 % in model inference, 40 % in activations and rows");
    }
}
