//! A line of terminal text that knows its width, whatever colours it will have.

use unicode_width::UnicodeWidthStr;

use super::notes::Notes;
use crate::document::{Align, Text, Tone};
use crate::escape;

/// What a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// May ANSI colours be used?
    pub colour: bool,
    /// Columns.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { colour: false, width: 100 }
    }
}

/// A line in pieces, harmless and without line breaks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Styled {
    pieces: Vec<(Tone, String)>,
}

impl Styled {
    /// A text with its notes' marks.
    pub fn of<'a>(text: &'a Text, notes: &mut Notes<'a>) -> Self {
        let mut line = Self::default();
        for span in &text.spans {
            line.push(span.tone, &escape::plain(&span.text));
            if let Some(note) = &span.note {
                line.push(Tone::Faint, &notes.mark(note));
            }
        }
        line
    }

    /// A line of one piece.
    pub fn piece(tone: Tone, text: &str) -> Self {
        let mut line = Self::default();
        line.push(tone, &escape::plain(text));
        line
    }

    /// So much space.
    pub fn blank(width: usize) -> Self {
        let mut line = Self::default();
        line.push(Tone::Plain, &" ".repeat(width));
        line
    }

    /// Appends what is harmless already.
    pub fn push(&mut self, tone: Tone, text: &str) {
        if !text.is_empty() {
            self.pieces.push((tone, text.to_owned()));
        }
    }

    /// Appends another line.
    pub fn extend(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
    }

    /// The same words in another tone where they have none of their own.
    pub fn toned(mut self, tone: Tone) -> Self {
        self.pieces.iter_mut().filter(|(own, _)| *own == Tone::Plain).for_each(|(own, _)| *own = tone);
        self
    }

    /// The same words, all in one tone.
    pub fn all(mut self, tone: Tone) -> Self {
        self.pieces.iter_mut().for_each(|(own, _)| *own = tone);
        self
    }

    /// Columns it takes.
    pub fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| text.width()).sum()
    }

    /// Filled with spaces to a width.
    pub fn aligned(mut self, align: Align, width: usize) -> Self {
        let space = " ".repeat(width.saturating_sub(self.width()));
        match align {
            Align::Left => self.push(Tone::Plain, &space),
            Align::Right if !space.is_empty() => self.pieces.insert(0, (Tone::Plain, space)),
            Align::Right => {}
        }
        self
    }

    /// At most so wide, with `…` in place of the middle, since names differ at both ends.
    pub fn elided(self, width: usize) -> Self {
        if self.width() <= width || width == 0 {
            return self;
        }
        let chars: Vec<(Tone, char)> =
            self.pieces.iter().flat_map(|(tone, text)| text.chars().map(|c| (*tone, c))).collect();
        let head = fitting(chars.iter(), width / 2);
        let tail = fitting(chars.iter().rev(), width - 1 - width / 2);
        let mut line = Self::default();
        chars[..head].iter().for_each(|(tone, c)| line.push(*tone, c.encode_utf8(&mut [0; 4])));
        line.push(Tone::Faint, "…");
        chars[chars.len() - tail..].iter().for_each(|(tone, c)| line.push(*tone, c.encode_utf8(&mut [0; 4])));
        line
    }

    /// Broken at spaces into lines of at most so many columns.
    pub fn wrapped(self, width: usize) -> Vec<Self> {
        let mut lines = vec![Self::default()];
        for (tone, text) in &self.pieces {
            for word in text.split_inclusive(' ').flat_map(|word| chunks(word, width)) {
                let used = lines.last().map_or(0, Self::width);
                if used > 0 && used + word.trim_end().width() > width {
                    lines.push(Self::default());
                }
                lines.last_mut().expect("there is always a line").push(*tone, word);
            }
        }
        lines
    }

    /// Broken likewise behind a mark, with the lines that follow below the first.
    pub fn hanging(self, mark: Self, width: usize) -> Vec<Self> {
        let indent = mark.width();
        let mut marks = std::iter::once(mark).chain(std::iter::repeat_with(|| Self::blank(indent)));
        let lines = self.wrapped(width.saturating_sub(indent)).into_iter();
        lines
            .map(|text| {
                let mut line = marks.next().unwrap_or_default();
                line.extend(text);
                line
            })
            .collect()
    }

    /// The bytes for a terminal, no spaces at the end.
    pub fn paint(&self, colour: bool) -> String {
        let mut pieces = self.pieces.clone();
        while let Some((_, last)) = pieces.last_mut() {
            last.truncate(last.trim_end().len());
            if !last.is_empty() {
                break;
            }
            pieces.pop();
        }
        pieces.iter().map(|(tone, text)| if colour { painted(*tone, text) } else { text.clone() }).collect()
    }
}

/// A word, in pieces if it is wider than a line.
fn chunks(mut word: &str, width: usize) -> Vec<&str> {
    let mut chunks = Vec::new();
    while word.trim_end().width() > width.max(1) {
        let mut used = 0;
        let end = word.char_indices().find(|(_, c)| {
            used += c.encode_utf8(&mut [0; 4]).width();
            used > width.max(1)
        });
        let (chunk, rest) = word.split_at(end.map_or(word.len(), |(at, c)| at.max(c.len_utf8())));
        chunks.push(chunk);
        word = rest;
    }
    chunks.push(word);
    chunks
}

/// How many characters fit into a width.
fn fitting<'a>(chars: impl Iterator<Item = &'a (Tone, char)>, width: usize) -> usize {
    let mut used = 0;
    chars
        .take_while(|(_, c)| {
            used += c.encode_utf8(&mut [0; 4]).width();
            used <= width
        })
        .count()
}

fn painted(tone: Tone, text: &str) -> String {
    let code = match tone {
        Tone::Plain | Tone::Code => return text.to_owned(),
        Tone::Strong => "1",
        Tone::Faint => "2",
        Tone::Good => "32",
        Tone::Bad => "31",
        Tone::Caution => "33",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_elided_in_the_middle() {
        #[track_caller]
        fn check(width: usize, want: &str) {
            assert_eq!(Styled::piece(Tone::Code, "matmul/512x512x512").elided(width).paint(false), want);
        }
        check(18, "matmul/512x512x512");
        check(13, "matmul…12x512");
        check(3, "m…2");
        check(0, "matmul/512x512x512");
    }

    #[test]
    fn lines_break_at_spaces() {
        let lines = Styled::piece(Tone::Plain, "one two three").wrapped(7);
        assert_eq!(lines.iter().map(|line| line.paint(false)).collect::<Vec<_>>(), ["one two", "three"]);
        let lines = Styled::piece(Tone::Plain, "a verylongword").wrapped(5);
        assert_eq!(lines.iter().map(|line| line.paint(false)).collect::<Vec<_>>(), ["a", "veryl", "ongwo", "rd"]);
    }

    #[test]
    fn colours_only_when_asked() {
        let line = Styled::piece(Tone::Bad, "1.2x \x1b[2J");
        assert_eq!(line.paint(true), "\x1b[31m1.2x \\u{1b}[2J\x1b[0m");
        assert_eq!(line.paint(false), "1.2x \\u{1b}[2J");
    }
}
