//! A document on a terminal.

use super::notes::Notes;
use super::styled::{Style, Styled};
use super::{bars, grid};
use crate::document::{Block, Document, Text, Tone};

/// The document as lines of a terminal, no wider than asked where words allow, ending in a line break.
pub fn terminal(document: &Document, style: Style) -> String {
    let stacked = document.blocks.iter().any(|block| must_stack(block, style.width));
    let mut out = String::new();
    let mut above: Option<&Block> = None;
    for block in document.in_words() {
        if above.replace(block).is_some_and(|above| apart(above, block)) {
            out.push('\n');
        }
        for line in lines(block, style.width, stacked) {
            out.push_str(&line.paint(style.colour));
            out.push('\n');
        }
    }
    out
}

/// If one table needs it, all of them do: the eye learns one form.
fn must_stack(block: &Block, width: usize) -> bool {
    matches!(block, Block::Table(table) if grid::must_stack(table, width))
}

/// An empty line stands between blocks, but not below a title nor below words that announce.
fn apart(before: &Block, block: &Block) -> bool {
    match (before, block) {
        (Block::Heading(level, _), _) => *level < 3,
        (Block::Paragraph(_), Block::List(_) | Block::Bars(_) | Block::Table(_)) => false,
        _ => true,
    }
}

fn lines(block: &Block, width: usize, stacked: bool) -> Vec<Styled> {
    let mut notes = Notes::default();
    let mut lines = match block {
        Block::Heading(level, text) => heading(*level, text, &mut notes),
        Block::Paragraph(text) => Styled::of(text, &mut notes).wrapped(width),
        Block::List(points) => {
            let point = |point| Styled::of(point, &mut notes).hanging(Styled::piece(Tone::Faint, "- "), width);
            points.iter().flat_map(point).collect()
        }
        Block::Table(table) => grid::lines(table, width, stacked, &mut notes),
        Block::Bars(bars) => bars::lines(bars).iter().map(|line| Styled::piece(Tone::Plain, line)).collect(),
        Block::Code(code) => code.lines().map(|line| Styled::piece(Tone::Code, &format!("  {line}"))).collect(),
        Block::Plot(_) => Vec::new(),
    };
    for (mark, note) in notes.all() {
        let mark = Styled::piece(Tone::Faint, &format!("{mark} "));
        lines.extend(Styled::piece(Tone::Plain, note).hanging(mark, width));
    }
    lines
}

/// The first levels are underlined; below that a strong line must do.
fn heading<'a>(level: u8, text: &'a Text, notes: &mut Notes<'a>) -> Vec<Styled> {
    let line = Styled::of(text, notes);
    let line = match level {
        0..3 => line.toned(Tone::Strong),
        _ => {
            let mut marked = Styled::piece(Tone::Faint, "▌ ");
            marked.extend(line.toned(Tone::Strong));
            marked
        }
    };
    let rule = match level {
        0 | 1 => "═",
        2 => "─",
        _ => return vec![line],
    };
    let rule = Styled::piece(Tone::Faint, &rule.repeat(line.width()));
    vec![line, rule]
}
