//! Pool, zeros, in place, fused: two cases that differ in nothing else, beside each other.

use serde_json::{Value, json};
use smbench_core::case::Case;
use smbench_core::study::{Row, Study};
use smbench_core::units::{Nanoseconds, Ratio};

use crate::document::{Block as Part, Column, Document, Fit, Row as Line, Table, Text, Tone};
use crate::figure;
use crate::panel::{Contender, Panel};
use crate::section::simd::absent;
use crate::section::theme::is_acquire;

/// What two cases differ in.
struct Block {
    title: &'static str,
    about: &'static str,
    /// The parameter, and what it is without and with the technique.
    param: &'static str,
    without: fn() -> Value,
    with: fn() -> Value,
}

const BLOCKS: [Block; 4] = [
    Block {
        title: "Pool",
        about: "A tensor is acquired, touched and released; without: what is held for reuse is returned every time.",
        param: "trimmed",
        without: || json!(true),
        with: || json!(false),
    },
    Block {
        title: "In place",
        about: "The result goes over the first input, instead of into a tensor that is acquired for it.",
        param: "output",
        without: || json!("backend"),
        with: || json!("in_place"),
    },
    Block {
        title: "Fused",
        about: "One op does what several simpler ones would.",
        param: "output",
        without: || json!("composed"),
        with: || json!("backend"),
    },
    Block {
        title: "Zeros",
        about: "A tensor is acquired, touched and released; with: it was asked for as zeros.",
        param: "zeroed",
        without: || json!(false),
        with: || json!(true),
    },
];

/// The original chart counted memory over so many calls, and so do these tables.
const ITERATIONS: f64 = 1000.0;

/// A table for each technique that was measured with and without.
pub fn write(study: &Study, panel: &Panel) -> Document {
    let mut document = Document::default();
    for block in &BLOCKS {
        let pairs = block.pairs(study, panel);
        let rows: Vec<Line> = pairs.iter().flat_map(|pair| lines(study, panel, pair)).collect();
        if !rows.is_empty() {
            document.paragraph(Text::of(Tone::Strong, block.title).plain(format!(". {}", block.about)));
            document.push(Part::Table(Table { columns: columns(panel), rows }));
        }
    }
    if !document.blocks.is_empty() {
        document.paragraph(Text::of(Tone::Faint, NOTE));
        document.list(faults(study, panel).into_iter().chain(allocator(study, panel)).collect());
    }
    document
}

const NOTE: &str = "Without → with. Bytes and blocks: per call, times 1,000. Times and their ratios here are those of two \
                    cases' medians in one run: not paired, and without an interval.";

/// The cases that stand in one of these tables.
pub fn cases<'a>(study: &'a Study, panel: &Panel) -> Vec<&'a Case> {
    BLOCKS.iter().flat_map(|block| block.pairs(study, panel)).flat_map(|(without, with)| [without, with]).collect()
}

impl Block {
    /// The cases without, each with its counterpart.
    fn pairs<'a>(&self, study: &'a Study, panel: &Panel) -> Vec<(&'a Case, &'a Case)> {
        let cases = panel.cases(study);
        let without = cases.iter().filter(|case| self.applies(case));
        without
            .filter_map(|case| Some((*case, *cases.iter().find(|other| self.is_counterpart(case, other))?)))
            .collect()
    }

    /// A tensor that is trimmed and zeroed says nothing of zeros: the system's pages are zero.
    fn applies(&self, case: &Case) -> bool {
        let trimmed = case.params.get("trimmed") == Some(&json!(true));
        case.params.get(self.param) == Some(&(self.without)()) && !(self.param == "zeroed" && trimmed)
    }

    fn is_counterpart(&self, case: &Case, other: &Case) -> bool {
        let mut wanted = case.params.clone();
        wanted.insert(self.param.to_owned(), (self.with)());
        let place = |case: &Case| (case.suite.clone(), case.op().to_owned(), case.size().to_owned(), case.threads);
        place(case) == place(other) && wanted == other.params
    }
}

fn columns(panel: &Panel) -> Vec<Column> {
    vec![
        Column::words("case").fit(Fit::Stub),
        Column::words(panel.who()),
        Column::figures("bytes"),
        Column::figures("saving"),
        Column::figures("blocks").fit(Fit::Drop(1)),
        Column::figures("faults per call"),
        Column::figures("time"),
        Column::figures("ratio"),
    ]
}

fn lines(study: &Study, panel: &Panel, &(without, with): &(&Case, &Case)) -> Vec<Line> {
    let mut name = Text::code(name(with));
    panel.contenders.iter().map(|who| line(std::mem::take(&mut name), study, who, without, with)).collect()
}

/// `add 262144`, `acquire 1MiB, zeroed`.
fn name(with: &Case) -> String {
    let zeroed = if is_acquire(with) && with.params.get("zeroed") == Some(&json!(true)) { ", zeroed" } else { "" };
    let threads = if with.threads > 1 { format!(" · {} threads", with.threads) } else { String::new() };
    format!("{} {}{zeroed}{threads}", with.op(), with.size())
}

fn line(name: Text, study: &Study, contender: &Contender, without: &Case, with: &Case) -> Line {
    let rows = [without, with].map(|case| contender.row(study, case).map(|(_, row)| row));
    let cells = vec![name, Text::code(&*contender.label)];
    match rows.map(|row| row.filter(|row| row.time_ns.is_some())) {
        [Some(without), Some(with)] => Line::of(cells.into_iter().chain(figures(without, with)).collect()),
        measured => {
            let lost = if measured[0].is_none() { rows[0] } else { rows[1] };
            Line::ending(cells, absent(lost))
        }
    }
}

fn figures(without: &Row, with: &Row) -> [Text; 6] {
    let step = |of: fn(&Row) -> Option<f64>, words: fn(f64) -> String| {
        let both = of(without).zip(of(with));
        both.map_or_else(figure::none, |(without, with)| figure::step(words(without), words(with)).into())
    };
    let bytes = without.allocations.zip(with.allocations).map(|(without, with)| (without.bytes, with.bytes));
    let [before, after] = [without, with].map(|row| row.time_ns.map_or(f64::NAN, |time| time.median));
    [
        step(|row| Some(ITERATIONS * row.allocations?.bytes), figure::bytes),
        bytes.map_or_else(figure::none, |(without, with)| figure::less(with, without)),
        step(|row| Some(ITERATIONS * row.allocations?.count), figure::number),
        step(|row| row.page_faults, figure::number),
        figure::step(Nanoseconds(before).to_string(), Nanoseconds(after).to_string()).into(),
        Ratio(after / before).to_string().into(),
    ]
}

/// From which size on the system's pages were asked for again in every call.
fn faults(study: &Study, panel: &Panel) -> Option<Text> {
    let pool = &BLOCKS[0];
    let pairs = pool.pairs(study, panel);
    let faults = |case: &Case| {
        // The fewest: a backend that leaks meets them at every size.
        let rows = panel.contenders.iter().filter_map(|contender| contender.measured(study, case));
        rows.filter_map(|row| row.page_faults).reduce(f64::min)
    };
    let mut sizes: Vec<(u64, &str, f64)> =
        pairs.iter().filter_map(|(case, _)| Some((size(case)?, case.size(), faults(case)?))).collect();
    sizes.sort_by_key(|(bytes, ..)| std::cmp::Reverse(*bytes));
    // From the largest down, as long as there are some: a single small size with a fault is no threshold.
    let (_, smallest, _) = sizes.iter().take_while(|(.., faults)| *faults >= 1.0).last()?;
    Some(Text::from(format!("Without a pool, calls met page faults from {smallest} up when they were counted.")))
}

fn size(case: &Case) -> Option<u64> {
    case.params.get("bytes").and_then(Value::as_u64)
}

/// The allocator behind it, which may be a pool itself.
fn allocator(study: &Study, panel: &Panel) -> Vec<Text> {
    let mut names: Vec<&str> = Vec::new();
    for contender in &panel.contenders {
        let libc = study.runs[contender.run].machine.libc.as_str();
        if !names.contains(&libc) {
            names.push(libc);
        }
    }
    names.into_iter().map(about_allocator).collect()
}

fn about_allocator(libc: &str) -> Text {
    let about = match libc.starts_with("glibc") {
        true => {
            ", which keeps freed blocks below its mmap threshold for reuse: a pool spares page faults only above it."
        }
        false => ".",
    };
    Text::from("The system's allocator was that of ").and(Tone::Code, libc).plain(about)
}

#[cfg(test)]
mod tests {
    use smbench_core::study::Study;

    use super::*;
    use crate::fixture;
    use crate::panel::panels;

    fn names(study: &Study, block: &Block) -> Vec<(String, String)> {
        let pairs = block.pairs(study, &panels(study)[0]);
        pairs.into_iter().map(|(without, with)| (without.id.clone(), with.id.clone())).collect()
    }

    #[test]
    fn cases_are_paired_by_what_they_differ_in() {
        #[track_caller]
        fn check(study: &Study, block: &Block, want: &[(&str, &str)]) {
            let want: Vec<_> = want.iter().map(|(without, with)| ((*without).to_owned(), (*with).to_owned())).collect();
            assert_eq!(names(study, block), want, "{}", block.title);
        }
        let study = fixture::models();
        let [pool, in_place, fused, zeros] = BLOCKS;
        let acquired = "memory/acquire/64MiB/f32";
        let small = ("memory/acquire/2KiB/f32/trimmed", "memory/acquire/2KiB/f32");
        check(&study, &pool, &[small, ("memory/acquire/64MiB/f32/trimmed", acquired)]);
        check(&study, &in_place, &[("memory/add/262144/f32/backend", "memory/add/262144/f32/in_place")]);
        let composed = "memory/add_layernorm/32x512/f32/composed";
        check(&study, &fused, &[(composed, "memory/add_layernorm/32x512/f32/backend")]);
        check(&study, &zeros, &[(acquired, "memory/acquire/64MiB/f32/zeroed")]);
    }

    #[test]
    fn every_case_is_shown_once_or_counted() {
        let study = fixture::models();
        let panel = &panels(&study)[0];
        let here = cases(&study, panel);
        let there = crate::section::memory::per_op::write(&study, panel);
        let Part::Table(table) = &there.blocks[0] else { panic!("no table") };
        let Part::Paragraph(said) = &there.blocks[1] else { panic!("no sentence") };
        let nothing = panel.cases(&study).len() - here.len() - table.rows.len();
        // A tensor of 64 MiB without zeros stands in two of the tables.
        assert!(said.spans[0].text.starts_with(&format!("{} cases allocate nothing", nothing + 1)), "{said:?}");
    }
}
