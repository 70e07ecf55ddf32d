//! A document as GitHub-flavoured Markdown, which other forges render too.

use super::bars;
use super::notes::Notes;
use crate::document::{Align, Block, Document, Row, Table, Text, Tone};
use crate::escape;

/// The document as Markdown, ending in a line break.
pub fn markdown(document: &Document) -> String {
    document.in_words().map(block).collect::<Vec<_>>().join("\n")
}

fn block(block: &Block) -> String {
    let mut notes = Notes::default();
    let mut out = match block {
        Block::Heading(level, text) => {
            format!("{} {}\n", "#".repeat(usize::from(*level).clamp(1, 6)), inline(text, Place::Text, &mut notes))
        }
        Block::Paragraph(text) => paragraph(text, &mut notes),
        Block::List(points) => points.iter().map(|point| format!("- {}", paragraph(point, &mut notes))).collect(),
        Block::Table(table) => grid(table, &mut notes),
        Block::Bars(bars) => escape::markdown_block("text", &bars::lines(bars).join("\n")) + "\n",
        Block::Code(code) => escape::markdown_block("sh", code) + "\n",
        Block::Plot(_) => String::new(),
    };
    for (mark, note) in notes.all() {
        out += &format!("\n{mark} {}\n", escape::markdown(note));
    }
    out
}

fn paragraph<'a>(text: &'a Text, notes: &mut Notes<'a>) -> String {
    escape::markdown_start(inline(text, Place::Text, notes)) + "\n"
}

/// Where a text stands; a `|` means something else in a table.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Text,
    Cell,
}

fn inline<'a>(text: &'a Text, place: Place, notes: &mut Notes<'a>) -> String {
    let mut out = String::new();
    for span in text.spans.iter().filter(|span| !span.text.is_empty()) {
        out += &match (span.tone, place) {
            (Tone::Code, Place::Text) => escape::markdown_code(&span.text),
            (Tone::Code, Place::Cell) => escape::markdown_cell_code(&span.text),
            (Tone::Strong, _) => strong(&span.text),
            _ => escape::markdown(&span.text),
        };
        if let Some(note) = &span.note {
            out += &notes.mark(note);
        }
    }
    out
}

/// Stars hold only where no space stands inside them.
fn strong(text: &str) -> String {
    let inner = text.trim();
    if inner.is_empty() {
        return text.to_owned();
    }
    let (before, after) = text.split_once(inner).unwrap_or(("", ""));
    format!("{before}**{}**{after}", escape::markdown(inner))
}

fn grid<'a>(table: &'a Table, notes: &mut Notes<'a>) -> String {
    let titles: Vec<String> = table.columns.iter().map(|column| inline(&column.title, Place::Cell, notes)).collect();
    let rule = table.columns.iter().map(|column| match column.align {
        Align::Left => ":---".to_owned(),
        Align::Right => "---:".to_owned(),
    });
    let mut out = line(titles) + &line(rule.collect());
    for row in &table.rows {
        out += &line(cells(row, table.columns.len(), notes));
    }
    out
}

/// Markdown has no cell over several columns: such words stand in the first of them.
fn cells<'a>(row: &'a Row, columns: usize, notes: &mut Notes<'a>) -> Vec<String> {
    let mut cells: Vec<String> =
        row.cells.iter().chain(&row.rest).map(|cell| inline(cell, Place::Cell, notes)).collect();
    cells.resize(columns.max(cells.len()), String::new());
    cells
}

fn line(cells: Vec<String>) -> String {
    format!("| {} |\n", cells.join(" | "))
}
