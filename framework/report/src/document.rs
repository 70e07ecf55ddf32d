//! What a report says, before anybody decides how it looks.
//!
//! Texts are raw: names may come from a stranger's plugin, and only a renderer knows what is dangerous where
//! (see [`crate::escape`]). A note is part of the value it qualifies; renderers number it and print it below.

use crate::plot::Plot;

/// A report: blocks from top to bottom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// From top to bottom.
    pub blocks: Vec<Block>,
}

/// One block of a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A title; level 1 is the report's own.
    Heading(u8, Text),
    /// Running text.
    Paragraph(Text),
    /// Points.
    List(Vec<Text>),
    /// Figures in columns.
    Table(Table),
    /// Lengths from zero, to be compared by eye.
    Bars(Bars),
    /// Text to be copied as it is.
    Code(String),
    /// A drawing. Formats of text leave it out: it shows nothing that no table says.
    Plot(Plot),
}

/// A line of text, in pieces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// From left to right.
    pub spans: Vec<Span>,
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Raw.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// What qualifies it.
    pub note: Option<String>,
}

/// How a piece of text is meant. Never the only carrier of a meaning: the words or figures say it too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// To be seen first.
    Strong,
    /// A name or a command, to be copied as it is.
    Code,
    /// To be seen last.
    Faint,
    /// Faster, cheaper.
    Good,
    /// Slower, dearer, wrong.
    Bad,
    /// Be careful.
    Caution,
}

/// Figures in columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// From left to right.
    pub columns: Vec<Column>,
    /// From top to bottom.
    pub rows: Vec<Row>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// What stands in it.
    pub title: Text,
    /// Which edge its values share.
    pub align: Align,
    /// What may become of it where there is little room.
    pub fit: Fit,
    /// Does it belong to the figure on its left?
    pub near: bool,
}

/// Which edge the values of a column share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// What may become of a column where there is little room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Names a group of rows, in the first of them: may move to a line of its own above the group.
    Stub,
    /// Stays.
    Keep,
    /// May be left out, the highest number first; the reader is told.
    Drop(u8),
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// At most one for each column.
    pub cells: Vec<Text>,
    /// Words in place of all cells that follow.
    pub rest: Option<Text>,
    /// What it is about, where that is one backend at one case.
    pub subject: Option<Subject>,
}

/// What a row or a mark is about: what links lead to, and what filters go by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The case's title.
    pub case: String,
    /// Its suite.
    pub suite: String,
    /// Who.
    pub backend: String,
    /// What became of it, in a word: a verdict's, else the outcome's.
    pub verdict: &'static str,
}

/// Lengths from zero, to be compared by eye.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bars {
    /// From top to bottom.
    pub bars: Vec<Bar>,
}

/// One length.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Whose.
    pub label: String,
    /// How long, in any unit; `None` draws nothing and says so.
    pub value: Option<f64>,
    /// The value in words.
    pub caption: String,
}

impl Document {
    /// Appends a title.
    pub fn heading(&mut self, level: u8, text: impl Into<Text>) -> &mut Self {
        self.push(Block::Heading(level, text.into()))
    }

    /// Appends running text.
    pub fn paragraph(&mut self, text: impl Into<Text>) -> &mut Self {
        self.push(Block::Paragraph(text.into()))
    }

    /// Appends points; nothing if there are none.
    pub fn list(&mut self, points: Vec<Text>) -> &mut Self {
        if points.is_empty() { self } else { self.push(Block::List(points)) }
    }

    /// All but the drawings.
    pub fn in_words(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(|block| !matches!(block, Block::Plot(_)))
    }

    /// The drawings.
    pub fn plots(&self) -> impl Iterator<Item = &Plot> {
        self.blocks.iter().filter_map(|block| if let Block::Plot(plot) = block { Some(plot) } else { None })
    }

    /// Appends one block.
    pub fn push(&mut self, block: Block) -> &mut Self {
        self.blocks.push(block);
        self
    }

    /// Appends all of another document.
    pub fn append(&mut self, other: Self) -> &mut Self {
        self.blocks.extend(other.blocks);
        self
    }
}

impl Text {
    /// A text of one piece.
    pub fn of(tone: Tone, text: impl Into<String>) -> Self {
        Self::default().and(tone, text)
    }

    /// A name or a command.
    pub fn code(text: impl Into<String>) -> Self {
        Self::of(Tone::Code, text)
    }

    /// Appends a piece.
    pub fn and(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.spans.push(Span { text: text.into(), tone, note: None });
        self
    }

    /// Appends a plain piece.
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.and(Tone::Plain, text)
    }

    /// Qualifies the last piece.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        if let Some(span) = self.spans.last_mut() {
            span.note = Some(note.into());
        }
        self
    }

    /// Nothing to be seen?
    pub fn is_empty(&self) -> bool {
        self.spans.iter().all(|span| span.text.is_empty() && span.note.is_none())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::of(Tone::Plain, text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::of(Tone::Plain, text)
    }
}

impl Column {
    /// Of words.
    pub fn words(title: impl Into<Text>) -> Self {
        Self { title: title.into(), align: Align::Left, fit: Fit::Keep, near: false }
    }

    /// Of figures.
    pub fn figures(title: impl Into<Text>) -> Self {
        Self { title: title.into(), align: Align::Right, fit: Fit::Keep, near: false }
    }

    /// The same column, close to the figure on its left.
    pub fn near(mut self) -> Self {
        self.near = true;
        self
    }

    /// The same column with another fate.
    pub fn fit(mut self, fit: Fit) -> Self {
        self.fit = fit;
        self
    }
}

impl Row {
    /// A row of cells.
    pub fn of(cells: Vec<Text>) -> Self {
        Self { cells, rest: None, subject: None }
    }

    /// A row whose last cells are words.
    pub fn ending(cells: Vec<Text>, rest: impl Into<Text>) -> Self {
        Self { cells, rest: Some(rest.into()), subject: None }
    }

    /// The same row about somebody at something.
    pub fn about(self, subject: Subject) -> Self {
        Self { subject: Some(subject), ..self }
    }
}
